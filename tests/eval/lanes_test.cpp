// lanes against the scalar functions of tenon::math, and both against the standard library in higher precision.
#include <tenon/core/math.hpp>
#include <tenon/eval/cpu/lane_operators.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace tenon {

// What a value rule looks like. The namesakes stand for the functions on graphs that tenon declares itself.
struct not_a_number {};
inline int exp(not_a_number) { return 0; }
inline int add(not_a_number, not_a_number) { return 0; }
inline int where(not_a_number, not_a_number, not_a_number) { return 0; }

struct test_rule {
  template <class V>
  static V value(V a, V b) {
    using namespace math;
    const V least = minimum(subtract(a, b), divide(multiply(a, b), negate(b)));
    return where(a < b, add(exp(least), sigmoid(b)), maximum(abs(a), sqrt(abs(b)) + log(abs(a)) * tanh(b)));
  }
};
struct test_cast_rule {
  template <class V>
  static auto value(V a) {
    using namespace math;
    return logical_and(cast<bool>(a), logical_not(logical_or(is_nan(a), a < a)));
  }
};

}  // namespace tenon

namespace {

using tenon::host::lanes;
namespace math = tenon::math;
constexpr int count = tenon::host::lane_count<>;

template <class T>
const std::vector<T>& specials() {
  static const std::vector<T> values = [] {
    using limits = std::numeric_limits<T>;
    std::vector<T> v{
        T(0), T(1), T(-1), T(2), T(-3), T(7), limits::max(), limits::lowest(), T(limits::max() / 2)};
    if constexpr (math::real<T>) {
      for (T x : {limits::infinity(), limits::quiet_NaN(), limits::min(), limits::denorm_min(), T(0),
                  T(limits::min() / 3), T(0.5), T(1.5), T(2147483647.0), T(2147483648.0), T(2147483520.0),
                  T(9223372036854775808.0), T(9.2e18), T(3e9), T(1e30), T(88.7), T(104), T(745.2)}) {
        v.push_back(x);
        v.push_back(-x);
      }
    } else {
      for (int shift : {8, 16, 24, 31}) {
        v.push_back(T(std::int64_t{1} << shift));
        v.push_back(T((std::int64_t{1} << shift) - 1));
        v.push_back(T(-(std::int64_t{1} << shift) - 1));
      }
    }
    return v;
  }();
  return values;
}

template <>
const std::vector<bool>& specials<bool>() {
  static const std::vector<bool> values{false, true};
  return values;
}

/// Same value, with all NaNs alike and zeros told apart by sign.
template <class T>
bool same(T a, T b) {
  if constexpr (math::real<T>) {
    return (a != a && b != b) || (a == b && std::signbit(a) == std::signbit(b));
  } else {
    return a == b;
  }
}

template <class T>
T lane(lanes<T> x, int i) {
  T v[count];
  x.store(v);
  return v[i];
}

/// Calls f(a, b) with every pair of specials, `count` pairs at once.
template <class T, class F>
void each_pair(F f) {
  const auto& s = specials<T>();
  const std::size_t all = s.size() * s.size();
  for (std::size_t k = 0; k < all; k += count) {
    T a[count], b[count];
    for (std::size_t i = 0; i < count; ++i) {
      a[i] = s[(k + i) % all / s.size()];
      b[i] = s[(k + i) % s.size()];
    }
    f(a, b);
  }
}

/// Counts the lanes of `got` that are not what `want` says of a[i], b[i].
template <class R, class T, class F>
int wrong(lanes<R> got, const T* a, const T* b, F want) {
  R v[count];
  got.store(v);
  int n = 0;
  for (int i = 0; i < count; ++i) n += !same<R>(v[i], want(a[i], b[i]));
  return n;
}

/// f(p) with the n values that end at the end of mapped memory.
template <class T, class F>
void at_the_edge(int n, F f) {
#if defined(__linux__)
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* two = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(two != MAP_FAILED);
  char* edge = static_cast<char*>(two) + page;
  REQUIRE(mprotect(edge, page, PROT_NONE) == 0);
  f(reinterpret_cast<T*>(edge) - n);
  munmap(two, 2 * page);
#else
  std::unique_ptr<T[]> p(new T[static_cast<std::size_t>(n)]);
  f(p.get());
#endif
}

}  // namespace

TEST_CASE_TEMPLATE("lanes: load, store, splat, first, iota", T, float, double, std::int32_t, std::int64_t) {
  T v[count + 1], r[count + 1];
  for (int i = 0; i <= count; ++i) v[i] = T(3 * i - 7);
  lanes<T>::load(v + 1).store(r + 1);
  for (int i = 1; i <= count; ++i) CHECK(r[i] == v[i]);
  CHECK(lanes<T>::load(v).first() == v[0]);
  for (int i = 0; i < count; ++i) {
    CHECK(lane(lanes<T>(T(5)), i) == T(5));
    CHECK(lane(lanes<T>::iota(T(-2)), i) == T(i - 2));
  }
}

TEST_CASE_TEMPLATE("lanes: partial loads and stores touch n values", T, float, double, std::int32_t,
                   std::int64_t, bool) {
  for (int n = 1; n < count; ++n) {
    at_the_edge<T>(n, [n](T* p) {
      for (int i = 0; i < n; ++i) p[i] = T(i % 3);
      const auto x = lanes<T>::load_partial(p, n);
      T all[count];
      x.store(all);
      for (int i = 0; i < count; ++i) CHECK(all[i] == p[i < n ? i : n - 1]);
      for (int i = 0; i < n; ++i) p[i] = T(1);
      x.store_partial(p, n);
      for (int i = 0; i < n; ++i) CHECK(p[i] == T(i % 3));
    });
    T out[count] = {};
    lanes<T>(T(1)).store_partial(out, n);
    for (int i = 0; i < count; ++i) CHECK(out[i] == T(i < n));
    std::vector<unsigned char> exact(sizeof(T) * static_cast<std::size_t>(n));  // for AddressSanitizer
    CHECK(lanes<T>::load_partial(reinterpret_cast<const T*>(exact.data()), n).first() == T(0));
  }
}

TEST_CASE("lanes: truth values are bytes of 0 or 1") {
  bool in[count + 1];
  for (int i = 0; i <= count; ++i) in[i] = i % 3 == 1;
  unsigned char out[count];
  bool read[count];
  lanes<bool>::load(in).store(read);
  std::memcpy(out, read, count);
  for (int i = 0; i < count; ++i) CHECK(out[i] == (i % 3 == 1 ? 1 : 0));
  CHECK_FALSE(lanes<bool>::load(in).first());
  CHECK(lanes<bool>::load(in + 1).first() == in[1]);
  std::int32_t words[count];
  lanes<bool>::load(in).to_words(words);
  for (int i = 0; i < count; ++i) CHECK(words[i] == (in[i] ? -1 : 0));
  lanes<bool>::from_words(words).store(read);
  for (int i = 0; i < count; ++i) CHECK(read[i] == in[i]);
  for (bool a : {false, true}) {
    CHECK((!lanes<bool>(a)).first() == !a);
    for (bool b : {false, true}) {
      const lanes<bool> x(a), y(b);
      for (int i : {0, count - 1}) {
        CHECK(lane(x && y, i) == (a && b));
        CHECK(lane(x || y, i) == (a || b));
        CHECK(lane(x == y, i) == (a == b));
        CHECK(lane(x != y, i) == (a != b));
        CHECK(lane(where(x, y, !y), i) == (a ? b : !b));
      }
    }
  }
  CHECK(lanes<bool>::fold(lanes<bool>::load(in), [](auto a, auto b) { return a || b; }));
}

TEST_CASE_TEMPLATE("lanes: arithmetic, comparison and selection are math's bit for bit", T, float, double,
                   std::int32_t, std::int64_t) {
  using L = lanes<T>;
  each_pair<T>([](const T* p, const T* q) {
    const L a = L::load(p), b = L::load(q);
    CHECK(wrong(a + b, p, q, [](T x, T y) { return math::add(x, y); }) == 0);
    CHECK(wrong(a - b, p, q, [](T x, T y) { return math::subtract(x, y); }) == 0);
    CHECK(wrong(a * b, p, q, [](T x, T y) { return math::multiply(x, y); }) == 0);
    CHECK(wrong(a / b, p, q, [](T x, T y) { return math::divide(x, y); }) == 0);
    CHECK(wrong(-a, p, q, [](T x, T) { return math::negate(x); }) == 0);
    CHECK(wrong(abs(a), p, q, [](T x, T) { return math::abs(x); }) == 0);
    CHECK(wrong(maximum(a, b), p, q, [](T x, T y) { return math::maximum(x, y); }) == 0);
    CHECK(wrong(minimum(a, b), p, q, [](T x, T y) { return math::minimum(x, y); }) == 0);
    CHECK(wrong(a < b, p, q, [](T x, T y) { return x < y; }) == 0);
    CHECK(wrong(a <= b, p, q, [](T x, T y) { return x <= y; }) == 0);
    CHECK(wrong(a > b, p, q, [](T x, T y) { return x > y; }) == 0);
    CHECK(wrong(a >= b, p, q, [](T x, T y) { return x >= y; }) == 0);
    CHECK(wrong(a == b, p, q, [](T x, T y) { return x == y; }) == 0);
    CHECK(wrong(a != b, p, q, [](T x, T y) { return x != y; }) == 0);
    CHECK(wrong(is_nan(a), p, q, [](T x, T) { return math::is_nan(x); }) == 0);
    CHECK(wrong(where(a < b, a, b), p, q, [](T x, T y) { return math::where(x < y, x, y); }) == 0);
    if constexpr (math::real<T>) {
      CHECK(wrong(sqrt(a), p, q, [](T x, T) { return std::sqrt(x); }) == 0);
      CHECK(std::isnan(math::maximum(p[0], std::numeric_limits<T>::quiet_NaN())));
      CHECK(std::isnan(math::minimum(std::numeric_limits<T>::quiet_NaN(), p[0])));
    }
  });
}

TEST_CASE("math: integers wrap and divide without trapping") {
  constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min(), most = ~least;
  CHECK(math::add(most, 1) == least);
  CHECK(math::subtract(least, 1) == most);
  CHECK(math::multiply(most, 2) == -2);
  CHECK(math::negate(least) == least);
  CHECK(math::abs(least) == least);
  CHECK(math::divide(least, -1) == least);
  CHECK(math::divide(7, 0) == 0);
  CHECK(math::divide(-7, 2) == -3);
  constexpr std::int64_t wide = std::numeric_limits<std::int64_t>::min();
  CHECK(math::divide(wide, std::int64_t{-1}) == wide);
  CHECK(math::multiply(wide, std::int64_t{-1}) == wide);
}

TEST_CASE("math: cast saturates reals, takes NaN to 0, wraps integers") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  CHECK(math::cast<std::int32_t>(std::numeric_limits<float>::quiet_NaN()) == 0);
  CHECK(math::cast<std::int32_t>(infinity) == std::numeric_limits<std::int32_t>::max());
  CHECK(math::cast<std::int32_t>(-infinity) == std::numeric_limits<std::int32_t>::min());
  CHECK(math::cast<std::int64_t>(1e300) == std::numeric_limits<std::int64_t>::max());
  CHECK(math::cast<std::int64_t>(-1e300) == std::numeric_limits<std::int64_t>::min());
  CHECK(math::cast<std::int32_t>(-2.9f) == -2);
  CHECK(math::cast<std::int32_t>(2147483647.5) == 2147483647);
  CHECK(math::cast<std::int32_t>(std::int64_t{1} << 32 | 5) == 5);
  CHECK(math::cast<bool>(-0.0) == false);
  CHECK(math::cast<bool>(std::numeric_limits<double>::quiet_NaN()));
  CHECK(math::cast<double>(true) == 1.0);
  CHECK(math::cast<float>(1e300) == infinity);
}

TEST_CASE_TEMPLATE("lanes: cast is math's for every pair", T, float, double, std::int32_t, std::int64_t,
                   bool) {
  each_pair<T>([](const T* p, const T* q) {
    const auto a = lanes<T>::load(p);
    CHECK(wrong(cast<float>(a), p, q, [](T x, T) { return math::cast<float>(x); }) == 0);
    CHECK(wrong(cast<double>(a), p, q, [](T x, T) { return math::cast<double>(x); }) == 0);
    CHECK(wrong(cast<std::int32_t>(a), p, q, [](T x, T) { return math::cast<std::int32_t>(x); }) == 0);
    CHECK(wrong(cast<std::int64_t>(a), p, q, [](T x, T) { return math::cast<std::int64_t>(x); }) == 0);
    CHECK(wrong(cast<bool>(a), p, q, [](T x, T) { return math::cast<bool>(x); }) == 0);
  });
}

TEST_CASE_TEMPLATE("lanes: fold is the tree of halves", T, float, double, std::int32_t, std::int64_t) {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> some(-1000000, 1000000);
  for (int trial = 0; trial < 20; ++trial) {
    T v[count], tree[count];
    for (int i = 0; i < count; ++i) tree[i] = v[i] = T(some(random)) / T(7);
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) tree[i] = T(tree[i] - T(2) * tree[i + half]);
    }
    const T got = lanes<T>::fold(lanes<T>::load(v), [](auto a, auto b) { return a - (b + b); });
    CHECK(got == tree[0]);
    const T most = lanes<T>::fold(lanes<T>::load(v), [](auto a, auto b) {
      using namespace math;
      return maximum(a, b);
    });
    CHECK(most == *std::max_element(v, v + count));
  }
}

TEST_CASE_TEMPLATE("lanes: a value rule serves scalars and lanes", T, float, double) {
  for (T a : {T(-1.5), T(0.25), T(2)}) {
    for (T b : {T(-0.5), T(0.25), T(3)}) {
      const T one = tenon::test_rule::value(a, b);
      const T got = lane(tenon::test_rule::value(lanes<T>(a), lanes<T>(b)), count - 1);
      CHECK(got == doctest::Approx(one).epsilon(1e-5));
    }
  }
  CHECK(tenon::test_cast_rule::value(T(2)));
  CHECK(tenon::test_cast_rule::value(lanes<T>(T(2))).first());
  CHECK_FALSE(tenon::test_cast_rule::value(lanes<T>(std::numeric_limits<T>::quiet_NaN())).first());
}

TEST_CASE_TEMPLATE("lanes: exp, log, tanh and sigmoid at the limits", T, float, double) {
  using L = lanes<T>;
  using limits = std::numeric_limits<T>;
  const T infinity = limits::infinity(), nan = limits::quiet_NaN();
  CHECK(exp(L(infinity)).first() == infinity);
  CHECK(same(exp(L(-infinity)).first(), T(0)));
  CHECK(same(exp(L(T(-1000))).first(), T(0)));
  CHECK(exp(L(T(0))).first() == T(1));
  CHECK(log(L(T(0))).first() == -infinity);
  CHECK(log(L(T(-0.0))).first() == -infinity);
  CHECK(log(L(infinity)).first() == infinity);
  CHECK(std::isnan(log(L(T(-1))).first()));
  CHECK(std::isnan(log(L(-infinity)).first()));
  CHECK(same(log(L(T(1))).first(), T(0)));
  CHECK(tanh(L(infinity)).first() == T(1));
  CHECK(tanh(L(-infinity)).first() == T(-1));
  CHECK(same(tanh(L(T(-0.0))).first(), T(-0.0)));
  CHECK(sigmoid(L(infinity)).first() == T(1));
  CHECK(same(sigmoid(L(-infinity)).first(), T(0)));
  CHECK(sigmoid(L(T(0))).first() == T(0.5));
  CHECK(same(math::sigmoid(-infinity), T(0)));
  CHECK(math::sigmoid(infinity) == T(1));
  for (const L& x : {exp(L(nan)), log(L(nan)), tanh(L(nan)), sigmoid(L(nan)), sqrt(L(nan))}) {
    for (int i : {0, count - 1}) CHECK(std::isnan(lane(x, i)));
  }
}

// argmax and argmin along every axis: every dtype, lines under any strides, ties, NaN, lengths about those of packets
// and pieces, against a loop.
#include "../support.hpp"

#include <tenon/ops/statistics.hpp>

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

/// Few distinct values, so that there are ties; with NaN and zeros of both signs where there are such.
template <class T>
tensor<T, dyn, dyn, dyn> sample(tenon::index a, tenon::index b, tenon::index c, bool gaps) {
  auto x = zeros<T>(a, b, c);
  unsigned state = 12345u + unsigned(a * 7 + b * 3 + c);
  for (tenon::index i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const unsigned r = state >> 16;
    if constexpr (std::is_same_v<T, bool>)
      x.own()[i] = r % 37 == 0;
    else if constexpr (is_floating(dtype_of<T>))
      x.own()[i] = gaps && r % 61 == 0 ? T(std::numeric_limits<float>::quiet_NaN())
                   : r % 5 == 0        ? T(r % 2 == 0 ? 0.0f : -0.0f)
                                       : T(float(int(r % 201) - 100));
    else if constexpr (std::is_signed_v<T>)
      x.own()[i] = r % 50 == 0 ? std::numeric_limits<T>::min() : T(int(r % 201) - 100);
    else
      x.own()[i] = r % 50 == 0 ? std::numeric_limits<T>::max() : T(r % 201);
  }
  return x;
}

template <class T>
bool nan(T v) {
  return v != v;
}

/// Places along axis A by a loop.
template <bool Greatest, class T>
vec by_hand(const tensor<T, dyn, dyn, dyn>& x, int axis) {
  vec r;
  dims e{x.extent(0), x.extent(1), x.extent(2)};
  const tenon::index n = e[std::size_t(axis)];
  e[std::size_t(axis)] = 1;
  for (tenon::index i = 0; i < e[0]; ++i)
    for (tenon::index j = 0; j < e[1]; ++j)
      for (tenon::index k = 0; k < e[2]; ++k) {
        const auto at = [&](tenon::index m) {
          return axis == 0 ? x(m, j, k) : axis == 1 ? x(i, m, k) : x(i, j, m);
        };
        tenon::index best = 0;
        for (tenon::index m = 1; m < n && !nan(at(best)); ++m)
          if (nan(at(m)) || (Greatest ? at(m) > at(best) : at(m) < at(best))) best = m;
        r.push_back(double(best));
      }
  return r;
}

template <class T>
void check_axes(const tensor<T, dyn, dyn, dyn>& x) {
  CHECK(values(argmax(x, axis<0>)) == by_hand<true>(x, 0));
  CHECK(values(argmax(x, axis<1>)) == by_hand<true>(x, 1));
  CHECK(values(argmax(x, axis<-1>)) == by_hand<true>(x, 2));
  CHECK(values(argmin(x, axis<0>)) == by_hand<false>(x, 0));
  CHECK(values(argmin(x, axis<1>, keepdims)) == by_hand<false>(x, 1));
  CHECK(values(argmin(x, axis<-1>)) == by_hand<false>(x, 2));
}

template <class T>
void check_dtype() {
  for (const bool gaps : {false, true})
    for (const auto& e : {dims{2, 3, 4}, dims{1, 70, 1}, dims{3, 17, 33}, dims{130, 1, 15}, dims{2, 31, 16}})
      check_axes(sample<T>(e[0], e[1], e[2], gaps));
}

}  // namespace

TEST_CASE("floating-point numbers") {
  check_dtype<float>();
  check_dtype<double>();
  check_dtype<float16>();
  check_dtype<bfloat16>();
}
TEST_CASE("integers and bools") {
  check_dtype<std::int8_t>();
  check_dtype<std::int16_t>();
  check_dtype<std::int32_t>();
  check_dtype<std::int64_t>();
  check_dtype<std::uint8_t>();
  check_dtype<std::uint16_t>();
  check_dtype<std::uint32_t>();
  check_dtype<std::uint64_t>();
  check_dtype<bool>();
}

TEST_CASE("long lines, and many side by side") {
  check_axes(sample<float>(2, 3000, 3, false));
  check_axes(sample<float>(1, 5, 1100, true));
  check_axes(sample<double>(1, 2049, 2, false));
  for (const tenon::index n : {1023, 1024, 1025, 2048, 5000}) {
    auto x = zeros<float>(n);
    for (const tenon::index at : {n - 1, n / 2, tenon::index(0)}) {  // the first of equal ones wins
      x.own()[at] = 1;
      CHECK(eval(argmax(x)).item() == at);
      CHECK(eval(argmin(-x)).item() == at);
    }
    x.own()[n - 2] = std::numeric_limits<float>::quiet_NaN();
    CHECK(eval(argmax(x)).item() == n - 2);
    CHECK(eval(argmin(x)).item() == n - 2);
  }
}

TEST_CASE("operands under strides") {
  const auto x = sample<float>(40, 21, 34, true);
  const auto same = [](const auto& view) {
    const tensor<float, dyn, dyn, dyn> copy = view + 0.0f;
    CHECK(values(argmax(view, axis<0>)) == values(argmax(copy, axis<0>)));
    CHECK(values(argmin(view, axis<1>)) == values(argmin(copy, axis<1>)));
    CHECK(values(argmax(view, axis<2>)) == values(argmax(copy, axis<2>)));
    CHECK(values(argmax(view)) == values(argmax(copy)));
    CHECK(values(argmax(copy, axis<1>)) == by_hand<true>(copy, 1));
  };
  same(permute<2, 0, 1>(x));
  same(permute<1, 2, 0>(x));
  same(flip(x, axes<0, 2>));
  same(slice<2, 1, 34, 3>(x));
  same(broadcast_to(slice<0, 3, 4>(x), shape_of(x)));
}

TEST_CASE("extents") {
  const auto x = ones<float, "batch", 7>(3);
  static_assert(std::is_same_v<decltype(argmax(x, axis<1>))::shape_type, shape_of_extents<"batch">>);
  static_assert(std::is_same_v<decltype(argmax(x, axis<0>, keepdims))::shape_type, shape_of_extents<1, 7>>);
  CHECK(values(argmax(zeros<float>(0, 2), axis<1>)) == vec{});
  CHECK(eval(argmax(zeros<float>(0, 2), axis<0>))(1) == std::numeric_limits<tenon::index>::max());
  CHECK(eval(argmax(tensor<float>(3.0f))).item() == 0);
}

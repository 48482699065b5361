// Kernels that read transposed, reversed and strided operands: each element from its place, whatever the size of
// the elements, the extents and the number of threads.
#include <tenon/tenon.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

template <class T>
T number_at(tenon::index i) {
  return T(static_cast<float>(i % 113));
}

template <class T>
auto counted(tenon::index a, tenon::index b, tenon::index c) {
  auto x = zeros<T>(a, b, c);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = number_at<T>(i);
  return x;
}

/// Compares y(i, j, k) with what stands at the place of x that `place` says.
template <class T, class Y, class F>
void check(const char* what, const Y& y, F place) {
  tenon::index wrong = 0;
  for (tenon::index i = 0; i < y.extent(0); ++i)
    for (tenon::index j = 0; j < y.extent(1); ++j)
      for (tenon::index k = 0; k < y.extent(2); ++k)
        wrong += T(y(i, j, k)) != T(number_at<T>(place(i, j, k)));
  INFO(std::string(what), " of ", std::string(name_of(dtype_of<T>)));
  CHECK(wrong == 0);
}

template <class T>
void check_dtype() {
  for (const auto& [a, b, c] : {std::array<tenon::index, 3>{1, 1, 1},
                                {2, 3, 5},
                                {1, 17, 33},
                                {3, 16, 64},
                                {5, 31, 129},
                                {2, 300, 70},
                                {70, 2, 300},
                                {1, 1100, 1030}}) {
    INFO(a, " x ", b, " x ", c);
    const auto x = counted<T>(a, b, c);
    const tenon::index n = b * c, m = c;
    for (const int threads : {1, 2}) {
      set_num_threads(threads);
      const tensor<T, dyn, dyn, dyn> p021 = permute<0, 2, 1>(x), p201 = permute<2, 0, 1>(x),
                                     p102 = permute<1, 0, 2>(x), p210 = permute<2, 1, 0>(x),
                                     p120 = permute<1, 2, 0>(x);
      check<T>("0, 2, 1", p021, [=](auto i, auto j, auto k) { return i * n + k * m + j; });
      check<T>("2, 0, 1", p201, [=](auto i, auto j, auto k) { return j * n + k * m + i; });
      check<T>("1, 0, 2", p102, [=](auto i, auto j, auto k) { return j * n + i * m + k; });
      check<T>("2, 1, 0", p210, [=](auto i, auto j, auto k) { return k * n + j * m + i; });
      check<T>("1, 2, 0", p120, [=](auto i, auto j, auto k) { return k * n + i * m + j; });
      const tensor<T, dyn, dyn, dyn> back = flip(x, axes<0, 1, 2>);
      const tenon::index last = x.size() - 1;
      check<T>("reversed", back, [=](auto i, auto j, auto k) { return last - (i * n + j * m + k); });
      const tensor<T, dyn, dyn, dyn> turned = permute<0, 2, 1>(flip(x, axis<1>));
      const tenon::index lines = b - 1;
      check<T>("turned", turned, [=](auto i, auto j, auto k) { return i * n + (lines - k) * m + j; });
      const tensor<T, dyn, dyn, dyn> odd = +x.slice(tenon::all, range(0, b, 2), range(0, c, 3));
      check<T>("every second", odd, [=](auto i, auto j, auto k) { return i * n + 2 * j * m + 3 * k; });
    }
  }
}

}  // namespace

TEST_CASE("views are read by place: 1 and 2 bytes") {
  check_dtype<std::int8_t>();
  check_dtype<float16>();
}
TEST_CASE("views are read by place: 4, 8 and 16 bytes") {
  check_dtype<float>();
  check_dtype<double>();
  check_dtype<complex128>();
}

TEST_CASE("transposed operands beside others, and under reductions") {
  for (const auto& [r, c] :
       {std::pair<tenon::index, tenon::index>{7, 5}, {40, 33}, {129, 1100}, {1100, 129}, {3, 20000}}) {
    INFO(r, " x ", c);
    auto x = zeros<double>(r, c), z = zeros<double>(c, r);
    for (tenon::index i = 0; i < x.size(); ++i) {
      x.own()[i] = double(i % 101);
      z.own()[i] = double(i % 89) - 40;
    }
    for (const int threads : {1, 2}) {
      set_num_threads(threads);
      const auto y = eval(transpose(x) * 2.0 + z - transpose(x * x));
      const auto sums = eval(sum(transpose(x) * z, axis<1>)), downs = eval(sum(transpose(x) + z, axis<0>));
      const auto shares = eval(softmax(transpose(x)));
      tenon::index wrong = 0;
      for (tenon::index i = 0; i < c; ++i) {
        double s = 0, e = 0;
        for (tenon::index j = 0; j < r; ++j) {
          wrong += y(i, j) != x(j, i) * 2.0 + z(i, j) - x(j, i) * x(j, i);
          s += x(j, i) * z(i, j);
          e += shares(i, j);
        }
        wrong += sums(i) != s;
        wrong += std::abs(e - 1) > 1e-12;
      }
      for (tenon::index j = 0; j < r; ++j) {
        double s = 0;
        for (tenon::index i = 0; i < c; ++i) s += x(j, i) + z(i, j);
        wrong += downs(j) != s;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("a number is written through slices of every dtype") {
  const auto one = []<class T>(T) {
    auto x = zeros<T>(6, 8);
    x.slice(range(0, 6, 2), range(1, 8, 3)) = T(5.0f);
    x[5] = T(2.0f);
    tenon::index wrong = 0;
    for (tenon::index i = 0; i < 6; ++i)
      for (tenon::index j = 0; j < 8; ++j)
        wrong += T(x(i, j)) != T(i == 5 ? 2.0f : i % 2 == 0 && j % 3 == 1 ? 5.0f : 0.0f);
    CHECK(wrong == 0);
  };
  one(float16());
  one(float());
  one(double());
  one(complex128());
}

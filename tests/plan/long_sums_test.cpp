// Sums over many elements: within 1e-6 for 1e8 floats, along every axis, fused with what is around them, and with
// the same bits for any number of threads.
#include <tenon/tenon.hpp>

#include <cmath>

#include "../support.hpp"

using namespace tenon;

namespace {

/// Magnitudes spread over eight orders, all of one sign: rounding errors do not cancel.
tensor<float, dyn, dyn> spread(tenon::index rows, tenon::index columns) {
  auto x = zeros<float>(rows, columns);
  std::uint32_t state = 1;
  for (tenon::index i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    x.data()[i] = std::exp2(static_cast<float>(state >> 8) * 0x1p-24f * 26.0f - 20.0f);
  }
  return x;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return a.size() == b.size() &&
         std::memcmp(a.flat(), b.flat(), static_cast<std::size_t>(a.size()) * sizeof(*a.flat())) == 0;
}

/// Evaluates with one thread and with two.
template <class F>
auto with_both(F f) {
  set_num_threads(1);
  const auto one = eval(f());
  set_num_threads(2);
  const auto two = eval(f());
  CHECK(same_bits(one, two));
  return one;
}

}  // namespace

TEST_CASE("the sum of 1e8 floats is right to 1e-6") {
  const auto x = full<float>(0.1f, 100'000'000);
  const double exact = 1e8 * static_cast<double>(0.1f);
  CHECK(std::fabs(double(with_both([&] { return sum(x); }).item()) / exact - 1) < 1e-6);
  CHECK(std::fabs(double(with_both([&] { return mean(x) * 2.0f + 1.0f; }).item()) /
                      (2 * static_cast<double>(0.1f) + 1) -
                  1) < 1e-6);
}

TEST_CASE("sums along each axis of long arrays") {
  for (const auto& [rows, columns] : {std::pair<tenon::index, tenon::index>{1'000'000, 3},
                                      {300'000, 17},
                                      {40'000, 100},
                                      {4'000, 1'100},
                                      {130, 70'001},
                                      {3, 1'000'001},
                                      {1, 3'000'000}}) {
    INFO(rows, " x ", columns);
    const auto x = spread(rows, columns);
    const auto down = with_both([&] { return sum(x, axis<0>); });
    const auto across = with_both([&] { return sum(x, axis<1>); });
    std::vector<double> exact_down(static_cast<std::size_t>(columns)),
        exact_across(static_cast<std::size_t>(rows));
    double everything = 0;
    for (tenon::index i = 0; i < rows; ++i)
      for (tenon::index j = 0; j < columns; ++j) {
        const double v = x.flat()[i * columns + j];
        exact_down[static_cast<std::size_t>(j)] += v;
        exact_across[static_cast<std::size_t>(i)] += v;
        everything += v;
      }
    double worst = 0;
    for (tenon::index j = 0; j < columns; ++j)
      worst = std::max(worst, std::fabs(down(j) / exact_down[static_cast<std::size_t>(j)] - 1));
    CHECK(worst < 2e-6);
    worst = 0;
    for (tenon::index i = 0; i < rows; ++i)
      worst = std::max(worst, std::fabs(across(i) / exact_across[static_cast<std::size_t>(i)] - 1));
    CHECK(worst < 2e-6);
    CHECK(std::fabs(double(with_both([&] { return sum(x); }).item()) / everything - 1) < 1e-6);
  }
}

TEST_CASE("a middle axis, and rows that are long and strided") {
  const auto x = eval(reshape<7, dyn, 30>(spread(7 * 2'000, 30)));
  const auto middle = with_both([&] { return sum(x, axis<1>); });
  const auto turned = with_both([&] { return sum(permute<2, 0, 1>(x), axes<1, 2>); });
  for (int k = 0; k < 30; ++k) {
    double all_of_them = 0;
    for (int i = 0; i < 7; ++i) {
      double exact = 0;
      for (tenon::index j = 0; j < 2'000; ++j) exact += double(x(i, j, k));
      CHECK(middle(i, k) == doctest::Approx(exact).epsilon(2e-6));
      all_of_them += exact;
    }
    CHECK(turned(k) == doctest::Approx(all_of_them).epsilon(2e-6));
  }
  const auto y = spread(300'000, 2);
  const auto columns = with_both([&] { return sum(transpose(y), axis<1>); });
  double exact = 0;
  for (tenon::index i = 0; i < 300'000; ++i) exact += double(y(i, 1));
  CHECK(columns(1) == doctest::Approx(exact).epsilon(2e-6));
}

TEST_CASE("long rows in parts beside other values of the kernel") {
  const auto x = spread(2, 200'000);
  variable<"x", float, 2, "n"> X;
  const auto products = X * X;
  auto ex = bind(group(products, sum(products, axis<1>), max(X, axis<1>), sqrt(sum(X, axis<1>)) + 1.0f),
                 cpu(0), arg<"x"> = eval(reshape<2, dyn>(x)));
  ex.forward();
  const auto squares = ex.output<0>();
  const auto sums = ex.output<1>(), maxima = ex.output<2>(), roots = ex.output<3>();
  for (int i = 0; i < 2; ++i) {
    double square = 0, plain = 0, largest = 0;
    for (tenon::index j = 0; j < 200'000; ++j) {
      const double v = x(i, j);
      square += double(x(i, j) * x(i, j));
      plain += v;
      largest = std::max(largest, v);
      if (squares(i, j) != x(i, j) * x(i, j)) FAIL("element ", j);
    }
    CHECK(sums(i) == doctest::Approx(square).epsilon(2e-6));
    CHECK(double(maxima(i)) == largest);
    CHECK(roots(i) == doctest::Approx(std::sqrt(plain) + 1).epsilon(2e-6));
  }
  // not in parts: the shifted exponentials need the maximum first
  CHECK(with_both([&] { return logsumexp(x); })(0) > 0);
  const auto counted = with_both([&] { return sum(astype<std::int32_t>(x > 0.0f), axis<1>); });
  CHECK(counted(1) == 200'000);
  const auto z = full<complex64>(complex64(0.5f, -1), 1, 500'000);
  CHECK(with_both([&] { return sum(z, axis<1>); })(0) == complex64(250'000, -500'000));
}

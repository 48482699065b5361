// solve, inv, solve_triangular, det, slogdet, cholesky, expm: against products and eliminations in long
// double, over generated shapes; errors, NaN, strides, threads.
#include "matrices.hpp"

#include <doctest/doctest.h>

namespace test {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

template <class T>
bool all_nan(const T& x) {
  for (const auto v : x)
    if (!std::isnan(v)) return false;
  return true;
}

/// A with zeros outside of a triangle, and ones on the diagonal.
dense triangle(dense a, bool upper, bool unit) {
  for (index i = 0; i < a.m; ++i)
    for (index j = 0; j < a.n; ++j) {
      if (upper ? i > j : i < j) a(i, j) = 0;
      if (i == j && unit) a(i, j) = 1;
    }
  return a;
}

}  // namespace

TEST_CASE_TEMPLATE("solve, inv, det, slogdet over generated shapes", T, float, double) {
  generator g{1};
  for (const index n : sizes) {
    CAPTURE(n);
    const stack<T> a = regular_stack<T>(g, 3, n);
    const stack<T> inverse = linalg::inv(a);
    CHECK(same_bits(inverse, stack<T>(linalg::inv(across(a)))));
    const tensor<T, dyn> det = linalg::det(a);
    const auto log = linalg::slogdet(a);
    for (index s = 0; s < 3; ++s) {
      CHECK(distance(at(a, s) * at(inverse, s), unit(n)) <= rounding<T>(n));
      const double expected = double(determinant(at(a, s)));
      if (std::fabs(expected) > double(std::numeric_limits<T>::max()))
        CHECK(double(det(s)) == std::copysign(inf, expected));
      else
        CHECK(double(det(s)) == doctest::Approx(expected).epsilon(rounding<T>(n)));
      CHECK(double(log.sign(s)) == (expected > 0 ? 1 : -1));
      CHECK(double(log.logabsdet(s)) ==
            doctest::Approx(std::log(std::fabs(expected))).epsilon(rounding<T>(n)));
    }
    for (const index k : {0, 1, 4}) {
      CAPTURE(k);
      const stack<T> b = random_stack<T>(g, 3, n, k);
      const stack<T> x = linalg::solve(a, b);
      REQUIRE(extents(x) == dims{3, n, k});
      CHECK(same_bits(x, stack<T>(linalg::solve(across(a), across(b)))));
      for (index s = 0; s < 3; ++s)
        CHECK(distance(at(a, s) * at(x, s), at(b, s)) <= rounding<T>(n) * (1 + size_of_elements(at(b, s))));
    }
  }
}

TEST_CASE("stacks broadcast; a vector is one column") {
  generator g{2};
  const stack<double> a = regular_stack<double>(g, 2, 3);
  const tensor<double, dyn, dyn> one = a[1];
  const stack<double> b = random_stack<double>(g, 2, 3, 4);
  const stack<double> x = linalg::solve(one, b);
  const stack<double> y = linalg::solve(a, tensor<double, dyn, dyn>(b[0]));
  for (index s = 0; s < 2; ++s) {
    CHECK(distance(at(a, 1) * at(x, s), at(b, s)) < 1e-14);
    CHECK(distance(at(a, s) * at(y, s), at(b, 0)) < 1e-14);
  }
  const tensor<double, 3> v{1, -2, 0.5};
  const tensor<double, dyn, dyn> z = linalg::solve(a, v);
  for (index s = 0; s < 2; ++s)
    for (index i = 0; i < 3; ++i) {
      double sum = 0;
      for (index k = 0; k < 3; ++k) sum += a(s, i, k) * z(s, k);
      CHECK(sum == doctest::Approx(double(v(i))));
    }
  // static and named extents are kept
  const tensor<double, 2, 2> m{{2, 1}, {1, 3}};
  static_assert(decltype(eval(linalg::inv(m)))::rank == 2);
  const tensor<double, 2, 2> exact = linalg::inv(m) * 5.0;
  CHECK(exact(0, 0) == doctest::Approx(3));
  CHECK(exact(0, 1) == doctest::Approx(-1));
  const auto named = zeros<double, "batch", 2, 2>(4);
  const tensor<double, "batch"> dets = linalg::det(named);
  CHECK(values(dets) == vec{0, 0, 0, 0});
}

TEST_CASE("determinants that are known exactly") {
  tensor<double, dyn, dyn> hilbert = zeros<double>(5, 5), vandermonde = zeros<double>(6, 6);
  for (index i = 0; i < 5; ++i)
    for (index j = 0; j < 5; ++j) hilbert(i, j) = 1.0 / double(i + j + 1);
  CHECK(eval(linalg::det(hilbert)).item() == doctest::Approx(1.0 / 266716800000.0).epsilon(1e-9));
  double expected = 1;  // prod_{i < j} (x_j - x_i) at 1, 2, ..., 6
  for (index i = 0; i < 6; ++i)
    for (index j = 0; j < 6; ++j) {
      vandermonde(i, j) = std::pow(double(i + 1), double(j));
      if (j > i) expected *= double(j - i);
    }
  CHECK(eval(linalg::det(vandermonde)).item() == doctest::Approx(expected).epsilon(1e-12));
  CHECK(eval(linalg::det(tensor<float, 2, 2>{{0, 1}, {1, 0}})).item() == -1);
  CHECK(eval(linalg::det(zeros<double>(0, 0))).item() == 1);
  // beyond the range of det
  const tensor<double, dyn, dyn> large = eye<double>(100) * -1e200;
  CHECK(eval(linalg::det(large)).item() == inf);
  const auto log = linalg::slogdet(large);
  CHECK(log.sign.item() == 1);
  CHECK(log.logabsdet.item() == doctest::Approx(100 * std::log(1e200)));
  const auto zero = linalg::slogdet(tensor<double, 2, 2>{{1, 2}, {2, 4}});
  CHECK(zero.sign.item() == 0);
  CHECK(zero.logabsdet.item() == -inf);
}

TEST_CASE_TEMPLATE("triangular systems, all eight kinds", T, float, double) {
  generator g{3};
  for (const index n : sizes) {
    CAPTURE(n);
    stack<T> a = regular_stack<T>(g, 2, n) / T(double(n + 1));
    for (index k = 0; k < n; ++k) a(0, k, k) += T(1);
    const stack<T> b = random_stack<T>(g, 2, n, 3);
    const auto check = [&](const stack<T>& x, bool upper, bool transposed, bool unit) {
      CAPTURE(upper);
      CAPTURE(transposed);
      CAPTURE(unit);
      for (index s = 0; s < 2; ++s) {
        dense t = triangle(at(a, s), upper, unit);
        if (transposed) t = flipped(t);
        const double size = 1 + size_of_elements(at(x, s)) + size_of_elements(at(b, s));
        CHECK(distance(t * at(x, s), at(b, s)) <= rounding<T>(n) * size);
      }
    };
    using namespace tenon::linalg;
    check(solve_triangular(a, b, lower), false, false, false);
    check(solve_triangular(a, b, upper), true, false, false);
    check(solve_triangular(a, b, lower, transposed), false, true, false);
    check(solve_triangular(a, b, upper, transposed), true, true, false);
    check(solve_triangular(a, b, lower, unit_diagonal), false, false, true);
    check(solve_triangular(a, b, upper, unit_diagonal), true, false, true);
    check(solve_triangular(a, b, lower, transposed, unit_diagonal), false, true, true);
    check(solve_triangular(a, b, upper, transposed, unit_diagonal), true, true, true);
  }
}

TEST_CASE_TEMPLATE("cholesky", T, float, double) {
  generator g{4};
  for (const index n : sizes) {
    CAPTURE(n);
    const stack<T> half = random_stack<T>(g, 2, n, n);
    stack<T> a = zeros<T>(2, n, n);
    for (index s = 0; s < 2; ++s) {
      const dense product = at(half, s) * flipped(at(half, s));
      for (index i = 0; i < n; ++i)
        for (index j = 0; j < n; ++j) a(s, i, j) = T(product(i, j)) + T(i == j);
    }
    const stack<T> l = linalg::cholesky(a), r = linalg::cholesky(a, linalg::upper);
    const stack<T> b = random_stack<T>(g, 2, n, 2);
    const stack<T> x = linalg::cholesky_solve(l, b);
    for (index s = 0; s < 2; ++s) {
      const double size = 1 + size_of_elements(at(a, s));
      CHECK(distance(at(l, s) * flipped(at(l, s)), at(a, s)) <= rounding<T>(n) * size);
      CHECK(distance(at(l, s), triangle(at(l, s), false, false)) == 0);
      CHECK(distance(at(r, s), flipped(at(l, s))) == 0);
      CHECK(distance(at(a, s) * at(x, s), at(b, s)) <=
            rounding<T>(n) * 4 * size * (1 + size_of_elements(at(x, s))));
    }
  }
  const tensor<double, 3, 3> known{{4, 12, -16}, {12, 37, -43}, {-16, -43, 98}};
  CHECK(values(linalg::cholesky(known)) == vec{2, 0, 0, 6, 1, 0, -8, 5, 3});
}

TEST_CASE_TEMPLATE("expm", T, float, double) {
  generator g{5};
  for (const index n : {0, 1, 2, 5, 17}) {
    for (const double scale : {0.1, 1.0}) {
      const stack<T> a = random_stack<T>(g, 2, n, n) * T(scale);
      const stack<T> y = linalg::expm(a);
      for (index s = 0; s < 2; ++s) {
        dense sum = unit(n), term = sum;
        for (int k = 1; k < 80; ++k) {
          term = term * at(a, s);
          for (long double& v : term.v) v /= k;
          for (std::size_t i = 0; i < sum.v.size(); ++i) sum.v[i] += term.v[i];
        }
        CHECK(distance(at(y, s), sum) <= 4 * rounding<T>(n) * (1 + size_of_elements(sum)));
      }
    }
  }
  const tensor<double, 2, 2> turn = linalg::expm(tensor<double, 2, 2>{{0, -100}, {100, 0}});
  CHECK(turn(0, 0) == doctest::Approx(std::cos(100.0)).epsilon(1e-12));
  CHECK(turn(1, 0) == doctest::Approx(std::sin(100.0)).epsilon(1e-12));
  const tensor<double, 3, 3> nilpotent = linalg::expm(tensor<double, 3, 3>{{0, 2, 4}, {0, 0, 6}, {0, 0, 0}});
  CHECK(nilpotent(0, 2) == doctest::Approx(10));
  CHECK(all_nan(eval(linalg::expm(tensor<double, 2, 2>{{not_a_number, 0}, {0, 1}}))));
}

TEST_CASE("matrices without a result throw, and change nothing") {
  generator g{6};
  stack<double> a = regular_stack<double>(g, 4, 3);
  const stack<double> b = random_stack<double>(g, 4, 3, 2);
  for (index j = 0; j < 3; ++j) a(2, 1, j) = 2 * a(2, 0, j);
  a(2, 0, 0) = a(2, 1, 0) = 0;
  for (index j = 0; j < 3; ++j) a(2, 2, j) = 0;
  stack<double> x = ones<double>(4, 3, 2), y = ones<double>(4, 3, 3);
  const stack<double> x_before = x, y_before = y;
  CHECK(thrown<numeric_error>([&] { noalias(x) = linalg::solve(a, b); }) ==
        "linalg::solve: the matrix at [2] is singular");
  CHECK(thrown<numeric_error>([&] { noalias(y) = linalg::inv(a); }) ==
        "linalg::inv: the matrix at [2] is singular");
  CHECK(thrown<numeric_error>([&] { y = linalg::cholesky(a); }).find("is not positive definite") !=
        std::string::npos);
  CHECK(thrown<numeric_error>([&] { x = linalg::solve_triangular(a, b, linalg::lower); }) ==
        "linalg::solve_triangular: the matrix at [2] is singular");
  CHECK(same_bits(x, x_before));
  CHECK(same_bits(y, y_before));
  const tensor<double, 2, 2> singular{{1, 2}, {2, 4}};
  CHECK(thrown<numeric_error>([&] { eval(linalg::inv(singular)); }) == "linalg::inv: the matrix is singular");
  CHECK(thrown<error>([&] {
          eval(linalg::cholesky(tensor<double, 2, 2>{{1, 2}, {2, 1}}));
        }) == "linalg::cholesky: the matrix is not positive definite");
  CHECK(contains(thrown<shape_error>([&] { eval(linalg::inv(zeros<double>(3, 4))); }), "linalg::inv"));
  CHECK(contains(thrown<shape_error>([&] { eval(linalg::det(zeros<double>(2, 3, 4))); }), "linalg::det"));
  CHECK(contains(thrown<shape_error>([&] { eval(linalg::solve(eye<double>(3), zeros<double>(4, 2))); }),
                 "linalg::solve"));
}

TEST_CASE("NaN gives NaN, in its own matrix alone") {
  generator g{7};
  stack<double> a = regular_stack<double>(g, 2, 3);
  for (index i = 0; i < 3; ++i)
    for (index j = 0; j < i; ++j) a(1, i, j) = a(1, j, i) = a(0, i, j) = a(0, j, i) = 0.25;
  const stack<double> clean = linalg::inv(a), l = linalg::cholesky(a);
  a(0, 1, 1) = not_a_number;
  const stack<double> y = linalg::inv(a), c = linalg::cholesky(a);
  const stack<double> x = linalg::solve(a, stack<double>(zeros<double>(2, 3, 1)));
  const tensor<double, dyn> d = linalg::det(a);
  const auto log = linalg::slogdet(a);
  const stack<double> t = linalg::solve_triangular(a, stack<double>(zeros<double>(2, 3, 1)), linalg::upper);
  CHECK(all_nan(eval(y[0])));
  CHECK(all_nan(eval(c[0])));
  CHECK(all_nan(eval(x[0])));
  CHECK(all_nan(eval(t[0])));
  CHECK(std::isnan(d(0)));
  CHECK(std::isnan(log.sign(0)));
  CHECK(std::isnan(log.logabsdet(0)));
  CHECK(values(y[1]) == values(clean[1]));
  CHECK(values(c[1]) == values(l[1]));
  CHECK(values(x[1]) == vec{0, 0, 0});
}

TEST_CASE("the number of threads changes no bit") {
  generator g{8};
  const stack<float> a = regular_stack<float>(g, 61, 12), b = random_stack<float>(g, 61, 12, 5);
  const int before = num_threads();
  set_num_threads(1);
  const stack<float> x = linalg::solve(a, b), e = linalg::expm(a);
  for (const int threads : {2, 3, 8}) {
    set_num_threads(threads);
    CHECK(same_bits(x, stack<float>(linalg::solve(a, b))));
    CHECK(same_bits(e, stack<float>(linalg::expm(a))));
  }
  set_num_threads(before);
}

}  // namespace test

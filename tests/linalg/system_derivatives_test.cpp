// Derivatives of solve, inv, solve_triangular, det, slogdet, cholesky, expm: both modes and second derivatives
// against differences, on stacks; where stacks broadcast and extents are dynamic; det of singular matrices.
#include "matrices.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/symbol/compile.hpp>

#include <doctest/doctest.h>

namespace test {
namespace {

using pair_of_matrices = tensor<double, 2, 3, 3>;

pair_of_matrices regular(unsigned seed) {
  generator g{seed};
  return regular_stack<double>(g, 2, 3) / 3.0;
}

}  // namespace

TEST_CASE("second order") {
  const pair_of_matrices x = regular(21);
  check_grads([](const auto& a) { return sum(square(linalg::solve(a, a * a))); }, primals(x), {.order = 2});
  check_grads([](const auto& a) { return sum(square(linalg::inv(a)) * a); }, primals(x), {.order = 2});
  check_grads(
      [](const auto& a) {
        return sum(square(linalg::solve_triangular(a, a, linalg::lower, linalg::transposed)));
      },
      primals(x), {.order = 2});
  check_grads([](const auto& a) { return sum(square(linalg::det(a * a))); }, primals(x), {.order = 2});
  check_grads([](const auto& a) { return sum(square(linalg::slogdet(a * a).logabsdet)); }, primals(x),
              {.order = 2});
  check_grads(
      [](const auto& a) {
        return sum(square(linalg::cholesky(linalg::solve(a, swapaxes<-2, -1>(linalg::inv(a))))) * a);
      },
      primals(x), {.order = 2, .tolerance = 1e-2});
  check_grads([](const auto& a) { return sum(square(linalg::expm(a)) * a); }, primals(x), {.order = 2});
}

TEST_CASE("first order: every kind of triangle, a vector, broadcast stacks, dynamic extents") {
  using namespace linalg;
  const pair_of_matrices x = regular(22);
  generator g{23};
  const tensor<double, 2, 3, 2> b = random_stack<double>(g, 2, 3, 2);
  const auto check = [&](auto... options) {
    check_grads([=](const auto& a, const auto& right) { return solve_triangular(a, right, options...); },
                primals(x, b));
  };
  check(lower);
  check(upper);
  check(upper, transposed);
  check(lower, unit_diagonal);
  check(upper, transposed, unit_diagonal);
  const tensor<double, 3> v{1, -1, 2};
  check_grads([](const auto& a, const auto& right) { return solve(a, right); }, primals(x, v));
  const tensor<double, 3, 3> one = x[0];
  check_grads([](const auto& a, const auto& right) { return solve(a, right); }, primals(one, b));
  check_grads([](const auto& l, const auto& right) { return cholesky_solve(l, right); }, primals(one, b));
  const stack<double> open_x = x, open_b = b;
  check_grads([](const auto& a, const auto& right) { return solve(inv(a), right); }, primals(open_x, open_b));
}

TEST_CASE("the gradient of det holds at singular matrices") {
  // rank 2, rank 1, and zero; the cofactors of [[1 2 3] [2 4 6] [1 0 1]] by hand
  const tensor<double, 3, 3> two{{1, 2, 3}, {2, 4, 6}, {1, 0, 1}}, one{{1, 2, 3}, {2, 4, 6}, {3, 6, 9}};
  const auto f = [](const auto& a) { return linalg::det(a); };
  const vec expected{4, 4, -4, -2, -2, 2, 0, 0, 0};
  const vec got = values(grad(f)(two));
  for (std::size_t i = 0; i < 9; ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-13));
  check_grads(f, primals(two), {.order = 2});
  check_grads(f, primals(one), {.order = 2});
  check_grads(f, primals(zeros<double, 3, 3>()), {.order = 2});
  CHECK(values(grad(f)(tensor<double, 1, 1>{{5}})) == vec{1});
}

TEST_CASE("inside of a compiled function") {
  // a Gaussian's log density, by Cholesky; its gradient against the closed form S^-1 (x x^T - S) S^-1 / 2
  const auto density = [](const auto& s, const auto& x) {
    const auto l = linalg::cholesky(s);
    const auto z = linalg::solve_triangular(l, x, linalg::lower);
    return -0.5_c * (sum(square(z)) + linalg::slogdet(s).logabsdet);
  };
  auto step = compile(value_and_grad(density), spec<double, 3, 3>{}, spec<double, 3>{});
  generator g{24};
  const stack<double> half = regular_stack<double>(g, 1, 3);
  tensor<double, 3, 3> s;
  const dense product = at(half, 0) * flipped(at(half, 0));
  for (index i = 0; i < 3; ++i)
    for (index j = 0; j < 3; ++j) s(i, j) = double(product(i, j));
  const tensor<double, 3> x{1, 2, -1};
  const auto [value, gradient] = step(s, x);
  const tensor<double, 3, 3> inverse = linalg::inv(s);
  const tensor<double, 3> y = linalg::solve(s, x);
  CHECK(value.item() ==
        doctest::Approx(-0.5 * (eval(sum(x * y)).item() + std::log(eval(linalg::det(s)).item()))));
  for (index i = 0; i < 3; ++i)
    for (index j = 0; j < 3; ++j)
      CHECK(gradient(i, j) == doctest::Approx(0.5 * (y(i) * y(j) - inverse(i, j))).epsilon(1e-10));
}

}  // namespace test

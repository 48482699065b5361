// Derivatives of pinv, lstsq, norms and cond: both modes and second derivatives against differences; matrices
// of less than full rank.
#include "matrices.hpp"

#include <tenon/autodiff/check.hpp>

#include <doctest/doctest.h>

namespace test {

TEST_CASE("pinv, lstsq") {
  generator g{42};
  const tensor<double, 4, 3> x = random_stack<double>(g, 1, 4, 3)[0];
  const tensor<double, 4> b{1, -2, 0.5, 3};
  check_grads([](const auto& a) { return sum(sin(linalg::pinv(a))); }, primals(x), {.order = 2});
  check_grads(
      [](const auto& a, const auto& right) {
        const auto r = linalg::lstsq(a, right);
        return sum(square(r.x)) + r.residuals + sum(r.singular_values);
      },
      primals(x, b));
  const stack<double> open = random_stack<double>(g, 2, 2, 4);
  check_grads([](const auto& a) { return linalg::pinv(a); }, primals(open));
  // rank one, moved along matrices that keep the rank: differences of u v^T
  const tensor<double, 3, 1> u{{1}, {2}, {-1}};
  const tensor<double, 1, 2> v{{0.5, 3}};
  check_grads([](const auto& p, const auto& q) { return linalg::pinv(matmul(p, q)); }, primals(u, v));
}

TEST_CASE("norms, cond") {
  generator g{43};
  const tensor<double, 3, 2> x = random_stack<double>(g, 1, 3, 2)[0];
  using linalg::ord;
  check_grads([](const auto& a) { return linalg::matrix_norm<ord::nuclear>(a) * linalg::matrix_norm<2>(a); },
              primals(x));
  check_grads([](const auto& a) { return linalg::matrix_norm(a) * linalg::matrix_norm<ord::inf>(a); },
              primals(x));
  check_grads([](const auto& a) { return linalg::vector_norm<3>(a, axis<0>); }, primals(x));
  check_grads([](const auto& a) { return linalg::cond(a); }, primals(x));
  const tensor<double, 2, 2> s{{2, 1}, {-1, 3}};
  check_grads([](const auto& a) { return linalg::cond<1>(a); }, primals(s));
}

}  // namespace test

// Derivatives of qr, svd, svdvals: both modes and second derivatives against differences; equal and zero
// singular values.
#include "matrices.hpp"

#include <tenon/autodiff/check.hpp>

#include <doctest/doctest.h>

namespace test {

TEST_CASE("qr") {
  generator g{31};
  const tensor<double, 2, 4, 3> tall = random_stack<double>(g, 2, 4, 3);
  const tensor<double, 3, 5> wide = random_stack<double>(g, 1, 3, 5)[0];
  // elements do not depend on a choice of vectors: signs are fixed, and smooth
  const auto f = [](const auto& a) {
    const auto [q, r] = linalg::qr(a);
    return sum(sin(q)) + sum(square(r) * r);
  };
  check_grads(f, primals(tall), {.order = 2});
  CHECK(jvp(f, primals(tall), tangents(tall)).value.item() == doctest::Approx(eval(f(tall)).item()));
  check_grads(f, primals(wide), {.order = 2});
  const stack<double> open = tall;
  const vectors<double> open_wide = wide;
  check_grads(f, primals(open));
  check_grads(f, primals(open_wide));
}

TEST_CASE("svd") {
  generator g{32};
  const tensor<double, 2, 4, 3> tall = random_stack<double>(g, 2, 4, 3);
  const tensor<double, 3, 4> wide = random_stack<double>(g, 1, 3, 4)[0];
  // vectors have a sign that is free: U o U, V o V and U V^T do not depend on it
  const auto f = [](const auto& a) {
    const auto [u, s, vh] = linalg::svd(a);
    return sum(exp(square(u))) + sum(square(s)) + sum(sin(square(vh))) +
           sum(square(linalg::detail::multiplied_stacks(u, vh)) * a);
  };
  check_grads(f, primals(tall), {.order = 2});
  CHECK(jvp(f, primals(tall), tangents(tall)).value.item() == doctest::Approx(eval(f(tall)).item()));
  check_grads(f, primals(wide), {.order = 2});
  const stack<double> open = tall;
  check_grads(f, primals(open));
}

TEST_CASE("svdvals, and where singular values are equal or 0") {
  generator g{33};
  const tensor<double, 3, 2> x = random_stack<double>(g, 1, 3, 2)[0];
  const auto cubes = [](const auto& a) { return sum(square(linalg::svdvals(a)) * linalg::svdvals(a)); };
  check_grads(cubes, primals(x), {.order = 2});
  // sum s^3 is smooth at 2 I too: its gradient is 3 s^2 U V^T = 12 I
  const tensor<double, 2, 2> same{{2, 0}, {0, 2}};
  CHECK(values(grad(cubes)(same)) == vec{12, 0, 0, 12});
  // A = U S V^T itself, by its parts: the derivative is the identity whatever the values are
  const auto rebuilt = [](const auto& a) {
    const auto [u, s, vh] = linalg::svd(a);
    return matmul(u * expand_dims<-2>(s), vh);
  };
  const tensor<double, 2, 2> seed{{1, 2}, {3, 4}};
  const auto at_rank_one = vjp(rebuilt, tensor<double, 2, 2>{{3, 0}, {0, 0}}).pullback(seed);
  for (const double v : at_rank_one) CHECK(std::isfinite(v));
  const vec regular = values(vjp(rebuilt, tensor<double, 2, 2>{{3, 1}, {0, 1}}).pullback(seed));
  for (std::size_t i = 0; i < 4; ++i) CHECK(regular[i] == doctest::Approx(double(i + 1)));
}

}  // namespace test

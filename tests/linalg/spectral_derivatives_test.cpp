// Derivatives of eigh and eigvalsh: both modes and second derivatives against differences; equal eigenvalues.
#include "matrices.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/symbol/compile.hpp>

#include <doctest/doctest.h>

namespace test {

TEST_CASE("eigh, eigvalsh") {
  generator g{41};
  const tensor<double, 2, 3, 3> x = random_stack<double>(g, 2, 3, 3);
  const auto f = [](const auto& a) {
    const auto [w, v] = linalg::eigh(a);
    return sum(sin(square(v))) + sum(square(w) * w);
  };
  CHECK(jvp(f, primals(x), tangents(x)).value.item() == doctest::Approx(eval(f(x)).item()));
  check_grads(f, primals(x), {.order = 2});
  check_grads([](const auto& a) { return sum(exp(linalg::eigvalsh(a))); }, primals(x), {.order = 2});
  const stack<double> open = x;
  check_grads(f, primals(open));
}

TEST_CASE("equal eigenvalues") {
  // the sum of cubes is the trace of A^3: its gradient is 3 A^2, at 2 I too
  const auto cubes = [](const auto& a) {
    const auto w = linalg::eigvalsh(a);
    return sum(square(w) * w);
  };
  CHECK(values(grad(cubes)(tensor<double, 2, 2>{{2, 0}, {0, 2}})) == vec{12, 0, 0, 12});
  // what turns vectors of equal eigenvalues into each other is left out: of A^2 = V diag(w^2) V^T at I along E,
  // 2 diag(E) is left of 2 E
  const auto squared = [](const auto& a) {
    const auto [w, v] = linalg::eigh(a);
    return matmul(v * expand_dims<-2>(square(w)), transpose(v));
  };
  const tensor<double, 2, 2> identity{{1, 0}, {0, 1}}, along{{1, 2}, {2, -1}};
  CHECK(values(jvp(squared, primals(identity), tangents(along)).tangent) == vec{2, 0, 0, -2});
  // apart from it, all of 2 sym(A E) is there
  const tensor<double, 2, 2> apart{{1, 0.5}, {0.5, 2}};
  const vec got = values(jvp(squared, primals(apart), tangents(along)).tangent);
  const vec expected = values(matmul(apart, along) + matmul(along, apart));
  for (std::size_t i = 0; i < 4; ++i) CHECK(got[i] == doctest::Approx(expected[i]));
}

TEST_CASE("parts of a traced decomposition share one node; named extents") {
  const auto f = [](const auto& a) {
    const auto [w, v] = linalg::eigh(a);
    return sum(sin(square(v)) * w);
  };
  const tensor<double, 3, 3> x{{2, 1, 0}, {1, -1, 0.5}, {0, 0.5, 3}};
  using traced = decltype(tenon::detail::traced(f, x));
  using passes = tenon::detail::passes<traced::graph_type, tenon::detail::places<traced::root>,
                                       tenon::detail::derive::nothing, tenon::detail::places<>>;
  int decompositions = 0;
  for (int i = 0; i < passes::result.n; ++i)
    decompositions += passes::world::rows()[passes::result.node[i].op].run ==
                      &linalg::detail::eigh_op::template run<this_unit>;
  CHECK(decompositions == 1);

  auto step = compile(value_and_grad(f), spec<double, "n", "n">{});
  const auto expected = value_and_grad(f)(x);
  const tensor<double, "n", "n"> named = x;
  const auto [value, gradient] = step(named);
  CHECK(value.item() == doctest::Approx(expected.value.item()));
  CHECK(values(gradient) == values(expected.gradient));
  CHECK(extents(step(tensor<double, "n", "n">(tensor<double, 2, 2>{{1, 0}, {0, 2}})).gradient) == dims{2, 2});
}

}  // namespace test

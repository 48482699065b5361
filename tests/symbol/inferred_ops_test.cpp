// infer_shape says of each op what evaluating it gives, for sizes drawn at random; also from some of the shapes.
#include <tenon/ops/all_ops.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/ordering.hpp>
#include <tenon/ops/repeating.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

#include <random>

using namespace tenon;
using test::dims;

namespace {

const variable<"a", double, dyn, dyn> A;
const variable<"b", double, dyn, dyn> B;
const variable<"c", double, dyn> C;
const variable<"n", double, "rows", dyn> N;

std::mt19937 random_sizes(7);
tenon::index draw(tenon::index least = 1, tenon::index most = 6) {
  return std::uniform_int_distribution<tenon::index>(least, most)(random_sizes);
}

/// The shape of e's value for arrays of those shapes, and what infer_shape says of it.
template <class E, class... Arrays>
void same_shape(const E& e, const Arrays&... arrays) {
  const auto inferred = infer_shape(e, arrays...);
  CHECK(inferred.complete);
  CHECK(inferred.outputs[0].shape == test::extents(eval(e, arrays...)));
}

}  // namespace

TEST_CASE("elementwise ops, reductions and products") {
  for (int round = 0; round < 8; ++round) {
    const tenon::index m = draw(0), k = draw(), n = draw(0);
    CAPTURE(m);
    CAPTURE(k);
    CAPTURE(n);
    const auto a = zeros<double>(m, k), b = zeros<double>(k, n);
    const auto c = zeros<double>(n);
    same_shape(matmul(A, B) + C, arg<"a"> = a, arg<"b"> = b, arg<"c"> = c);
    same_shape(where(A > 0., exp(A), -A), arg<"a"> = a);
    same_shape(sum(A, axis<0>), arg<"a"> = a);
    same_shape(sum(A, axis<-1>, keepdims) * A, arg<"a"> = a);
    same_shape(sum(square(A)), arg<"a"> = a);
    same_shape(softmax(A), arg<"a"> = a);
    // what is left out follows
    CHECK(infer_shape(matmul(A, B) + C, arg<"a"> = {m, k}, arg<"c"> = {n}).of("b") == dims{k, n});
    CHECK(infer_shape(matmul(A, B) + C, arg<"a"> = {m, k}, arg<"b"> = {k, n}).of("c") == dims{n});
    CHECK(infer_shape_partial(matmul(transpose(B), A), arg<"a"> = {m, k}).of("b") == dims{m, -1});
    CHECK(infer_shape(matmul(N, B), arg<"b"> = {k, n}, extent_of<"rows"> = m).of("n") == dims{m, k});
  }
}

TEST_CASE("ops that move elements") {
  for (int round = 0; round < 6; ++round) {
    const tenon::index m = draw(), k = draw(), n = draw();
    CAPTURE(m);
    CAPTURE(k);
    CAPTURE(n);
    const auto a = zeros<double>(m, k), b = zeros<double>(n, k);
    same_shape(transpose(A), arg<"a"> = a);
    same_shape(concat<0>(A, B), arg<"a"> = a, arg<"b"> = b);
    same_shape(stack<1>(A, A), arg<"a"> = a);
    same_shape(expand_dims<1>(A), arg<"a"> = a);
    same_shape(squeeze<1>(sum(A, axis<1>, keepdims)), arg<"a"> = a);
    same_shape(flip(A, axis<0>), arg<"a"> = a);
    same_shape(cumsum<1>(A), arg<"a"> = a);
    same_shape(argsort(A), arg<"a"> = a);
    same_shape(tile<2, 3>(A), arg<"a"> = a);
    same_shape(broadcast_to(C, shape_of(A)), arg<"a"> = a, arg<"c"> = zeros<double>(k));
    // shapes go backwards through those that keep extents
    CHECK(infer_shape(flip(A, axis<0>) + transpose(B), arg<"b"> = {n, k}).of("a") == dims{k, n});
    CHECK(infer_shape(cumsum<1>(A) * B, arg<"b"> = {n, k}).of("a") == dims{n, k});
    CHECK(infer_shape(sum(expand_dims<1>(A), axis<1>) - B, arg<"b"> = {n, k}).of("a") == dims{n, k});
  }
}

TEST_CASE("extents that are broadcast at run time") {
  for (int round = 0; round < 6; ++round) {
    const tenon::index m = draw(2), n = draw(2);
    const auto column = zeros<double>(m, 1), row = zeros<double>(1, n), one = zeros<double>(1, 1);
    same_shape(A * B, arg<"a"> = column, arg<"b"> = row);
    same_shape(A * B, arg<"a"> = one, arg<"b"> = row);
    same_shape(A + C, arg<"a"> = column, arg<"c"> = zeros<double>(n));
    same_shape(sum(A * B, axis<1>), arg<"a"> = row, arg<"b"> = column);
    CHECK_THROWS_AS(infer_shape(A * B, arg<"a"> = {m, n}, arg<"b"> = {m + 1, n}), shape_error);
  }
}

TEST_CASE("gradients are summed in every floating-point dtype") {
  const auto check = []<class T>(T) {
    const variable<"x", T, dyn> X;
    auto ex =
        bind(sum(X * X), cpu(0), requests<grad_req::add>, arg<"x"> = astype<T>(tensor<float, 3>{1, -2, 4}));
    for (int i = 1; i <= 3; ++i) {
      ex.forward(mode::train);
      ex.backward();
      CHECK(test::values(astype<double>(ex.template grad<"x">())) == test::vec{2. * i, -4. * i, 8. * i});
    }
  };
  check(float{});
  check(double{});
  check(float16{});
  check(bfloat16{});
}

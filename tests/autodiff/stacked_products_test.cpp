// Derivatives of products of operands of any rank, to second order: both operands are parts of one argument, so that
// mixed derivatives are met too.
#include "differences.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/products.hpp>

using namespace tenon;

namespace {

template <class T, class... N>
auto waves(double shift, N... n) {
  auto x = zeros<T>(tenon::index(n)...);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = std::sin(1.7 * double(i) + shift);
  return x;
}
template <tenon::index N>
auto vector() {
  auto x = zeros<double, int(N)>();
  for (tenon::index i = 0; i < N; ++i) x.own()[i] = std::sin(1.3 * double(i) + 0.4);
  return x;
}

/// f of an array of N elements and of one of M, both parts of one vector.
template <tenon::index N, tenon::index M, class F>
void check_parts(F f) {
  check_grads([f](const auto& x) { return sum(tanh(f(slice<0, 0, N>(x), slice<0, N, N + M>(x)))); },
              primals(vector<N + M>()), {.order = 2});
}

}  // namespace

TEST_CASE("stacks, matrices and vectors") {
  check_parts<12, 18>([](auto a, auto b) { return matmul(reshape<2, 2, 3>(a), reshape<2, 3, 3>(b)); });
  check_parts<12, 6>([](auto a, auto b) { return matmul(reshape<2, 2, 3>(a), reshape<3, 2>(b)); });
  check_parts<6, 12>([](auto a, auto b) { return matmul(reshape<2, 3>(a), reshape<2, 3, 2>(b)); });
  check_parts<3, 12>([](auto a, auto b) { return matmul(a, reshape<2, 3, 2>(b)); });
  check_parts<12, 3>([](auto a, auto b) { return matmul(reshape<2, 2, 3>(a), b); });
  check_parts<4, 4>([](auto a, auto b) { return matmul(a, b); });
}

TEST_CASE("static extents 1 broadcast on either side") {
  check_parts<12, 18>([](auto a, auto b) { return matmul(reshape<2, 1, 2, 3>(a), reshape<1, 3, 3, 2>(b)); });
  check_parts<6, 18>([](auto a, auto b) { return matmul(reshape<1, 2, 3>(a), reshape<3, 3, 2>(b)); });
}

TEST_CASE("dynamic extents, some of them 1") {
  const auto f = [](const auto& a, const auto& b) { return sum(tanh(matmul(a, b))); };
  check_grads(f, primals(waves<double>(0, 2, 3, 2, 3), waves<double>(1, 3, 3, 2)));
  check_grads(f, primals(waves<double>(0, 1, 2, 3), waves<double>(1, 3, 3, 2)));
  check_grads(f, primals(waves<double>(0, 3, 2, 3), waves<double>(1, 1, 3, 2)));
  check_grads(f, primals(waves<double>(0, 3, 2, 3), waves<double>(1, 3, 2)));
  // no elements: gradients of the operands' shapes, all zero
  const auto [value, gradients] = value_and_grad<0, 1>(f)(waves<double>(0, 0, 2, 3), waves<double>(1, 3, 2));
  CHECK(value.item() == 0);
  CHECK(test::extents(std::get<0>(gradients)) == test::dims{0, 2, 3});
  CHECK(test::values(std::get<1>(gradients)) == test::vec(6, 0.));
}

TEST_CASE("a matrix that a whole stack is multiplied by has a gradient of one product") {
  const auto x = waves<double>(0, 4, 5, 3), w = waves<double>(1, 4, 5, 2);
  const auto m = waves<double>(2, 3, 2);
  const auto g =
      grad<1>([](const auto& a, const auto& b, const auto& c) { return sum(matmul(a, b) * c); })(x, m, w);
  CHECK(test::close(test::values(g),
                    test::values(matmul(reshape<3, 20>(permute<2, 0, 1>(x)), reshape<20, 2>(w)))));
}

// Derivatives of einsum and of the products made of matmul's op, to second order.
#include "differences.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/einsum.hpp>

using namespace tenon;

namespace {

template <tenon::index N>
auto vector() {
  auto x = zeros<double, int(N)>();
  for (tenon::index i = 0; i < N; ++i) x.own()[i] = std::sin(1.3 * double(i) + 0.4);
  return x;
}
template <tenon::index N, class F>
void check(F f) {
  check_grads([f](const auto& x) { return sum(tanh(f(x))); }, primals(vector<N>()), {.order = 2});
}

}  // namespace

TEST_CASE("diagonals and their transposes") {
  check<12>([](const auto& x) { return diagonal<1>(reshape<3, 4>(x)); });
  check<12>([](const auto& x) { return diagonal<-1, 0, 2>(reshape<3, 2, 2>(x)) * 2_c; });
  check<9>([](const auto& x) { return einsum<"ii->">(reshape<3, 3>(x)); });
}

TEST_CASE("einsum") {
  check<12>([](const auto& x) { return einsum<"bij,bjk->kbi">(reshape<2, 2, 3>(x), reshape<2, 3, 2>(x)); });
  check<12>([](const auto& x) { return einsum<"bij,bij->b">(reshape<2, 2, 3>(x), reshape<2, 2, 3>(x)); });
  check<9>([](const auto& x) {
    return einsum<"ii,ij,jk->k">(reshape<3, 3>(x), reshape<3, 3>(x), reshape<3, 3>(x));
  });
}

TEST_CASE("products") {
  check<12>([](const auto& x) { return cross(reshape<4, 3>(x), slice<0, 2, 5>(x)); });
  check<6>([](const auto& x) { return kron(reshape<2, 3>(x), slice<0, 1, 3>(x)); });
  check<9>([](const auto& x) { return matrix_power<3>(reshape<3, 3>(x)); });
  check<12>([](const auto& x) {
    return tensordot(reshape<2, 3, 2>(x), reshape<2, 2, 3>(x), axes<2, 1>, axes<0, 2>);
  });
}

TEST_CASE("dynamic extents") {
  auto a = zeros<double>(2, 3), b = zeros<double>(3, 4);
  for (tenon::index i = 0; i < a.size(); ++i) a.own()[i] = std::sin(double(i));
  for (tenon::index i = 0; i < b.size(); ++i) b.own()[i] = std::cos(2.0 * double(i));
  check_grads([](const auto& x, const auto& y) { return sum(tanh(einsum<"ij,jk->ki">(x, y))); },
              primals(a, b));
  check_grads([](const auto& x, const auto& y) { return sum(tanh(kron(x, y))); }, primals(a, b));
  check_grads([](const auto& x) { return sum(tanh(diagonal<1>(x))); }, primals(b), {.order = 2});
}

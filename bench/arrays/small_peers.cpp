// The cases of tenon_small.cpp in Eigen's matrices of fixed size and in xtensor_fixed.
#include <Eigen/Dense>

#include <memory>
#include <xtensor/xfixed.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include "arrays.hpp"

namespace arrays {

namespace {

template <class Y, class A, class B, class F>
void small_case(const std::string& name, const char* library, F f, const A& a, const B& b) {
  struct operands {
    A a;
    B b;
    Y y;
  };
  const auto x = std::make_shared<operands>(operands{a, b, Y()});
  add(name, library, [x, f] {
    f(x->y, x->a, x->b);
    keep(&x->y);
  });
}
/// Without a thing that is compiled, both lines of a case have the same peer.
template <class Y, class A, class B, class F>
void both(const std::string& name, const char* library, F f, const A& a, const B& b) {
  small_case<Y>(name, library, f, a, b);
  small_case<Y>(name + ", compiled", library, f, a, b);
}

template <int R, int C>
void eigen_elements() {
  const std::string n = ", " + std::to_string(R * C) + " elements";
  using m = Eigen::Array<float, R, C>;
  const m a = m::Constant(0.5f), b = m::Constant(0.25f);
  both<m>(
      "a + b" + n, "Eigen", [](m& y, const m& p, const m& q) { y = p + q; }, a, b);
  both<m>(
      "a * b + a" + n, "Eigen", [](m& y, const m& p, const m& q) { y = p * q + p; }, a, b);
  both<m>(
      "(a + b) a - a / (b b + 1)" + n, "Eigen",
      [](m& y, const m& p, const m& q) { y = (p + q) * p - p / (q * q + 1.0f); }, a, b);
  both<m>(
      "tanh(a b) + a" + n, "Eigen", [](m& y, const m& p, const m& q) { y = (p * q).tanh() + p; }, a, b);
  small_case<float>(
      "sum" + n, "Eigen", [](float& y, const m& p, const m&) { y = p.sum(); }, a, b);
  both<float>(
      "dot" + n, "Eigen", [](float& y, const m& p, const m& q) { y = (p * q).sum(); }, a, b);
}

template <std::size_t R, std::size_t C>
void xtensor_elements() {
  const std::string n = ", " + std::to_string(R * C) + " elements";
  using m = xt::xtensor_fixed<float, xt::xshape<R, C>>;
  m a, b;
  a.fill(0.5f);
  b.fill(0.25f);
  both<m>(
      "a + b" + n, "xtensor", [](m& y, const m& p, const m& q) { xt::noalias(y) = p + q; }, a, b);
  both<m>(
      "a * b + a" + n, "xtensor", [](m& y, const m& p, const m& q) { xt::noalias(y) = p * q + p; }, a, b);
  both<m>(
      "(a + b) a - a / (b b + 1)" + n, "xtensor",
      [](m& y, const m& p, const m& q) { xt::noalias(y) = (p + q) * p - p / (q * q + 1.0f); }, a, b);
  both<m>(
      "tanh(a b) + a" + n, "xtensor",
      [](m& y, const m& p, const m& q) { xt::noalias(y) = xt::tanh(p * q) + p; }, a, b);
  small_case<float>(
      "sum" + n, "xtensor", [](float& y, const m& p, const m&) { y = xt::sum(p)(); }, a, b);
  both<float>(
      "dot" + n, "xtensor", [](float& y, const m& p, const m& q) { y = xt::sum(p * q)(); }, a, b);
}

}  // namespace

void small_peers() {
  eigen_elements<2, 2>();
  eigen_elements<4, 4>();
  eigen_elements<8, 8>();
  using m4 = Eigen::Matrix<float, 4, 4, Eigen::RowMajor>;
  using v4 = Eigen::Vector4f;
  using v3 = Eigen::Vector3f;
  const m4 m = m4::Constant(0.5f);
  const v4 v = v4::Constant(0.25f);
  both<m4>(
      "matmul 4 x 4 by 4 x 4", "Eigen", [](m4& y, const m4& a, const m4& b) { y.noalias() = a * b; }, m, m);
  both<v4>(
      "matmul 4 x 4 by 4", "Eigen", [](v4& y, const m4& a, const v4& b) { y.noalias() = a * b; }, m, v);
  small_case<m4>(
      "transpose 4 x 4", "Eigen", [](m4& y, const m4& a, const v4&) { y = a.transpose(); }, m, v);
  small_case<v3>(
      "v / norm(v), 3 elements", "Eigen", [](v3& y, const v3& a, const v4&) { y = a / a.norm(); },
      v3(1, 2, 3), v);
  xtensor_elements<2, 2>();
  xtensor_elements<4, 4>();
  xtensor_elements<8, 8>();
}

}  // namespace arrays

// The same program as mlp_tenon.cpp, written by hand.
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <vector>

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using vector = Eigen::RowVectorXf;

struct mlp {
  matrix w1, w2;
  vector b1, b2;
};

struct trainer {
  matrix h, z, dh, g1, g2;
  vector gb1, gb2;

  float step(mlp& m, const matrix& x, const std::vector<int>& y, float lr) {
    const Eigen::Index n = x.rows();
    const float share = 1.f / float(n);
    float loss = 0;
    h.noalias() = x * m.w1;
    for (Eigen::Index i = 0; i < n; ++i) h.row(i) = (h.row(i) + m.b1).array().tanh().matrix();
    z.noalias() = h * m.w2;
    for (Eigen::Index i = 0; i < n; ++i) {
      auto r = z.row(i).array();
      r += m.b2.array();
      r -= r.maxCoeff();
      const float picked = r(y[std::size_t(i)]);
      r = r.exp();
      const float sum = r.sum();
      loss += std::log(sum) - picked;
      r *= share / sum;
      z(i, y[std::size_t(i)]) -= share;
    }
    g2.noalias() = h.transpose() * z;
    gb2 = z.colwise().sum();
    dh.noalias() = z * m.w2.transpose();
    gb1.setZero(m.b1.size());
    for (Eigen::Index i = 0; i < n; ++i) {
      dh.row(i).array() *= 1 - h.row(i).array().square();
      gb1 += dh.row(i);
    }
    g1.noalias() = x.transpose() * dh;
    m.w1 -= lr * g1;
    m.b1 -= lr * gb1;
    m.w2 -= lr * g2;
    m.b2 -= lr * gb2;
    return loss * share;
  }
};

int main() {
  unsigned state = 1;
  const auto noise = [&] { return float(state = state * 1664525u + 1013904223u) / 4294967296.f - 0.5f; };
  mlp m{matrix(57, 64), matrix(64, 2), vector::Zero(64), vector::Zero(2)};
  for (auto* w : {&m.w1, &m.w2})
    for (Eigen::Index i = 0; i < w->size(); ++i) w->data()[i] = 0.2f * noise();
  matrix x(64, 57);
  std::vector<int> y(64);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = noise();
  for (int i = 0; i < 64; ++i) y[std::size_t(i)] = i % 2;

  trainer t;
  for (int k = 0; k < 100; ++k) {
    const float loss = t.step(m, x, y, 0.1f);
    if (k % 10 == 0) std::printf("%g\n", double(loss));
  }
}

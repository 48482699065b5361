// The baseline of the training steps: an MLP with one hidden layer in Eigen, as a careful author writes it. Whole
// matrices only where products are; everything else row by row, while a row is in the cache.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <vector>

namespace spine {

struct eigen_mlp {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using vector = Eigen::RowVectorXf;

  matrix x, w1, w2, h, z, dh, g1, g2;
  vector b1, b2, gb1, gb2;
  std::vector<std::int32_t> y;

  float step(float lr) {
    const Eigen::Index n = x.rows();
    const float share = 1.f / float(n);
    float loss = 0;
    h.noalias() = x * w1;
    for (Eigen::Index i = 0; i < n; ++i) h.row(i) = (h.row(i) + b1).array().tanh().matrix();
    z.noalias() = h * w2;
    for (Eigen::Index i = 0; i < n; ++i) {
      auto r = z.row(i).array();
      r += b2.array();
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
    dh.noalias() = z * w2.transpose();
    gb1.setZero(b1.size());
    for (Eigen::Index i = 0; i < n; ++i) {
      dh.row(i).array() *= 1 - h.row(i).array().square();
      gb1 += dh.row(i);
    }
    g1.noalias() = x.transpose() * dh;
    w1 -= lr * g1;
    b1 -= lr * gb1;
    w2 -= lr * g2;
    b2 -= lr * gb2;
    return loss * share;
  }
};

}  // namespace spine

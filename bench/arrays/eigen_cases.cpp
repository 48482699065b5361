// The cases that plain Eigen has, as its users write them.
#include <Eigen/Dense>

#include <memory>

#include "arrays.hpp"

namespace arrays {

namespace {

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using grid = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using line = Eigen::ArrayXf;

template <class F>
void one_function(const char* name, F f, float low, float high) {
  for (const int n : {10'000, 1'000'000}) {
    const auto x = std::make_shared<line>((line::Random(n) * 0.5f + 0.5f) * (high - low) + low);
    const auto y = std::make_shared<line>(n);
    add(std::string(name) + " of " + std::to_string(n), "Eigen", [=] {
      *y = f(*x);
      keep(y->data());
    });
  }
}

void product(int m, int k, int n) {
  const auto a = std::make_shared<matrix>(matrix::Random(m, k)),
             b = std::make_shared<matrix>(matrix::Random(k, n)), c = std::make_shared<matrix>(m, n);
  add("matmul [" + std::to_string(m) + ", " + std::to_string(k) + "] x [" + std::to_string(k) + ", " +
          std::to_string(n) + "]",
      "Eigen", [=] {
        c->noalias() = *a * *b;
        keep(c->data());
      });
}

}  // namespace

void eigen_cases() {
  for (const int n : {1'000, 100'000, 16'000'000}) {
    const auto a = std::make_shared<line>(line::Random(n)), b = std::make_shared<line>(line::Random(n)),
               c = std::make_shared<line>(line::Random(n)), y = std::make_shared<line>(n),
               t = std::make_shared<line>(n);
    add("chain t = tanh(a b + c), t (a + t), " + std::to_string(n), "Eigen", [=] {
      *t = (*a * *b + *c).tanh();
      *y = *t * (*a + *t);
      keep(y->data());
    });
    add("chain (a + b) c - a / (b b + 1), " + std::to_string(n), "Eigen", [=] {
      *y = (*a + *b) * *c - *a / (*b * *b + 1.0f);
      keep(y->data());
    });
  }
  const auto x = std::make_shared<grid>(grid::Random(1000, 1000)), y = std::make_shared<grid>(1000, 1000);
  const auto row = std::make_shared<Eigen::Array<float, 1, Eigen::Dynamic>>(
      Eigen::Array<float, 1, Eigen::Dynamic>::Random(1000));
  const auto column = std::make_shared<line>(line::Random(1000)), out = std::make_shared<line>(1000);
  const auto across = std::make_shared<Eigen::Array<float, 1, Eigen::Dynamic>>(1000);
  add("[1000, 1000] + row", "Eigen", [=] {
    *y = x->rowwise() + *row;
    keep(y->data());
  });
  add("[1000, 1000] + column", "Eigen", [=] {
    *y = x->colwise() + *column;
    keep(y->data());
  });
  add("column * row [1000, 1000]", "Eigen", [=] {
    y->matrix().noalias() = column->matrix() * row->matrix();
    keep(y->data());
  });
  add("where(x > 0.5, x, 0) [1000, 1000]", "Eigen", [=] {
    *y = (*x > 0.5f).select(*x, 0.0f);
    keep(y->data());
  });
  add("sum [1000, 1000] axis 0", "Eigen", [=] {
    *across = x->colwise().sum();
    keep(across->data());
  });
  add("sum [1000, 1000] axis 1", "Eigen", [=] {
    *out = x->rowwise().sum();
    keep(out->data());
  });
  add("sum [1000, 1000]", "Eigen", [=] {
    const float s = x->sum();
    keep(&s);
  });
  add("max [1000, 1000] axis 0", "Eigen", [=] {
    *across = x->colwise().maxCoeff();
    keep(across->data());
  });
  add("max [1000, 1000] axis 1", "Eigen", [=] {
    *out = x->rowwise().maxCoeff();
    keep(out->data());
  });
  add("transpose [1000, 1000]", "Eigen", [=] {
    *y = x->transpose();
    keep(y->data());
  });
  add("x[::-1, ::-1] [1000, 1000]", "Eigen", [=] {
    *y = x->reverse();
    keep(y->data());
  });
  add("softmax [1000, 1000]", "Eigen", [=] {
    *out = x->rowwise().maxCoeff();
    *y = (x->colwise() - *out).exp();
    *out = y->rowwise().sum();
    y->colwise() /= *out;
    keep(y->data());
  });
  one_function(
      "exp", [](const line& v) { return v.exp(); }, -5, 5);
  one_function(
      "log", [](const line& v) { return v.log(); }, 0.01f, 10);
  one_function(
      "tanh", [](const line& v) { return v.tanh(); }, -5, 5);
  one_function(
      "sin", [](const line& v) { return v.sin(); }, -10, 10);
  one_function(
      "sqrt", [](const line& v) { return v.sqrt(); }, 0, 10);
  for (const int n : {16, 64, 256, 1024, 2048}) product(n, n, n);
  product(100'000, 64, 64);
  product(64, 100'000, 64);
  product(1, 1024, 1024);
}

}  // namespace arrays

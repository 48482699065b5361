// Losses and their gradients against long double, for logits of every size.
#include <tenon/autodiff/transforms.hpp>
#include <tenon/loss/cross_entropy.hpp>

#include "../support.hpp"

#include <cmath>

using namespace tenon;
using test::vec;

namespace {

struct expected_loss {
  long double value = 0;
  std::vector<long double> gradient;
};

expected_loss softmax_reference(const vec& z, const std::vector<int>& labels, std::size_t classes) {
  expected_loss r;
  const auto rows = static_cast<long double>(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double* const row = z.data() + i * classes;
    const long double top = *std::max_element(row, row + classes);
    long double total = 0;
    for (std::size_t k = 0; k < classes; ++k) total += std::exp(row[k] - top);
    r.value += (std::log(total) - (row[labels[i]] - top)) / rows;
    for (std::size_t k = 0; k < classes; ++k)
      r.gradient.push_back((std::exp(row[k] - top) / total - (int(k) == labels[i] ? 1 : 0)) / rows);
  }
  return r;
}
expected_loss sigmoid_reference(const vec& z, const vec& y) {
  expected_loss r;
  const auto n = static_cast<long double>(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    const long double v = z[i];
    r.value += (std::fmax(v, 0.L) - v * y[i] + std::log1p(std::exp(-std::fabs(v)))) / n;
    const long double s = v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v));
    r.gradient.push_back((s - y[i]) / n);
  }
  return r;
}

template <class T, class Gradient>
void agree(T value, const Gradient& gradient, const expected_loss& e) {
  const auto tolerance = 20 * static_cast<long double>(std::numeric_limits<T>::epsilon());
  CHECK(std::fabs(value - e.value) <= tolerance * std::fmax(1.L, std::fabs(e.value)));
  REQUIRE(std::size_t(gradient.size()) == e.gradient.size());
  for (std::size_t i = 0; i < e.gradient.size(); ++i)
    CHECK(std::fabs(gradient.flat()[i] - e.gradient[i]) <= tolerance);
}

constexpr auto softmax_loss = [](const auto& z, const auto& l) { return loss::softmax_cross_entropy(z, l); };
constexpr auto sigmoid_loss = [](const auto& z, const auto& y) { return loss::sigmoid_cross_entropy(z, y); };

}  // namespace

TEST_CASE_TEMPLATE("softmax_cross_entropy", T, float, double) {
  const double big = sizeof(T) == 4 ? 1e30 : 1e300;
  const std::vector<std::pair<vec, std::vector<int>>> cases{{{0.5, -1, 2, 0, 0, 0, 3, 3, -3}, {2, 0, 1}},
                                                            {{100, -100, 0, -1000, 1000, 1000}, {1, 0}},
                                                            {{big, -big, big, 0, big, -big}, {0, 1}},
                                                            {{1e-8, 0, -1e-8}, {1}}};
  for (const auto& [z, l] : cases) {
    const auto rows = tenon::index(l.size());
    auto logits = zeros<T, "batch", 3>(rows);
    for (std::size_t i = 0; i < z.size(); ++i) logits.own()[i] = static_cast<T>(z[i]);
    const auto labels = from_data<int, "batch">(l.data(), rows);
    const auto [value, gradient] = value_and_grad(softmax_loss)(logits, labels);
    agree(value.item(), gradient, softmax_reference(test::values(logits), l, 3));
  }
}

TEST_CASE_TEMPLATE("sigmoid_cross_entropy", T, float, double) {
  const double big = sizeof(T) == 4 ? 1e30 : 1e300;
  const std::vector<std::pair<vec, vec>> cases{{{0.5, -1, 2, -3}, {1, 1, 0, 0}},
                                               {{100, -100, 1000, -1000}, {1, 1, 0, 1}},
                                               {{big, -big, big, -big}, {1, 0, 1, 0}},
                                               {{0.25, -0.5}, {0.3, 0.9}}};
  for (const auto& [z, y] : cases) {
    auto logits = zeros<T>(tenon::index(z.size()));
    auto labels = logits;
    for (std::size_t i = 0; i < z.size(); ++i) {
      logits.own()[i] = static_cast<T>(z[i]);
      labels.own()[i] = static_cast<T>(y[i]);
    }
    const auto [value, gradient] = value_and_grad(sigmoid_loss)(logits, labels);
    agree(value.item(), gradient, sigmoid_reference(test::values(logits), test::values(labels)));
  }
}

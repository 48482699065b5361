// Classes, counts, orders and choices by weights.
#include <tenon/array/sampling.hpp>
#include <tenon/ops/exponential.hpp>

#include "../support.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <set>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

constexpr int many = 60000;

/// Pearson's statistic of counts in standard deviations from its mean.
double pearson(const vec& seen, const vec& expected) {
  double sum = 0;
  int degrees = -1;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    if (expected[k] == 0) {
      CHECK(seen[k] == 0);
      continue;
    }
    sum += (seen[k] - expected[k]) * (seen[k] - expected[k]) / expected[k];
    ++degrees;
  }
  return (sum - degrees) / std::sqrt(2.0 * degrees);
}
vec counted(const vec& x, std::size_t n) {
  vec r(n);
  for (const double v : x) r.at(static_cast<std::size_t>(v)) += 1;
  return r;
}

}  // namespace

TEST_CASE("classes by weights and by logits") {
  generator g{21};
  const tensor<float, 4> w{2, 0, 5, 3};
  const vec expected{0.2 * many, 0, 0.5 * many, 0.3 * many};
  const auto repeated = eval(broadcast_to(w, shape_of(zeros<float>(many, 4))));
  const auto x = categorical(g, repeated);
  static_assert(
      std::is_same_v<decltype(categorical(g, tensor<float, "batch", 3>())), tensor<std::int64_t, "batch">>);
  CHECK(x.shape() == std::array<tenon::index, 1>{many});
  CHECK(std::abs(pearson(counted(values(x), 4), expected)) < 4);
  const auto y = categorical_from_logits(g, log(repeated) + 7.f);
  CHECK(std::abs(pearson(counted(values(y), 4), expected)) < 4);
  CHECK(categorical(g, tensor<double, 3>{0, 0, 1e-300}).item() == 2);
  CHECK(categorical(g, zeros<float>(0, 3)).size() == 0);
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(contains(thrown<usage_error>([&] {
                   (void)categorical(g, tensor<float, 2>{1, -1});
                 }),
                 "place 1 of row 0"));
  CHECK(thrown<usage_error>([&] { (void)categorical(g, tensor<float, 2>{0, 0}); }) != "");
  CHECK(thrown<usage_error>([&] { (void)categorical(g, tensor<float, 2>{inf, 0}); }) != "");
  CHECK(thrown<usage_error>([&] { (void)categorical(g, zeros<float>(3, 0)); }) != "");
  CHECK(thrown<usage_error>([&] { (void)categorical_from_logits(g, tensor<float, 2>{inf, 0}); }) != "");
  CHECK(thrown<usage_error>([&] { (void)categorical_from_logits(g, tensor<float, 2>{-inf, -inf}); }) != "");
}

TEST_CASE("counts of draws") {
  generator g{22};
  const tensor<double, 4> w{0.2, 0, 0.5, 0.3};
  vec total(4), squares(4);
  const auto x = values(multinomial(g, 100, eval(broadcast_to(w, shape_of(zeros<double>(5000, 4))))));
  for (std::size_t i = 0; i < 5000; ++i) {
    double row = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const double v = x[4 * i + k];
      row += v;
      total[k] += v;
      squares[k] += (v - 100 * w(k)) * (v - 100 * w(k));
    }
    REQUIRE(row == 100);
  }
  for (std::size_t k = 0; k < 4; ++k) {
    const double p = w(k), variance = 100 * p * (1 - p);
    CHECK(std::abs(total[k] / 5000 - 100 * p) <= 5 * std::sqrt(variance / 5000));
    CHECK(std::abs(squares[k] / 5000 - variance) <= 0.12 * variance);
  }
  CHECK(values(multinomial(g, 0, w)) == vec(4, 0));
  CHECK(thrown<usage_error>([&] { (void)multinomial(g, -1, w); }) != "");
}

TEST_CASE("shuffles") {
  generator g{23};
  tensor<int, dyn, 2> x{{0, 1}, {2, 3}, {4, 5}};
  const auto before = x;
  std::map<vec, int> seen;
  for (int i = 0; i < 6000; ++i) {
    auto y = x;
    shuffle(g, y);
    ++seen[values(y)];
  }
  CHECK(values(x) == values(before));
  CHECK(seen.size() == 6);
  for (const auto& [order, times] : seen) {
    CHECK(std::abs(times - 1000) < 150);
    CHECK(order[1] == order[0] + 1);
  }
  tensor<float, dyn> empty;
  shuffle(g, empty);
  CHECK(empty.size() == 0);
}

TEST_CASE("choices") {
  generator g{24};
  CHECK(std::abs(pearson(counted(values(choice(g, 5, many)), 5), vec(5, many / 5.))) < 4);
  vec times(5);
  for (int i = 0; i < 10000; ++i) {
    const auto some = values(choice(g, 5, 3, replacement::without));
    REQUIRE(std::set<double>(some.begin(), some.end()).size() == 3);
    for (const double v : some) times[static_cast<std::size_t>(v)] += 1;
  }
  for (const double t : times) CHECK(std::abs(t - 6000) < 5 * std::sqrt(2400.));
  const tensor<double, 4> w{1, 0, 2, 1};
  CHECK(std::abs(pearson(counted(values(choice(g, w, many)), 4), {many / 4., 0, many / 2., many / 4.})) < 4);
  vec first(4), second(4);
  for (int i = 0; i < 20000; ++i) {
    const auto some = values(choice(g, w, 2, replacement::without));
    REQUIRE(some[0] != some[1]);
    first[static_cast<std::size_t>(some[0])] += 1;
    second[static_cast<std::size_t>(some[1])] += 1;
  }
  CHECK(std::abs(pearson(first, {5000, 0, 10000, 5000})) < 4);
  // second 0: after 2 (1/2 * 1/2) or after 3 (1/4 * 1/3); second 2: after either (2 * 1/4 * 2/3)
  CHECK(std::abs(pearson(second, {20000 / 3., 0, 20000 / 3., 20000 / 3.})) < 4);
  CHECK(choice(g, 0, 0).size() == 0);
  CHECK(values(choice(g, 1, 1, replacement::without)) == vec{0});
  CHECK(thrown<usage_error>([&] { (void)choice(g, 3, 4, replacement::without); }) != "");
  CHECK(thrown<usage_error>([&] { (void)choice(g, 0, 1); }) != "");
  CHECK(thrown<usage_error>([&] { (void)choice(g, 3, -1); }) != "");
  CHECK(thrown<usage_error>([&] { (void)choice(g, w, 4, replacement::without); }) != "");
}

// Accuracy, confusion matrices and their tables; what NaN counts as.
#include "tenon/metric/classification.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using tenon::accuracy;
using tenon::confusion_matrix;
using tenon::dyn;
using tenon::predicted_labels;
using tenon::tensor;

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

template <class E, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no such error";
}

using vec = std::vector<double>;
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("predicted_labels: the greatest logit, the first of equal ones") {
  CHECK(values(predicted_labels(tensor<float, 5, 3>{
            {1, 2, 3}, {3, 2, 1}, {2, 2, 1}, {-infinite, -infinite, -1}, {0, infinite, 5}})) ==
        vec{2, 0, 0, 2, 1});
  CHECK(values(predicted_labels(tensor<double, 4>{0.1, -0.1, 0, 5})) == vec{1, 0, 0, 1});
  CHECK(values(predicted_labels(tensor<double, 2, 1>{{0.1}, {-0.1}})) == vec{1, 0});
  const auto one = tenon::full<float>(2.f, 3, 1);
  CHECK(values(predicted_labels(one)) == vec{1, 1, 1});
  CHECK(predicted_labels(tenon::zeros<float>(0, 3)).size() == 0);
  CHECK_THROWS_AS(predicted_labels(tenon::zeros<float>(3, 0)), tenon::shape_error);
}

TEST_CASE("predicted_labels: NaN predicts nothing, wherever it is") {
  CHECK(values(predicted_labels(tensor<float, 4, 3>{{NaN, 1, 2}, {2, NaN, 1}, {1, 2, NaN}, {1, 2, 3}})) ==
        vec{-1, -1, -1, 2});
  CHECK(values(predicted_labels(tensor<float, 3>{NaN, 1, -1})) == vec{-1, 1, 0});
}

TEST_CASE("accuracy") {
  const tensor<float, 4, 3> logits{{1, 2, 3}, {3, 2, 1}, {1, 3, 2}, {NaN, 2, 1}};
  CHECK(accuracy(logits, tensor<int, 4>{2, 0, 1, 1}) == 0.75);
  CHECK(accuracy(logits, tensor<int, 4>{2, 0, 1, 0}) == 0.75);
  CHECK(accuracy(logits, tensor<std::int64_t, dyn>{0, 0, 0, 0}) == 0.25);
  const tensor<double, 4> binary{1, -1, 0, std::numeric_limits<double>::quiet_NaN()};
  CHECK(accuracy(binary, tensor<int, 4>{1, 0, 0, 0}) == 0.75);
  CHECK(accuracy(binary, tensor<double, 4>{1, 0, 0, 1}) == 0.75);
  CHECK(accuracy(binary, tensor<bool, 4>{true, false, true, true}) == 0.5);
  CHECK(accuracy(tensor<float, 2, 1>{{1}, {-1}}, tensor<float, 2, 1>{{1}, {1}}) == 0.5);
}

TEST_CASE("accuracy: what it refuses") {
  const tensor<float, 2, 3> logits{{1, 2, 3}, {3, 2, 1}};
  CHECK(error_of<tenon::shape_error>([&] {
          accuracy(logits, tensor<int, 3>{0, 1, 2});
        }) == "accuracy: expected 2 labels, got shape [3]");
  CHECK(error_of<tenon::shape_error>([&] {
          accuracy(logits, tensor<int, 1, 2>{{0, 1}});
        }) == "accuracy: expected 2 labels, got shape [1, 2]");
  CHECK(error_of<tenon::index_error>([&] {
          accuracy(logits, tensor<int, 2>{0, 3});
        }) == "accuracy: expected labels from 0 to 2, got 3 in row 1");
  CHECK_THROWS_AS(accuracy(logits, tensor<int, 2>{-1, 0}), tenon::index_error);
  CHECK_THROWS_AS(accuracy(logits, tensor<float, 2>{0.5f, 0}), tenon::index_error);
  CHECK_THROWS_AS(accuracy(logits, tensor<float, 2>{NaN, 0}), tenon::index_error);
  CHECK_THROWS_AS(accuracy(logits, tensor<double, 2>{1e300, 0}), tenon::index_error);
  CHECK_THROWS_AS(accuracy(tensor<float, 1>{1}, tensor<int, 1>{2}), tenon::index_error);
  CHECK_THROWS_AS(accuracy(tenon::zeros<float>(0, 3), tensor<int, dyn>()), tenon::usage_error);
}

TEST_CASE("confusion_matrix: true classes down, predictions across") {
  const tensor<int, 6> truth{0, 0, 1, 1, 2, 2};
  const tensor<std::int64_t, 6> predicted{0, 1, 1, 1, 0, 2};
  const auto counts = confusion_matrix(predicted, truth, 3);
  CHECK(values(counts) == vec{1, 1, 0, 0, 2, 0, 1, 0, 1});
  CHECK(values(confusion_matrix(tensor<float, 2, 2>{{1, 0}, {0, 1}}, tensor<int, 2>{1, 1}, 2)) ==
        vec{0, 0, 1, 1});
  CHECK(values(confusion_matrix(tensor<float, 2>{1, -1}, tensor<double, 2>{1, 1}, 2)) == vec{0, 0, 1, 1});
  CHECK(confusion_matrix(predicted, truth, 4).extent(1) == 4);
  CHECK_THROWS_AS(confusion_matrix(predicted, truth, 2), tenon::index_error);
  CHECK_THROWS_AS(confusion_matrix(predicted, truth, 0), tenon::usage_error);
  CHECK_THROWS_AS(confusion_matrix(predicted, tensor<int, 2>{0, 1}, 3), tenon::shape_error);
  CHECK(error_of<tenon::index_error>([&] {
          confusion_matrix(tensor<float, 2>{1, NaN}, tensor<int, 2>{1, 1}, 2);
        }) == "confusion_matrix (predictions; -1 is NaN): expected labels from 0 to 1, got -1 in row 1");
}

TEST_CASE("to_text: a table that lines up") {
  const tensor<std::int64_t, dyn, dyn> counts{{812, 25}, {31, 512}};
  CHECK(tenon::to_text(counts, {"nonspam", "spam"}) ==
        "true \\ predicted  nonspam  spam  recall %\n"
        "nonspam               812    25      97.0\n"
        "spam                   31   512      94.3\n"
        "precision %          96.3  95.3      95.9\n");
  CHECK(tenon::to_text({{3, 0}, {0, 0}}, {"caf\xc3\xa9", "tea"}) ==
        "true \\ predicted   caf\xc3\xa9  tea  recall %\n"
        "caf\xc3\xa9                  3    0     100.0\n"
        "tea                   0    0         -\n"
        "precision %       100.0    -     100.0\n");
  CHECK(tenon::to_text({{1}}) ==
        "true \\ predicted      0  recall %\n"
        "0                     1     100.0\n"
        "precision %       100.0     100.0\n");
  CHECK_THROWS_AS(tenon::to_text(counts, {"spam"}), tenon::usage_error);
  CHECK_THROWS_AS(tenon::to_text(tenon::zeros<std::int64_t>(2, 3)), tenon::shape_error);
}

TEST_CASE("mean_with_error") {
  const auto [mean, error] = tenon::mean_with_error({1, 2, 3, 4});
  CHECK(mean == 2.5);
  CHECK(error == doctest::Approx(std::sqrt(5.0 / 3 / 4)));
  CHECK(tenon::mean_with_error({7}).mean == 7);
  CHECK(std::isnan(tenon::mean_with_error({7}).error));
  CHECK(tenon::mean_with_error({2, 2}).error == 0);
  CHECK_THROWS_AS(tenon::mean_with_error({}), tenon::usage_error);
}

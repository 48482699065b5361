// How good a classifier is: accuracy, confusion matrices, and means with their standard errors.
//
// Logits are [n, c], the greatest of a row being the prediction (the first of equal ones), or for two classes
// [n] or [n, 1], where above 0 means class 1. A row with a NaN predicts nothing, which is never right. Labels
// are whole numbers of any dtype, [n] or [n, 1].
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/array/create.hpp"

namespace tenon {

namespace detail {

[[noreturn]] inline void refuse_labels(const char* who, index rows, const extents& got) {
  throw shape_error(std::string(who) + ": expected " + std::to_string(rows) + " labels, got shape " +
                    describe(got));
}
[[noreturn]] inline void refuse_label(const char* who, const std::string& label, index row, index classes) {
  throw index_error(std::string(who) + ": expected labels from 0 to " + std::to_string(classes - 1) +
                    ", got " + label + " in row " + std::to_string(row));
}

/// Labels as indices, checked: as many as there are rows, and each below `classes`.
template <class L, class S>
std::vector<index> checked_labels(const char* who, const basic_tensor<L, S>& labels, index rows,
                                  index classes) {
  static_assert(S::rank == 1 || S::rank == 2, "tenon: labels are a tensor [n] or [n, 1]");
  if (labels.size() != rows || labels.extent(0) != rows)
    refuse_labels(who, rows, extents_of_leaf(labels.record(), S::rank));
  std::vector<index> out(static_cast<std::size_t>(rows));
  for (index i = 0; i < rows; ++i) {
    const L v = labels.flat()[i];
    bool fits = v >= L(0) && static_cast<double>(v) < static_cast<double>(classes);
    if constexpr (std::floating_point<L>) fits = fits && v == std::floor(v);
    if (!fits) refuse_label(who, std::to_string(v), i, classes);
    out[static_cast<std::size_t>(i)] = static_cast<index>(v);
  }
  return out;
}

/// 2 where logits are of two classes in one number.
template <class T, class S>
index classes_of(const basic_tensor<T, S>& logits) {
  if constexpr (S::rank == 1)
    return 2;
  else
    return logits.extent(1) == 1 ? 2 : logits.extent(1);
}

}  // namespace detail

/// The class that each row of logits predicts, -1 where it holds a NaN: [n, c] -> [n], and [n] or [n, 1] ->
/// [n] for two classes. shape_error where there are no columns.
template <std::floating_point T, class S>
tensor<std::int64_t, dyn> predicted_labels(const basic_tensor<T, S>& logits) {
  static_assert(S::rank == 1 || S::rank == 2,
                "tenon: logits are a tensor [n, classes], or [n] for two classes");
  const index n = logits.extent(0);
  index c = 1;
  if constexpr (S::rank == 2) c = logits.extent(1);
  if (c == 0) throw shape_error("predicted_labels: expected logits of at least one column, got none");
  auto r = tensor<std::int64_t, dyn>::uninitialised({n});
  std::int64_t* const to = r.own();
  const T* row = logits.flat();
  for (index i = 0; i < n; ++i, row += c) {
    index best = c == 1 && row[0] > T(0) ? 1 : 0;
    bool nan = false;
    for (index k = 0; k < c; ++k) {
      nan = nan || std::isnan(row[k]);
      if (c > 1 && row[k] > row[best]) best = k;
    }
    to[i] = nan ? -1 : best;
  }
  return r;
}

/// The share of rows that are predicted right: logits [n, c] (or [n], [n, 1]), labels [n] -> 0 to 1.
/// usage_error where there is no row, shape_error where the rows differ, index_error for a label that is no
/// class.
template <std::floating_point T, class S, element L, class R>
double accuracy(const basic_tensor<T, S>& logits, const basic_tensor<L, R>& labels) {
  const auto predicted = predicted_labels(logits);
  const index n = predicted.size();
  if (n == 0) throw usage_error("accuracy: expected at least one row, got none");
  const std::vector<index> truth = detail::checked_labels("accuracy", labels, n, detail::classes_of(logits));
  index right = 0;
  for (index i = 0; i < n; ++i) right += predicted.flat()[i] == truth[static_cast<std::size_t>(i)] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(n);
}

/// How often each class (row) was taken for each class (column): predicted labels [n] or logits, labels [n]
/// -> [classes, classes]. index_error for a label or prediction that is no class, NaN logits among them.
template <element P, class S, element L, class R>
tensor<std::int64_t, dyn, dyn> confusion_matrix(const basic_tensor<P, S>& predicted,
                                                const basic_tensor<L, R>& labels, index classes) {
  if constexpr (std::floating_point<P>) {
    return confusion_matrix(predicted_labels(predicted), labels, classes);
  } else {
    if (classes < 1)
      throw usage_error("confusion_matrix: expected at least one class, got " + std::to_string(classes));
    static_assert(S::rank == 1, "tenon: predicted labels are a tensor [n]; logits have a floating dtype");
    const index n = predicted.size();
    const auto guess =
        detail::checked_labels("confusion_matrix (predictions; -1 is NaN)", predicted, n, classes);
    const auto truth = detail::checked_labels("confusion_matrix (labels)", labels, n, classes);
    auto counts = zeros<std::int64_t>(classes, classes);
    std::int64_t* const p = counts.own();
    for (std::size_t i = 0; i < guess.size(); ++i) ++p[truth[i] * classes + guess[i]];
    return counts;
  }
}

/// A confusion matrix [c, c] as a table with recall, precision and accuracy in per cent, for a terminal:
/// names of the classes, or their numbers where none are given. shape_error for a matrix that is not square,
/// usage_error for another number of names than classes.
inline std::string to_text(const tensor<std::int64_t, dyn, dyn>& confusion,
                           std::vector<std::string> names = {}) {
  const index c = confusion.extent(0);
  if (confusion.extent(1) != c)
    throw shape_error("to_text: expected a square confusion matrix, got shape [" + std::to_string(c) + ", " +
                      std::to_string(confusion.extent(1)) + "]");
  if (names.empty())
    for (index i = 0; i < c; ++i) names.push_back(std::to_string(i));
  if (static_cast<index>(names.size()) != c)
    throw usage_error("to_text: expected " + std::to_string(c) + " names, got " +
                      std::to_string(names.size()));

  const auto percent = [](std::int64_t part, std::int64_t whole) -> std::string {
    if (whole == 0) return "-";
    char text[32];
    const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
    return {text, std::to_chars(text, text + sizeof text, share, std::chars_format::fixed, 1).ptr};
  };
  std::vector<std::vector<std::string>> table(static_cast<std::size_t>(c) + 2);
  table.front().push_back("true \\ predicted");
  table.back().push_back("precision %");
  std::int64_t right = 0, total = 0;
  for (index i = 0; i < c; ++i) {
    std::int64_t row = 0, column = 0;
    auto& line = table[static_cast<std::size_t>(i) + 1];
    line.push_back(names[static_cast<std::size_t>(i)]);
    for (index k = 0; k < c; ++k) {
      row += confusion.flat()[i * c + k];
      column += confusion.flat()[k * c + i];
      line.push_back(std::to_string(confusion.flat()[i * c + k]));
    }
    const std::int64_t hits = confusion.flat()[i * c + i];
    line.push_back(percent(hits, row));
    table.front().push_back(names[static_cast<std::size_t>(i)]);
    table.back().push_back(percent(hits, column));
    right += hits;
    total += row;
  }
  table.front().push_back("recall %");
  table.back().push_back(percent(right, total));

  const auto width = [](std::string_view text) {  // characters of UTF-8
    return std::count_if(text.begin(), text.end(),
                         [](char b) { return (static_cast<unsigned char>(b) & 0xC0) != 0x80; });
  };
  std::string out;
  for (const auto& line : table) {
    for (std::size_t k = 0; k < line.size(); ++k) {
      std::ptrdiff_t widest = 0;
      for (const auto& other : table) widest = std::max(widest, width(other[k]));
      const std::string gap(static_cast<std::size_t>(widest - width(line[k])), ' ');
      out += k == 0 ? line[k] + gap : "  " + gap + line[k];
    }
    out += '\n';
  }
  return out;
}

/// A mean and its standard error, the sample's standard deviation over the square root of its size.
struct mean_and_error {
  double mean, error;
};

/// Of the results of several runs or folds; the error of a single one is NaN. usage_error where there is
/// none.
inline mean_and_error mean_with_error(const std::vector<double>& values) {
  if (values.empty()) throw usage_error("mean_with_error: expected at least one value, got none");
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / n;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  return {mean, values.size() < 2 ? unknown : std::sqrt(squares / (n - 1) / n)};
}

}  // namespace tenon

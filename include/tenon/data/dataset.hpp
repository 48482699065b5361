// Data for training: columns on one scale, choices of rows, splits into parts, and batches.
//
// A part of a data set is a tensor of row numbers, so that one split serves features and labels: take_rows(x,
// rows).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "tenon/array/random.hpp"

namespace tenon {

/// Brings each column to mean 0 and standard deviation 1, with the means and deviations of one data set: fit
/// on the training rows, apply to them and to all others.
class standardiser {
 public:
  standardiser() = default;
  /// What another standardiser learned: [d], [d]; shape_error where they differ in length, usage_error for a
  /// scale of 0 or less.
  standardiser(tensor<double, dyn> mean, tensor<double, dyn> scale)
      : mean_(std::move(mean)), scale_(std::move(scale)) {
    if (mean_.size() != scale_.size())
      throw shape_error("standardiser: expected as many means as scales, got " +
                        std::to_string(mean_.size()) + " and " + std::to_string(scale_.size()));
    for (const double s : scale_)
      if (!(s > 0)) throw usage_error("standardiser: expected scales above 0, got " + std::to_string(s));
    fitted_ = true;
  }

  /// Learns from x [n, d], in double; a constant column gets the scale 1. usage_error where there is no row,
  /// a number is not finite (with its row and column) or a column spans more than a double holds.
  template <std::floating_point T, class S>
  standardiser& fit(const basic_tensor<T, S>& x) {
    static_assert(S::rank == 2, "tenon: standardiser::fit takes a tensor of rows and columns");
    learn(x.flat(), x.extent(0), x.extent(1));
    return *this;
  }

  /// (x - mean) / scale, in double: [n, d] -> [n, d]. usage_error before fit and for a number that is not
  /// finite, shape_error where the columns are not as many as those of fit.
  template <std::floating_point T, class S>
  basic_tensor<T, S> apply(const basic_tensor<T, S>& x) const {
    static_assert(S::rank == 2, "tenon: standardiser::apply takes a tensor of rows and columns");
    auto y = basic_tensor<T, S>::uninitialised(x.shape());
    scaled(x.flat(), y.own(), x.extent(0), x.extent(1));
    return y;
  }

  /// [d], to save with a model.
  const tensor<double, dyn>& mean() const { return mean_; }
  const tensor<double, dyn>& scale() const { return scale_; }

 private:
  template <class T>
  void learn(const T* x, index n, index d) {
    if (n == 0) throw usage_error("standardiser: expected at least one row, got none");
    auto mean = zeros<double>(d), scale = zeros<double>(d);
    double* const m = mean.own();
    double* const s = scale.own();
    const std::vector<double> first(x, x + d);
    std::vector<double> low = first, high = first;
    const T* at = x;
    for (index r = 0; r < n; ++r)
      for (index c = 0; c < d; ++c, ++at) {
        const auto k = static_cast<std::size_t>(c);
        const double v = checked(static_cast<double>(*at), r, c);
        m[c] += v - first[k];  // exactly 0 for a constant column
        low[k] = std::min(low[k], v);
        high[k] = std::max(high[k], v);
      }
    std::vector<double> most(first.size());
    for (index c = 0; c < d; ++c) {
      const auto k = static_cast<std::size_t>(c);
      m[c] = first[k] + m[c] / static_cast<double>(n);
      most[k] = low[k] < high[k] ? std::max(high[k] - m[c], m[c] - low[k]) : 1;
    }
    at = x;
    for (index r = 0; r < n; ++r)
      for (index c = 0; c < d; ++c, ++at) {
        const double v = (static_cast<double>(*at) - m[c]) / most[static_cast<std::size_t>(c)];
        s[c] += v * v;  // at most 1: no square overflows
      }
    for (index c = 0; c < d; ++c) {
      s[c] = most[static_cast<std::size_t>(c)] * std::sqrt(s[c] / static_cast<double>(n));
      if (!std::isfinite(s[c]) || !std::isfinite(m[c]))
        throw usage_error("standardiser: column " + std::to_string(c) + " spans more than a double holds");
      if (s[c] == 0) s[c] = 1;
    }
    mean_ = std::move(mean);
    scale_ = std::move(scale);
    fitted_ = true;
  }

  template <class T>
  void scaled(const T* x, T* y, index n, index d) const {
    if (!fitted_) throw usage_error("standardiser: call fit before apply");
    if (d != scale_.size())
      throw shape_error("standardiser: expected " + std::to_string(scale_.size()) + " columns, got " +
                        std::to_string(d));
    const double* const m = mean_.flat();
    const double* const s = scale_.flat();
    for (index r = 0; r < n; ++r)
      for (index c = 0; c < d; ++c, ++x, ++y)
        *y = static_cast<T>((checked(static_cast<double>(*x), r, c) - m[c]) / s[c]);
  }

  static double checked(double v, index row, index column) {
    if (!std::isfinite(v)) refuse(v, row, column);
    return v;
  }
  [[noreturn]] static void refuse(double v, index row, index column) {
    throw usage_error("standardiser: row " + std::to_string(row) + ", column " + std::to_string(column) +
                      ": expected a finite number, got " + std::to_string(v));
  }

  tensor<double, dyn> mean_, scale_;
  bool fitted_ = false;
};

namespace detail {
template <class Rows, class Shape>
struct rows_shape;
template <class R, class D, class... Rest>
struct rows_shape<shape<R>, shape<D, Rest...>> {
  using type = shape<R, Rest...>;
};

[[noreturn]] inline void refuse_row(index row, index at, index rows) {
  throw index_error("take_rows: expected a row number below " + std::to_string(rows) + ", got " +
                    std::to_string(row) + " at position " + std::to_string(at));
}
}  // namespace detail

/// The rows of x with these numbers, in their order: [n, ...], [m] -> [m, ...]. Negative numbers count from
/// the end; index_error for one outside x.
template <element T, class S, std::integral I, class R>
auto take_rows(const basic_tensor<T, S>& x, const basic_tensor<I, R>& rows) {
  static_assert(S::rank >= 1 && R::rank == 1,
                "tenon: take_rows takes a tensor of rows and a list of row numbers");
  using Result = basic_tensor<T, typename detail::rows_shape<R, S>::type>;
  const index n = x.extent(0), m = rows.extent(0);
  const index width = n == 0 ? 0 : x.size() / n;
  auto extents = x.shape();
  extents[0] = m;
  Result y = Result::uninitialised(extents);
  const T* const from = x.flat();
  const I* const which = rows.flat();
  T* const to = y.own();
  for (index i = 0; i < m; ++i) {
    const index r = static_cast<index>(which[i]), at = r < 0 ? r + n : r;
    if (at < 0 || at >= n) detail::refuse_row(r, i, n);
    std::copy_n(from + at * width, width, to + i * width);
  }
  return y;
}

/// The row numbers of two parts of a data set: auto [train, test] = train_test_split(g, n, 0.2).
struct row_split {
  tensor<std::int64_t, dyn> train, test;
};

/// Random parts of n rows, `test_fraction` of them (rounded; at least one, and not all) for the test.
/// usage_error for a fraction outside (0, 1) or fewer than 2 rows.
inline row_split train_test_split(generator& g, index n, double test_fraction) {
  if (!(test_fraction > 0 && test_fraction < 1))
    throw usage_error("train_test_split: expected a fraction between 0 and 1, got " +
                      std::to_string(test_fraction));
  if (n < 2) throw usage_error("train_test_split: expected at least 2 rows, got " + std::to_string(n));
  const auto wanted = static_cast<index>(std::round(static_cast<double>(n) * test_fraction));
  const index tested = std::clamp<index>(wanted, 1, n - 1);
  const auto order = permutation(g, n);
  return {from_data<std::int64_t>(order.flat() + tested, n - tested),
          from_data<std::int64_t>(order.flat(), tested)};
}

/// k random splits of n rows; each row is tested once, and the tests differ by one row at most. usage_error
/// unless 2 <= k <= n.
inline std::vector<row_split> k_folds(generator& g, index n, index k) {
  if (k < 2 || k > n)
    throw usage_error("k_folds: expected 2 to " + std::to_string(n) + " folds of " + std::to_string(n) +
                      " rows, got " + std::to_string(k));
  const auto order = permutation(g, n);
  const std::int64_t* const p = order.flat();
  std::vector<row_split> folds;
  index begin = 0;
  for (index f = 0; f < k; ++f) {
    const index count = n / k + (f < n % k ? 1 : 0);
    auto train = tensor<std::int64_t, dyn>::uninitialised({n - count});
    std::copy_n(p + begin + count, n - begin - count, std::copy_n(p, begin, train.own()));
    folds.push_back({std::move(train), from_data<std::int64_t>(p + begin, count)});
    begin += count;
  }
  return folds;
}

/// n rows in batches, for one pass over a data set: for (const auto rows : batches(g, n, 32)) ... Each batch
/// is a tensor of row numbers, [batch]; the last one may be smaller, or is left out.
class batches {
 public:
  /// In random order, drawn here; or in order where `shuffle` is false. usage_error for n < 0 or batch < 1.
  batches(generator& g, index n, index batch, bool shuffle = true, bool keep_last = true)
      : rows_(n), batch_(batch), count_(0) {
    if (n < 0 || batch < 1)
      throw usage_error("batches: expected batches of at least 1 of at least 0 rows, got " +
                        std::to_string(batch) + " of " + std::to_string(n));
    order_ = permutation(g, shuffle ? n : 0);  // either way one stream, so that what follows is the same
    if (!shuffle) order_ = arange<std::int64_t>(0, n);
    count_ = n / batch + (keep_last && n % batch != 0 ? 1 : 0);
  }

  /// How many batches there are.
  index size() const { return count_; }
  /// The i-th batch; index_error outside 0 to size() - 1.
  tensor<std::int64_t, dyn> operator[](index i) const {
    if (i < 0 || i >= count_)
      throw index_error("batches: expected a number below " + std::to_string(count_) + ", got " +
                        std::to_string(i));
    return from_data<std::int64_t>(order_.flat() + i * batch_, std::min(batch_, rows_ - i * batch_));
  }

  class iterator {
   public:
    using value_type = tensor<std::int64_t, dyn>;
    using difference_type = index;
    iterator() = default;
    iterator(const batches& of, index at) : of_(&of), at_(at) {}
    value_type operator*() const { return (*of_)[at_]; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      const iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const iterator&) const = default;

   private:
    const batches* of_ = nullptr;
    index at_ = 0;
  };
  iterator begin() const { return {*this, 0}; }
  iterator end() const { return {*this, count_}; }

 private:
  tensor<std::int64_t, dyn> order_;
  index rows_, batch_, count_;
};

}  // namespace tenon

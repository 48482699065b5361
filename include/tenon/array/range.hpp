// What slices are asked with: single indices, ranges and whole axes.
#pragma once

#include <limits>
#include <string>

#include "tenon/core/error.hpp"
#include "tenon/core/extent.hpp"

namespace tenon {

/// Elements begin, begin + step, ... before end; negative bounds count from the end of the axis.
/// `range::open` is the end of the axis that is meant: range(2, range::open) is 2:, range(range::open,
/// range::open, -1) ::-1.
struct range {
  static constexpr index open = std::numeric_limits<index>::min();
  index begin, end, step = 1;
  constexpr range(index b, index e, index s = 1) : begin(b), end(e), step(s) {}
};

/// An axis of extent 1 that a slice gets: x.slice(all, newaxis).
struct newaxis_t {};
inline constexpr newaxis_t newaxis{};
/// As many whole axes as are missing: x.slice(ellipsis, 0).
struct ellipsis_t {};
inline constexpr ellipsis_t ellipsis{};

/// A whole axis; called, whether all elements are true: all(x), all(x, axis<1>) (see all_of in
/// ops/statistics.hpp).
struct all_t {
  template <class X, class... How>
  constexpr auto operator()(X&& x, How... how) const {
    return all_of(static_cast<X&&>(x), how...);
  }
};
inline constexpr all_t all{};

namespace detail {

/// A range, checked against an extent: first element, count and step.
struct checked_range {
  index first, count, step;
};

inline checked_range check_range(const range& r, index extent, int axis) {
  const bool up = r.step > 0;
  const index begin = r.begin == range::open ? (up ? 0 : extent - 1)
                      : r.begin < 0          ? r.begin + extent
                                             : r.begin;
  const index end = r.end == range::open ? (up ? extent : -1) : r.end < 0 ? r.end + extent : r.end;
  const auto text = [](index bound) { return bound == range::open ? "open" : std::to_string(bound); };
  const auto refuse = [&](const char* why) {
    throw index_error("slice: range(" + text(r.begin) + ", " + text(r.end) + ", " + std::to_string(r.step) +
                      ") on axis " + std::to_string(axis) + " of extent " + std::to_string(extent) + ": " +
                      why);
  };
  if (r.step == 0) refuse("the step is 0");
  if (extent == 0 && r.begin == range::open && r.end == range::open) return {0, 0, r.step};
  const index span = up ? end - begin : begin - end, step = up ? r.step : -r.step;
  const index count = span <= 0 ? 0 : (span + step - 1) / step;
  if (begin < 0 || begin > extent || end < -1 || end > extent || (count > 0 && begin >= extent))
    refuse("it reaches outside the axis");
  return {begin, count, r.step};
}

inline index check_index(index i, index extent, int axis) {
  const index at = i < 0 ? i + extent : i;
  if (at < 0 || at >= extent)
    throw index_error("index " + std::to_string(i) + " on axis " + std::to_string(axis) + " of extent " +
                      std::to_string(extent) + ": outside the axis");
  return at;
}
/// An axis, counted from the end where it is negative.
inline int check_axis(int axis, int rank) {
  const int at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank)
    throw index_error("axis " + std::to_string(axis) + " of an array of " + std::to_string(rank) +
                      " axes: there is no such axis");
  return at;
}

}  // namespace detail
}  // namespace tenon

// What slices are asked with: single indices, ranges and whole axes.
#pragma once

#include <string>

#include "tenon/core/error.hpp"
#include "tenon/core/extent.hpp"

namespace tenon {

/// Elements begin, begin + step, ... before end; negative bounds count from the end of the axis.
struct range {
  index begin, end, step = 1;
  constexpr range(index b, index e, index s = 1) : begin(b), end(e), step(s) {}
};

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
  const index begin = r.begin < 0 ? r.begin + extent : r.begin;
  const index end = r.end < 0 ? r.end + extent : r.end;
  const auto refuse = [&](const char* why) {
    throw index_error("slice: range(" + std::to_string(r.begin) + ", " + std::to_string(r.end) + ", " +
                      std::to_string(r.step) + ") on axis " + std::to_string(axis) + " of extent " +
                      std::to_string(extent) + ": " + why);
  };
  if (r.step == 0) refuse("the step is 0");
  const index span = r.step > 0 ? end - begin : begin - end, step = r.step > 0 ? r.step : -r.step;
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

}  // namespace detail
}  // namespace tenon

// A limit on memory that binding checks: it fails where the plan would need more, before anything is
// allocated for it.
#pragma once

#include "tenon/symbol/bind.hpp"
#include "tenon/symbol/explain.hpp"

namespace tenon {

/// Bytes that arguments, results and intermediate values may take together: memory_budget{1 << 20}, or
/// memory_budget{1 << 20, mode::train} for the plan that computes gradients too.
template <class Mode = mode::predict_t>
struct memory_budget {
  index bytes;
  Mode plan{};
};
memory_budget(index)->memory_budget<>;
template <class Mode>
memory_budget(index, Mode) -> memory_budget<Mode>;

/// bind, within a budget. All sizes have to be known: from arguments, or as extent_of<"batch"> = 32. Throws
/// usage_error where they are not, and where peak_bytes is larger than the budget.
template <class E, class Mode, class... Arguments>
auto bind(const E& e, device d, memory_budget<Mode> budget, Arguments&&... arguments) {
  auto bound = std::apply([&](auto&&... kept) { return bind(e, d, std::forward<decltype(kept)>(kept)...); },
                          std::tuple_cat([&] {
                            if constexpr (detail::is_named_size<std::remove_cvref_t<Arguments>>)
                              return std::tuple<>{};
                            else
                              return std::tuple<Arguments&&>(std::forward<Arguments>(arguments));
                          }()...));
  const detail::plan_report r = detail::with_sizes(
      [&](const auto&... sizes) { return detail::report_behind(bound, budget.plan, sizes...); },
      arguments...);
  if (!r.sized) throw usage_error("bind: the budget needs all sizes; give arguments or extent_of<...> = n");
  if (r.total.peak() > budget.bytes)
    throw usage_error("bind: the plan needs " + detail::with_commas(r.total.peak()) + " bytes (arguments " +
                      r.arguments + ", results " + r.outputs + ", intermediate " + r.arena +
                      "), the budget is " + detail::with_commas(budget.bytes));
  return bound;
}

}  // namespace tenon

// What a computation costs, before it runs: kernels, FLOPs, bytes moved, memory. Constant expressions, from
// the tables of the plan that would run; no kernel is compiled for it.
//
//   auto e = tanh(matmul(X, W));
//   static_assert(peak_bytes(e) <= 1 << 20);                       // all extents static
//   static_assert(peak_bytes(e, extent_of<"batch"> = 32) <= 1 << 20);
//   flops(e).text()                                                // "100352*batch"
//
// What is counted how stands in plan/outline.hpp. Included by name, not by tenon.hpp.
#pragma once

#include <compare>
#include <string>

#include "tenon/symbol/formula.hpp"
#include "tenon/symbol/outline.hpp"

namespace tenon {
namespace detail {

/// What is said of the updates within the plan of an X; of compile_step's in optim/step_outline.hpp.
template <class X>
struct updates_of {
  /// What only the object knows of when gradients are not needed any more.
  template <class Sizes>
  static void end_gradients(Sizes&, const X&) {}
  template <class Report>
  static void report(Report&, const X&) {}
};

/// The plan with sizes given, placed, of x where that is not null. Throws usage_error where an extent is
/// missing or not there.
template <class Outline, class X, class... Name>
constexpr typename Outline::sizes sized_outline(const X* x, const named_size<Name>&... given) {
  typename Outline::sizes s(Outline::value);
  [[maybe_unused]] const auto give = [&](const char* text, index size) {
    if (size < 0) throw usage_error("extent_of: an extent is not negative");
    if (!s.give(text, size))
      throw usage_error("extent_of: there is no extent \"" + std::string(text) + "\" in this graph");
  };
  (give(Name::text, given.size), ...);
  if (const index code = s.resolve(); code != 0)
    throw usage_error(is_name(code)
                          ? "cost: the extent \"" + std::string(Outline::value.name[first_name_code - code]) +
                                "\" has no size; give extent_of<...> = n"
                          : "cost: a dynamic extent has no size; give extent_of<\"x.0\"> = n for "
                            "axis 0 of x, and so on");
  if (s.refused) throw shape_error("cost: these sizes do not fit in this graph");
  if (s.assumed_wrong)
    throw usage_error(
        "cost: dynamic extents that meet are taken as equal here; explain() takes arrays of others");
  if (x != nullptr) updates_of<X>::end_gradients(s, *x);
  s.place();
  return s;
}

enum class quantity { read, written, moved, flops, arguments, outputs, arena, unplanned, peak };

constexpr index quantity_of(quantity q, const plan_cost& c) {
  switch (q) {
    case quantity::read:
      return c.read;
    case quantity::written:
      return c.written;
    case quantity::moved:
      return c.read + c.written;
    case quantity::flops:
      return c.flops;
    case quantity::arguments:
      return c.arguments;
    case quantity::outputs:
      return c.outputs;
    case quantity::arena:
      return c.arena;
    case quantity::unplanned:
      return c.unplanned;
    default:
      return c.peak();
  }
}

}  // namespace detail

namespace detail {
/// Refuses a formula where a number is needed.
template <bool Sizes>
struct sizes_are_given {
  static_assert(Sizes,
                "tenon: this cost depends on extents that are open: give their sizes, as in peak_bytes(e, "
                "extent_of<\"batch\"> = 32)");
};
}  // namespace detail

/// A cost in the names of extents: called with their sizes it is exact, as text it is a sum of products.
///
/// `text()` of what depends on the arena (arena_bytes, peak_bytes) is that of large extents in the ratios of
/// a sample, since which arrays share memory depends on sizes; up64(n) is n rounded up to a multiple of 64.
template <class Outline, detail::quantity Quantity>
struct cost_formula {
  /// The number at these sizes: f(extent_of<"batch"> = 32). Dynamic extents are called by leaf and axis,
  /// extent_of<"x.0"> = 7. Throws usage_error where one is missing.
  template <class... Name>
  constexpr index operator()(const detail::named_size<Name>&... sizes) const {
    const int* const any = nullptr;
    return detail::quantity_of(Quantity, detail::sized_outline<Outline>(any, sizes...).total());
  }
  std::string text() const {
    using detail::quantity;
    const detail::plan_outline& p = Outline::value;
    const detail::outline_formulas f{p};
    const auto s = detail::sample_of<Outline>();
    detail::outline_formulas::padded_sum total;
    detail::polynomial& sum = total.sum;
    if constexpr (Quantity == quantity::read || Quantity == quantity::written ||
                  Quantity == quantity::moved || Quantity == quantity::flops)
      for (int q = p.prologue; q < p.steps; ++q) {
        const auto c = f.cost(q, s);
        if constexpr (Quantity == quantity::read || Quantity == quantity::moved) sum += c.read;
        if constexpr (Quantity == quantity::written || Quantity == quantity::moved) sum += c.written;
        if constexpr (Quantity == quantity::flops) sum += c.flops;
      }
    if constexpr (Quantity == quantity::arguments || Quantity == quantity::peak)
      for (int i = 0; i < p.nodes; ++i)
        if (p.leaf[i] >= 0) sum += f.bytes(i);
    if constexpr (Quantity == quantity::outputs || Quantity == quantity::peak)
      for (int o = 0; o < p.results(); ++o) sum += f.bytes(p.output[o]);
    const auto add = [&](int item) { f.add_padded(s.item[item].value, total); };
    if constexpr (Quantity == quantity::arena || Quantity == quantity::peak)
      for (int k = s.top; k >= 0; k = s.item[k].below) add(k);
    if constexpr (Quantity == quantity::unplanned)
      p.each_unplanned(s, [&](int i, int q) { f.add_padded(i, total, q); });
    return total.text(f);
  }
  /// Not to be compared with a number before it is called with sizes.
  template <class N>
  requires std::is_arithmetic_v<N>
  friend constexpr std::strong_ordering operator<=>(const cost_formula&, N) {
    (void)sizeof(detail::sizes_are_given<!std::is_same_v<N, N>>);
    return std::strong_ordering::equal;
  }
  template <class N>
  requires std::is_arithmetic_v<N>
  friend constexpr bool operator==(const cost_formula&, N) {
    (void)sizeof(detail::sizes_are_given<!std::is_same_v<N, N>>);
    return true;
  }
};

namespace detail {

template <class X>
inline constexpr bool is_train = false;
template <>
inline constexpr bool is_train<mode::train_t> = true;

template <class X>
struct size_options {
  using type = list<>;
};
template <class N>
struct size_options<named_size<N>> {
  using type = list<N>;
};

template <bool Known, class Given>
struct option_is_known {
  static_assert(Known,
                "tenon: options of this are mode::train, wrt<...>, requests<...>, heads<...> and "
                "extent_of<...> = n");
};
/// Refuses options that would say nothing: values of arguments, names that the graph has not.
template <class X, class... Options>
constexpr void check_options() {
  using leaves = typename leaves_of<typename task_behind<X, false, default_options>::graph_type>::type;
  ((void)sizeof(option_is_known < is_train<Options> || std::is_same_v<Options, mode::predict_t> ||
                    (given_traits<Options>::known && std::is_void_v<typename given_traits<Options>::value>),
                Options >),
   ...);
  (names_known<named_leaf_tables<leaves>, typename given_traits<Options>::names>::say(), ...);
}

/// The outline behind x, with options: mode::train, wrt<...>; sizes say nothing here.
template <class X, class... Options>
using outline_behind =
    outline_of<typename task_behind<X, (is_train<Options> || ...),
                                    typename all_options<default_options, Options...>::type>::type>;

template <class X>
concept explainable = task_behind<X, false, default_options>::known;

/// Calls f with the named sizes among the options.
template <class F, class... Options>
constexpr decltype(auto) with_sizes(F f, const Options&... options) {
  return std::apply(f, std::tuple_cat([](const auto& o) {
                      if constexpr (is_named_size<std::remove_cvref_t<decltype(o)>>)
                        return std::tuple(o);
                      else
                        return std::tuple<>();
                    }(options)...));
}

template <quantity Q, class X, class... Options>
constexpr auto cost_in(const X& x, const Options&... options) {
  check_options<X, Options...>();
  using O = outline_behind<X, Options...>;
  if constexpr (O::is_static() || (is_named_size<Options> || ...))
    return with_sizes(
        [&](const auto&... sizes) {
          const X* const known = std::is_constant_evaluated() ? nullptr : &x;
          return quantity_of(Q, sized_outline<O>(known, sizes...).total());
        },
        options...);
  else
    return cost_formula<O, Q>{};
}

}  // namespace detail

// Each takes an expression, a group, a compiled function or an executor, and options: mode::train for the
// plan that also computes gradients, wrt<"w"> for which, extent_of<"batch"> = 32 for sizes. Where all extents
// are static, or sizes are given, the result is a number (index), else a cost_formula. All are constant
// expressions.

/// Kernels that one run launches: fused ones, matrix products and opaque ops.
template <detail::explainable X, class... Options>
constexpr int kernel_count(const X&, const Options&...) {
  detail::check_options<X, Options...>();
  return detail::outline_behind<X, Options...>::value.kernels();
}
/// Floating-point (or integer) operations of one run.
template <detail::explainable X, class... Options>
constexpr auto flops(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::flops>(x, options...);
}
/// Bytes that the kernels of one run read.
template <detail::explainable X, class... Options>
constexpr auto bytes_read(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::read>(x, options...);
}
/// Bytes that the kernels of one run write.
template <detail::explainable X, class... Options>
constexpr auto bytes_written(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::written>(x, options...);
}
/// Bytes read and written.
template <detail::explainable X, class... Options>
constexpr auto bytes_moved(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::moved>(x, options...);
}
/// Bytes of the arguments: variables, parameters, arrays.
template <detail::explainable X, class... Options>
constexpr auto argument_bytes(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::arguments>(x, options...);
}
/// Bytes of the results, gradients among them.
template <detail::explainable X, class... Options>
constexpr auto output_bytes(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::outputs>(x, options...);
}
/// Bytes of intermediate values, which share memory where they live at different times; what an executor's
/// arena_bytes() is. Of a compiled step, gradients too; which leaves of its graph are one parameter, as of a
/// layer that is used twice, the object knows, and no constant expression: there each counts as one of its
/// own.
template <detail::explainable X, class... Options>
constexpr auto arena_bytes(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::arena>(x, options...);
}
/// Bytes of intermediate values if each had a buffer of its own, in each step of a loop again, as in a graph
/// that was unrolled.
template <detail::explainable X, class... Options>
constexpr auto unplanned_bytes(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::unplanned>(x, options...);
}
/// Bytes of arguments, results and intermediate values together.
template <detail::explainable X, class... Options>
constexpr auto peak_bytes(const X& x, const Options&... options) {
  return detail::cost_in<detail::quantity::peak>(x, options...);
}

}  // namespace tenon

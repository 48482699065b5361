// Evaluating an expression of arrays, now: plan from its type, binding from its leaves, result in a given
// buffer.
#pragma once

#include "tenon/eval/cpu/backend.hpp"
#include "tenon/eval/cpu/straight.hpp"
#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Graph, class Roots, derive Kind, class Wrt, dynamic_extents Dynamic, bool Split, class Unit,
          unsigned Rules = pass::exact>
using cpu_plan = plan<passes<Graph, Roots, Kind, Wrt, Dynamic, Rules>, host::backend<Unit>, Split>;

/// The plans of one computation: with dynamic extents that meet taken as equal, and, where that may be wrong,
/// without. Where none meet, the two would be the same.
template <class Graph, class Roots, derive Kind, class Wrt, bool Split, class Unit,
          unsigned Rules = pass::exact>
struct plans {
  using usual = cpu_plan<Graph, Roots, Kind, Wrt, dynamic_extents::equal, Split, Unit, Rules>;
  using passes_type = passes<Graph, Roots, Kind, Wrt, dynamic_extents::equal, Rules>;
  static constexpr bool dynamic = passes_type::unbounded.unified;

  /// Resolves extents with the plan that fits them.
  static void resolve(binding<Unit>& b, const leaf* const* leaves) { resolve_by<usual>(b, leaves); }
  template <class Usual>
  static void resolve_by(binding<Unit>& b, const leaf* const* leaves) {
    if (b.rebind(leaves)) return;
    if constexpr (Usual::graph.loops > 0) b.allow_loops();
    b.use(Usual::table);
    if (b.resolve(leaves)) return;
    if constexpr (dynamic) {
      b.use(cpu_plan<Graph, Roots, Kind, Wrt, dynamic_extents::any, Split, Unit, Rules>::table);
      if (b.resolve(leaves)) return;
    }
    throw shape_error("the extents of this expression do not fit");
  }
};

/// The binding that eager statements of one type use again and again on a thread.
template <class Plans, class Unit>
binding<Unit>& eager_binding() {
  static thread_local binding<Unit> b;
  return b;
}

template <class E, class Unit, unsigned Rules = pass::exact>
using eager_plans =
    plans<typename E::graph_type, places<E::root>, derive::nothing, places<>, false, Unit, Rules>;

/// Leaf records of an expression as the binding wants them.
template <class E, bool = E::small>
struct leaf_pointers {
  const leaf* at[E::leaf_count + 1]{};
  explicit leaf_pointers(const E& e) {
    if constexpr (E::leaf_count > 0)
      for (int i = 0; i < E::leaf_count; ++i) at[i] = &e.leaves[std::size_t(i)];
  }
};
/// Of small leaves the records are made here, and point into the expression.
template <class E>
struct leaf_pointers<E, true> {
  leaf lent[E::leaf_count];
  const leaf* at[E::leaf_count + 1]{};
  explicit leaf_pointers(const E& e) {
    e.lend_leaves(lent);
    for (int i = 0; i < E::leaf_count; ++i) at[i] = &lent[i];
  }
};

template <class E, class Unit, unsigned Rules = pass::exact>
binding<Unit>& resolve_eager(const E& e) {
  static_assert(!E::symbolic, "tenon: this expression has variables; bind or compile it first");
  static_assert(!std::is_same_v<typename E::value_type, weak_number>,
                "tenon: a constant alone has no dtype; combine it with an array");
  binding<Unit>& b = eager_binding<eager_plans<E, Unit, Rules>, Unit>();
  eager_plans<E, Unit, Rules>::resolve(b, leaf_pointers<E>(e).at);
  return b;
}

/// The value of an expression, as a buffer and its extents, by a set of rewritings.
template <class E, class Unit, unsigned Rules>
storage evaluate_with(const E& e, extents& shape) {
  binding<Unit>& b = resolve_eager<E, Unit, Rules>(e);
  shape = b.shape_of_output(0);
  storage made(bytes_of(shape, dtype_of<typename E::value_type>));
  std::byte* const out = made.data();
  b.place(&out);
  b.run();
  return made;
}

/// The value of a resolved expression as a record of its own.
template <class Unit>
leaf computed_by(binding<Unit>& b, dtype type) {
  const extents shape = b.shape_of_output(0);
  leaf made;
  made.buffer = storage(bytes_of(shape, type));
  made.data = made.buffer.data();
  for (int k = 0; k < shape.rank; ++k) made.extent[k] = shape[k].size;
  row_major(shape, made.stride);
  std::byte* const out = made.buffer.data();
  b.place(&out);
  b.run();
  return made;
}
template <class E, class Unit>
leaf computed_leaf(const E& e) {
  return computed_by<Unit>(resolve_eager<E, Unit>(e), dtype_of<typename E::value_type>);
}

template <class E, class Unit>
const leaf& evaluate_once(const E& e) {
  if (const leaf* known = e.evaluated.get(); known != nullptr) return *known;
  return e.evaluated.set(computed_leaf<E, Unit>(e));
}

/// An expression with small leaves as straight code.
template <class E, class Unit>
using straight_code =
    host::straight<passes<typename E::graph_type, places<E::root>, derive::nothing, places<>>, Unit>;
template <class E>
struct small_source {
  const E& e;
  template <int K>
  TENON_HOST_INLINE const auto* at() const {
    return small_leaf_at<K>(e).v;
  }
};
template <class T>
struct one_target {
  T* data;
  template <int O>
  TENON_HOST_INLINE T* to() const {
    return data;
  }
};

/// The value of an expression with small leaves and a small value; as a plan, where the expression has ops
/// that straight code does not know.
template <class E, class Unit>
TENON_HOST_INLINE void evaluate_small(const E& e,
                                      small_block_of<typename E::value_type, typename E::shape_type>& to) {
  if constexpr (straight_code<E, Unit>::possible) {
    using T = typename E::value_type;
    straight_code<E, Unit>::run(small_source<E>{e}, one_target<T>{to.v});
  } else {
    binding<Unit>& b = resolve_eager<E, Unit>(e);
    std::byte* const out = reinterpret_cast<std::byte*>(to.v);
    b.place(&out);
    b.run();
  }
}

template <class Unit, class E, class Block>
void evaluate_small_once(const E& e, Block& to) {
  if (const Block* known = e.evaluated.get(); known != nullptr) {
    to = *known;
    return;
  }
  evaluate_small<E, Unit>(e, to);
  e.evaluated.set(to);
}

template <class E, class Unit>
leaf evaluated_leaf(const E& e) {
  using T = typename E::value_type;
  using S = typename E::shape_type;
  if constexpr (E::small && is_small<T, S>) {
    small_block_of<T, S> value;
    evaluate_small_once<Unit>(e, value);
    leaf made;
    own_small<T, S>(made, value);
    return made;
  } else {
    return evaluate_once<E, Unit>(e);
  }
}

}  // namespace tenon::detail

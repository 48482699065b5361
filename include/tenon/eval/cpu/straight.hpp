// A computation on small arrays as straight code: each node a tile in registers, each op its one declaration,
// every count known while compiling. No tables, no memory but the leaves' and the results', no threads.
//
// What is computed is what a plan would compute, the nodes that the passes leave. Elementwise ops are the
// same functions on the same lanes, so their bits are those of a plan's kernels.
#pragma once

#include "tenon/eval/cpu/fused.hpp"
#include "tenon/eval/cpu/tiles.hpp"
#include "tenon/graph/passes/computation.hpp"
#include "tenon/ops/matmul.hpp"

namespace tenon::host {

using tenon::detail::computation;

/// Beyond this, code for each node is more than a kernel's loop is worth, to the compiler and to the
/// processor.
inline constexpr int most_straight_nodes = 64;

/// The nodes of Passes as straight code.
template <class Passes, class Unit = this_unit>
struct straight {
  using world = typename Passes::world;
  static constexpr const auto& graph = Passes::result;
  static constexpr int nodes = Passes::unbounded.n;

  static constexpr const array_node& node(int i) { return graph.node[i]; }
  static constexpr const op_row& row(int i) { return world::rows()[graph.node[i].op]; }
  static constexpr const extents& shape(int i) { return graph.shape[graph.node[i].shape]; }
  static constexpr bool is_static(const extents& e) {
    for (int k = 0; k < e.rank; ++k)
      if (!tenon::is_static(e[k].code)) return false;
    return true;
  }
  static constexpr index count(const extents& e) {
    index n = 1;
    for (int k = 0; k < e.rank; ++k) n *= e[k].size;
    return n;
  }
  static constexpr bool reads(int i, int k) { return k < row(i).arity && k != row(i).shape_only; }

  /// How many products of elements product i adds up.
  static constexpr index factors(int i) {
    const matmul_op::roles roles(node(i).attribute, shape(node(i).in[0]).rank, shape(node(i).in[1]).rank);
    index n = count(shape(i));
    for (int k = 0; k < roles.inner; ++k) n *= shape(node(i).in[1])[roles.batch_b + k].size;
    return n;
  }

  static constexpr bool knows(int i) {
    if (!is_static(shape(i)) || count(shape(i)) > tenon::detail::most_small_elements) return false;
    switch (row(i).kind) {
      case op_kind::leaf:
      case op_kind::constant:
      case op_kind::map:
        return true;
      case op_kind::bound_scalar:
        return is_static(shape(node(i).in[0]));
      case op_kind::reduction:
        return node(i).op != core::sum_to_like && row(i).arity == 1;
      case op_kind::contraction:
        // through memory, 8 x 8 by 8 x 8 took 309 ns (SSE2), where a plan takes 86
        return node(i).type != dtype::boolean && (moves_in_registers<Unit> || factors(i) <= 64);
      case op_kind::view: {
        const extents &from = shape(node(i).in[0]), &to = shape(i);
        view_strides in, out;
        for (index k = from.rank - 1, step = 1; k >= 0; --k) {
          in.stride[k] = step;
          step *= from[int(k)].size;
        }
        return row(i).strides(from, to, node(i).attribute, in, out);
      }
      default:
        return false;
    }
  }
  static constexpr bool knows_all() {
    if (nodes > most_straight_nodes) return false;
    for (int i = 0; i < nodes; ++i)
      if (!knows(i)) return false;
    return true;
  }
  static constexpr bool possible = knows_all();

  // ---- indices --------------------------------------------------------------------------------------------

  struct position {
    index at[max_rank]{};
  };
  static constexpr position position_of(index i, const extents& e) {
    position p;
    for (int k = e.rank - 1; k >= 0; --k) {
      p.at[k] = e[k].size > 0 ? i % e[k].size : 0;
      i = e[k].size > 0 ? i / e[k].size : 0;
    }
    return p;
  }

  /// Where element i of node I reads operand X, which broadcasts to it.
  template <int I, int X>
  struct broadcast_map {
    static constexpr index from(index i) {
      const extents &to = shape(I), &x = shape(X);
      const position p = position_of(i, to);
      index at = 0;
      for (int k = 0; k < x.rank; ++k)
        at = at * x[k].size + (x[k].size == 1 ? 0 : p.at[k + to.rank - x.rank]);
      return at;
    }
  };
  /// Where element i of view I lies in its operand.
  template <int I>
  struct view_map {
    static constexpr index from(index i) {
      const extents &x = shape(node(I).in[0]), &to = shape(I);
      view_strides in, out;
      index step = 1;
      for (int k = x.rank - 1; k >= 0; --k) {
        in.stride[k] = step;
        step *= x[k].size;
      }
      (void)row(I).strides(x, to, node(I).attribute, in, out);
      const position p = position_of(i, to);
      index at = out.offset;
      for (int k = 0; k < to.rank; ++k) at += p.at[k] * out.stride[k];
      return at;
    }
  };
  /// The operand of reduction I as [elements that become one, elements of the result].
  template <int I>
  struct reduction_map {
    static constexpr index from(index i) {
      const extents& x = shape(node(I).in[0]);
      const index mask = node(I).attribute.a[0], kept = count(shape(I));
      index outer = i % kept, inner = i / kept, at = 0, step = 1;
      for (int k = x.rank - 1; k >= 0; --k) {
        index& which = ((mask >> k) & 1) != 0 ? inner : outer;
        at += which % x[k].size * step;
        which /= x[k].size;
        step *= x[k].size;
      }
      return at;
    }
  };
  /// Product I: where term p of element i reads operand K.
  template <int I>
  struct product_shape {
    static constexpr matmul_op::roles roles{node(I).attribute, shape(node(I).in[0]).rank,
                                            shape(node(I).in[1]).rank};
    static constexpr index terms() {
      index n = 1;
      for (int k = 0; k < roles.inner; ++k) n *= shape(node(I).in[1])[roles.batch_b + k].size;
      return n;
    }
    static constexpr index place(int operand, index i, index term) {
      const extents& x = shape(node(I).in[operand]);
      const position p = position_of(i, shape(I));
      const int batch = roles.batch(), batch_x = operand == 0 ? roles.batch_a : roles.batch_b;
      index inner[max_rank]{};
      for (int k = roles.inner - 1; k >= 0; --k) {
        const index n = shape(node(I).in[1])[roles.batch_b + k].size;
        inner[k] = term % n;
        term /= n;
      }
      index at = 0;
      int axis = 0;
      const auto next = [&](index where) {
        at = at * x[axis].size + (x[axis].size == 1 ? 0 : where);
        ++axis;
      };
      for (int k = 0; k < batch_x; ++k) next(p.at[batch - batch_x + k]);
      if (operand == 0) {
        for (int k = 0; k < roles.left; ++k) next(p.at[batch + k]);
        for (int k = 0; k < roles.inner; ++k) next(inner[k]);
      } else {
        for (int k = 0; k < roles.inner; ++k) next(inner[k]);
        for (int k = 0; k < roles.right; ++k) next(p.at[batch + roles.left + k]);
      }
      return at;
    }
  };
  template <int I, int Operand, index Term>
  struct term_map {
    static constexpr index from(index i) { return product_shape<I>::place(Operand, i, Term); }
  };
  /// All terms at once: [terms, elements].
  template <int I, int Operand>
  struct terms_map {
    static constexpr index from(index i) {
      constexpr index n = count(shape(I));
      return product_shape<I>::place(Operand, i % n, i / n);
    }
  };
  template <int I>
  struct same_map {
    static constexpr index from(index i) { return i; }
  };

  // ---- values ---------------------------------------------------------------------------------------------

  template <int I>
  using element = type_of<graph.node[I].type>;
  template <int I>
  using op = at<graph.node[I].op, typename world::ops>;
  template <int I>
  static constexpr index size = count(shape(I));
  template <int I>
  using tile_of = tile<element<I>, size<I>, Unit>;

  template <int I>
  struct cell {
    tile_of<I> value;
  };
  template <class Indices>
  struct cells;
  template <int... I>
  struct cells<std::integer_sequence<int, I...>> : cell<I>... {};

  template <int I>
  static TENON_HOST_INLINE tile_of<I>& get(cell<I>& c) {
    return c.value;
  }

  /// Operand X as it stands beside the elements of node I.
  template <int I, int X, class Cells>
  static TENON_HOST_INLINE auto operand(Cells& c) {
    const tile_of<X>& x = get<X>(c);
    if constexpr (row(X).kind == op_kind::constant || row(X).kind == op_kind::bound_scalar) {
      tile<element<X>, size<I>, Unit> r;
      for (auto& p : r.part) p = x.part[0];
      return r;
    } else {
      return move_elements<broadcast_map<I, X>, size<I>>(x);
    }
  }

  template <int I, class... X>
  static TENON_HOST_INLINE tile_of<I> mapped(const X&... x) {
    tile_of<I> r;
    for (int k = 0; k < tile_of<I>::parts; ++k) r.part[k] = value_of<op<I>, element<I>>(x.part[k]...);
    return r;
  }
  template <int I, class Cells>
  static TENON_HOST_INLINE tile_of<I> map(Cells& c) {
    constexpr array_node n = graph.node[I];
    constexpr bool b0 = reads(I, 0), b1 = reads(I, 1), b2 = reads(I, 2);
    if constexpr (!b0) {  // positions along the last axis
      tile_of<I> r;
      constexpr int rank = shape(I).rank;
      constexpr int width = tile_of<I>::width;
      element<I> v[tile_of<I>::parts * width]{};
      for (index i = 0; i < size<I>; ++i)
        v[i] = static_cast<element<I>>(position_of(i, shape(I)).at[rank > 0 ? rank - 1 : 0]);
      for (int k = 0; k < tile_of<I>::parts; ++k) r.part[k] = lanes<element<I>, Unit>::load(v + k * width);
      return r;
    } else if constexpr (b2) {
      return mapped<I>(operand<I, n.in[0]>(c), operand<I, n.in[1]>(c), operand<I, n.in[2]>(c));
    } else if constexpr (b1) {
      return mapped<I>(operand<I, n.in[0]>(c), operand<I, n.in[1]>(c));
    } else {
      return mapped<I>(operand<I, n.in[0]>(c));
    }
  }

  template <int I, class Cells>
  static TENON_HOST_INLINE tile_of<I> reduction(Cells& c) {
    constexpr int x = graph.node[I].in[0];
    tile_of<I> r;
    if constexpr (size<x> == 0 || size<I> == 0) {
      for (auto& p : r.part) p = lanes<element<I>, Unit>(op<I>::template identity<element<I>>());
    } else {
      r = fold_rows<op<I>, size<x> / size<I>, size<I>>(move_elements<reduction_map<I>, size<x>>(get<x>(c)));
    }
    return r;
  }

  template <int I, class Cells, index... Term>
  static TENON_HOST_INLINE tile_of<I> by_terms(Cells& c, std::integer_sequence<index, Term...>) {
    constexpr int a = graph.node[I].in[0], b = graph.node[I].in[1];
    tile_of<I> r;
    for (auto& p : r.part) p = lanes<element<I>, Unit>(element<I>(0));
    [[maybe_unused]] const auto add_term = [&]<index P>(std::integral_constant<index, P>) {
      const auto left = move_elements<term_map<I, 0, P>, size<I>>(get<a>(c));
      const auto right = move_elements<term_map<I, 1, P>, size<I>>(get<b>(c));
      for (int k = 0; k < tile_of<I>::parts; ++k)
        r.part[k] = multiply_add(left.part[k], right.part[k], r.part[k]);
    };
    (add_term(std::integral_constant<index, Term>{}), ...);
    return r;
  }
  /// A term at a time; or, where there are few elements of many terms, or all products fit one register, all
  /// products at once and their sum.
  template <int I, class Cells>
  static TENON_HOST_INLINE tile_of<I> product(Cells& c) {
    constexpr index terms = product_shape<I>::terms();
    constexpr int a = graph.node[I].in[0], b = graph.node[I].in[1];
    constexpr index products = size<I> * terms;
    constexpr bool few = size<I> <= 4 && terms > 4 && products <= 2 * tenon::detail::most_small_elements;
    if constexpr (products > 0 && terms > 1 && (few || products <= lane_count<Unit>)) {
      auto all = move_elements<terms_map<I, 0>, products>(get<a>(c));
      const auto right = move_elements<terms_map<I, 1>, products>(get<b>(c));
      using namespace math;
      for (int k = 0; k < decltype(all)::parts; ++k) all.part[k] = multiply(all.part[k], right.part[k]);
      return fold_rows<sum_op, terms, size<I>>(all);
    } else {
      return by_terms<I>(c, std::make_integer_sequence<index, terms>{});
    }
  }

  /// Leaf I's place among the leaves of the graph's type.
  static constexpr int leaf_place(int i) {
    int n = 0;
    for (int g = 0; g < Passes::size; ++g) {
      const auto& leaf = Passes::nodes::value.at[g];
      if (world::rows()[leaf.op].kind != op_kind::leaf) continue;
      if (leaf.attribute == node(i).attribute) return n;
      ++n;
    }
    return -1;
  }

  template <int I, class Cells, class Source>
  static TENON_HOST_INLINE void evaluate(Cells& c, const Source& source) {
    constexpr op_kind kind = row(I).kind;
    tile_of<I>& r = get<I>(c);
    if constexpr (kind == op_kind::leaf) {
      r = read_tile<element<I>, size<I>, Unit>(source.template at<leaf_place(I)>());
    } else if constexpr (kind == op_kind::constant) {
      for (auto& p : r.part)
        p = lanes<element<I>, Unit>(
            math::number<element<I>>(std::bit_cast<double>(graph.node[I].attribute.a[0])));
    } else if constexpr (kind == op_kind::bound_scalar) {
      constexpr double v = op<I>::bound(shape(graph.node[I].in[0]), graph.node[I].attribute);
      for (auto& p : r.part) p = lanes<element<I>, Unit>(math::number<element<I>>(v));
    } else if constexpr (kind == op_kind::view) {
      r = move_elements<view_map<I>, size<I>>(get<graph.node[I].in[0]>(c));
    } else if constexpr (kind == op_kind::reduction) {
      r = reduction<I>(c);
    } else if constexpr (kind == op_kind::contraction) {
      r = product<I>(c);
    } else {
      r = map<I>(c);
    }
  }

  /// `source.at<K>()`: the elements of the graph's K-th leaf; `out.to<O>()`: where output O goes. All is read
  /// before anything is written.
  template <class Source, class Target, int... I, int... O>
  static TENON_HOST_INLINE void run(const Source& source, const Target& out, std::integer_sequence<int, I...>,
                                    std::integer_sequence<int, O...>) {
    cells<std::integer_sequence<int, I...>> c;
    (evaluate<I>(c, source), ...);
    (write_tile<element<graph.outputs[O]>, size<graph.outputs[O]>, Unit>(out.template to<O>(),
                                                                         get<graph.outputs[O]>(c)),
     ...);
  }
  template <class Source, class Target>
  static TENON_HOST_INLINE void run(const Source& source, const Target& out) {
    run(source, out, std::make_integer_sequence<int, nodes>{},
        std::make_integer_sequence<int, graph.output_count>{});
  }
};

}  // namespace tenon::host

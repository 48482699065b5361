// What an op declares: the base classes that op declarations build on, and the plain row that passes read
// instead.
#pragma once

#include "tenon/core/access.hpp"
#include "tenon/core/dtype.hpp"
#include "tenon/graph/graph.hpp"

namespace tenon {

enum class op_kind {
  leaf,          // an array from outside
  constant,      // a number known at compile time: attribute 0 holds the bits of a double
  bound_scalar,  // a number known when extents are: computed once per binding
  map,           // elementwise, with broadcasting: `value`
  reduction,     // over a set of axes: `identity`, `combine`; attributes: axes as a bit mask, keepdims
  contraction,   // a matrix product
  view,          // the same elements under other extents and strides: `strides`
  opaque,        // a loop of its own over whole arrays: `run`
  call,          // another graph, shared as a whole
  loop           // a part of a loop: see graph/loop.hpp
};

/// What a node is to a loop. `pack`, `whole` and `result` are in types alone: lowering opens a loop into the
/// others, between which the nodes of its body stand.
enum class loop_part : unsigned char {
  none,
  pack,    // operands of a loop, or what its body gives, one after the other
  whole,   // the loop
  result,  // one of its results
  enter,   // an array of outside, read in every step
  slice,   // an array's part for this step: a view
  carry,   // a value that steps hand on: operand 0 before the first of them
  next,    // carry (operand 0) becomes operand 1 at the end of a step; outside: its value after the last one
  stack    // outside: operand 0 of all steps, along a new first axis
};

/// The dtypes that an op takes.
enum class domain {
  any,
  ordered,     // all but complex
  numeric,     // real numbers
  arithmetic,  // numbers, complex ones too
  floating,
  analytic,  // floating-point, real or complex
  complex,
  boolean,
  integer,
  discrete  // integers and bool
};
/// The dtype of the result; `attribute`: attribute 0.
enum class yields { same, boolean, attribute, real, complex };

/// The attributes of a node as values.
struct attributes {
  index a[4]{};
  constexpr bool operator==(const attributes&) const = default;
};

/// What shape rules see of a node: operands' extents, attributes and, for ops that name a target, that shape.
struct shape_query {
  const extents* in;
  attributes attribute;
  extents target;
};

/// A strided view while it is resolved at run time: sizes are in `shape`, strides in elements.
struct view_strides {
  index offset = 0;
  index stride[max_rank]{};
};

struct graph_builder;

/// What an opaque op is run on: its operands, under any strides (one that is shape_only has no data), and its
/// result, row-major and not yet written.
struct opaque_launch {
  array_access in[detail::max_operands], out;
  attributes attribute;
};

/// Laws that passes rewrite by (docs/passes.md); a declaration joins them with |. Each holds bit for bit,
/// with the exceptions that it names.
namespace law {
enum bit : unsigned {
  commutative = 1,           // f(a, b) = f(b, a); of complex numbers it is not used
  commutative_but_zero = 2,  // the same, but for the sign of a zero
  idempotent = 4,            // f(f(x)) = f(x)
  involution = 8,            // f(f(x)) = x
  selects_one = 16,          // f(x, x) = x
  even = 32,                 // f(-x) = f(x), but for floating-point numbers of 16 bits
  logarithm = 64,            // f(a b) = f(a) + f(b), as real numbers
  power = 128,               // f(x, n) = x^n
  holds_for_less = 256,      // comparisons: what they say of numbers
  holds_for_equal = 512,
  holds_for_greater = 1024,
  comparison = holds_for_less | holds_for_equal | holds_for_greater
};
}  // namespace law

/// What every op declares; declarations override by their own members.
struct op_defaults {
  static constexpr int condition = -1;   // the operand that is boolean whatever the others are
  static constexpr int shape_only = -1;  // the operand of which only the shape matters
  static constexpr int places = -1;      // the operand that holds integers, whatever the others are
  static constexpr domain takes = domain::any;
  static constexpr yields gives = yields::same;
  static constexpr bool linear = false;    // in each operand, the others fixed
  static constexpr bool joint = false;     // linear in all operands together, as a concatenation is
  static constexpr bool smooth = true;     // has derivatives at all
  static constexpr bool singular = false;  // a partial may be infinite where the operand is finite
  static constexpr bool aliases = false;   // a view that only adds or drops axes of extent 1
  static constexpr bool targets = false;   // the node's type names a target shape
  static constexpr bool leaves_out =
      false;  // a view without some elements of its operand, or with some repeated
  static constexpr bool computes =
      true;  // elementwise, opaque: arithmetic; false: the operand's elements, or none
  static constexpr unsigned laws = 0;   // see `law`; `using inverse = G` says f(G(x)) = x, as real numbers
  static constexpr bool nests = false;  // opaque: of(of(a, b), c) is computed at once, see `run_parts`
  static constexpr int rule_nodes = 0;  // nodes that its pullback or pushforward inserts, beyond a few
  static constexpr loop_part part = loop_part::none;
};

template <int Arity>
struct elementwise : op_defaults {
  static constexpr op_kind kind = op_kind::map;
  static constexpr int arity = Arity;
  static constexpr domain takes = domain::numeric;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    for (int k = 1; k < Arity; ++k) r = broadcast_extents(scope, r, q.in[k]);
    return r;
  }
};

struct predicate : elementwise<2> {
  static constexpr yields gives = yields::boolean;
  static constexpr bool smooth = false;
};

struct reduction : op_defaults {
  static constexpr op_kind kind = op_kind::reduction;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::numeric;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    const extents& x = q.in[0];
    extents r;
    for (int i = 0; i < x.rank; ++i) {
      const bool reduced = ((q.attribute.a[0] >> i) & 1) != 0;
      if (!reduced || q.attribute.a[1] != 0) r[r.rank++] = reduced ? static_dim(1) : x[i];
    }
    return r;
  }
};

struct view_op : op_defaults {
  static constexpr op_kind kind = op_kind::view;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
};

/// An op as passes see it: one row of a table, no types.
struct op_row {
  const char* name = nullptr;
  op_kind kind{};
  int arity = 0, condition = -1, shape_only = -1, places = -1;
  domain takes{};
  yields gives{};
  bool linear = false, joint = false, smooth = false, singular = false, aliases = false;
  extents (*shape)(shape_scope&, const shape_query&) = nullptr;
  // structural ops: the cotangent of operand k, from that of the result; and the elementwise weight of a
  // reduction
  int (*pullback)(graph_builder&, int node, int operand, int cotangent) = nullptr;
  int (*weight)(graph_builder&, int node) = nullptr;
  // views: strides of the result in its operand's elements; false when a copy is needed
  bool (*strides)(const extents& in, const extents& out, const attributes&, const view_strides& from,
                  view_strides& to) = nullptr;
  // bound scalars: their value once extents are known
  double (*bound)(const extents& in, const attributes&) = nullptr;
  // opaque ops
  void (*run)(const opaque_launch&) = nullptr;
  // opaque ops that nest: their operands' operands, where those are of the same op, as one list
  void (*run_parts)(const array_access* in, int n, const array_access& out, const attributes&) = nullptr;
  bool nests = false;
  // ops that are linear in no operand: the tangent of the result, from that of operand k
  int (*pushforward)(graph_builder&, int node, int operand, int tangent) = nullptr;
  bool pushes = false;  // whether `pushforward` is there
  int rule_nodes = 0;
  // whether `weight` is there: g++ compares no addresses in constant evaluations under -fsanitize=undefined
  bool weighted = false;
  bool leaves_out = false;
  bool computes = true;
  unsigned laws = 0;
  detail::type_id inverse = 0;  // the op that this one undoes
  loop_part part = loop_part::none;
};

template <class Op>
constexpr op_row row_of() {
  op_row r{Op::name,    Op::kind,  Op::arity,  Op::condition, Op::shape_only, Op::places,
           Op::takes,   Op::gives, Op::linear, Op::joint,     Op::smooth,     Op::singular,
           Op::aliases, nullptr,   nullptr,    nullptr,       nullptr,        nullptr};
  r.leaves_out = Op::leaves_out;
  r.computes = Op::computes;
  r.laws = Op::laws;
  r.part = Op::part;
  if constexpr (requires { typename Op::inverse; }) r.inverse = detail::identity<typename Op::inverse>::id;
  if constexpr (requires { &Op::shape; }) r.shape = &Op::shape;
  if constexpr (requires { &Op::pullback; }) r.pullback = &Op::pullback;
  if constexpr (requires { &Op::weight; }) {
    r.weight = &Op::weight;
    r.weighted = true;
  }
  if constexpr (requires { &Op::strides; }) r.strides = &Op::strides;
  if constexpr (requires { &Op::bound; }) r.bound = &Op::bound;
  if constexpr (requires { &Op::run; })
    r.run = &Op::run;
  else if constexpr (requires { &Op::template run<this_unit>; })
    r.run =
        &Op::template run<this_unit>;  // a template, so that a unit that does not use it need not compile it
  if constexpr (Op::nests) {
    r.run_parts = &Op::run_parts;
    r.nests = true;
  }
  if constexpr (requires { &Op::pushforward; }) {
    r.pushforward = &Op::pushforward;
    r.pushes = true;
  }
  r.rule_nodes = Op::rule_nodes;
  return r;
}

// ---- the op behind a node's type, and its attributes ------------------------------------------------------

/// An op whose node names a target shape, such as a reshape.
template <class Op, class Shape>
struct onto {};

struct leaf_op : op_defaults {
  static constexpr auto name = "leaf";
  static constexpr op_kind kind = op_kind::leaf;
  static constexpr int arity = 0;
};

/// A subgraph as one node, so that equal blocks of a network share their types.
template <class Graph, int Root, int Arity>
struct call_op : op_defaults {
  static constexpr auto name = "call";
  static constexpr op_kind kind = op_kind::call;
  static constexpr int arity = Arity;
};

namespace detail {

/// Splits the first argument of a node: `op`, `attribute`, and `target` (shape<> where there is none). All
/// leaves are one op; which leaf it is stands in its attribute, as the identity of its type.
template <class X>
struct op_parts {
  using op = X;
  using target = shape<>;
  static constexpr attributes attribute{};
};
template <class Op, index... A>
struct op_parts<with<Op, A...>> {
  using op = Op;
  using target = shape<>;
  static constexpr attributes attribute{{A...}};
};
template <class Op, class Shape>
struct op_parts<onto<Op, Shape>> {
  using op = Op;
  using target = Shape;
  static constexpr attributes attribute{};
};
template <class Leaf, class Shape>
struct leaf_parts {
  using op = leaf_op;
  using target = Shape;
  static constexpr attributes attribute{{static_cast<index>(identity<Leaf>::id)}};
};
template <int K, class T, class Shape>
struct op_parts<slot<K, T, Shape>> : leaf_parts<slot<K, T, Shape>, Shape> {};
template <int K, class N, class T, class Shape>
struct op_parts<model_parameter<K, N, T, Shape>> : leaf_parts<model_parameter<K, N, T, Shape>, Shape> {};
template <class N, class T, class Shape>
struct op_parts<named_leaf<N, T, Shape>> : leaf_parts<named_leaf<N, T, Shape>, Shape> {};

template <class X>
inline constexpr dtype leaf_dtype = dtype::none;
template <int K, class T, class Shape>
inline constexpr dtype leaf_dtype<slot<K, T, Shape>> = dtype_of<T>;
template <int K, class N, class T, class Shape>
inline constexpr dtype leaf_dtype<model_parameter<K, N, T, Shape>> = dtype_of<T>;
template <class N, class T, class Shape>
inline constexpr dtype leaf_dtype<named_leaf<N, T, Shape>> = dtype_of<T>;

}  // namespace detail

constexpr bool takes_dtype(domain takes, dtype d) {
  switch (takes) {
    case domain::ordered:
      return !is_complex(d);
    case domain::numeric:
      return d != dtype::boolean && !is_complex(d);
    case domain::arithmetic:
      return d != dtype::boolean;
    case domain::floating:
      return is_floating(d);
    case domain::analytic:
      return is_floating(d) || is_complex(d);
    case domain::complex:
      return is_complex(d);
    case domain::boolean:
      return d == dtype::boolean;
    case domain::integer:
      return is_integer(d);
    case domain::discrete:
      return is_integer(d) || d == dtype::boolean;
    default:
      return true;
  }
}

/// The dtype of an op's result, of operands that share `operand`.
constexpr dtype result_of(yields gives, dtype operand, const attributes& attribute) {
  switch (gives) {
    case yields::boolean:
      return dtype::boolean;
    case yields::attribute:
      return static_cast<dtype>(attribute.a[0]);
    case yields::real:
      return operand == dtype::complex64    ? dtype::float32
             : operand == dtype::complex128 ? dtype::float64
                                            : operand;
    case yields::complex:
      return operand == dtype::float64 ? dtype::complex128 : dtype::complex64;
    default:
      return operand;
  }
}

/// The dtype rule of every op: what its operands become, what it yields, and whether that is allowed.
struct dtype_rule {
  dtype operand = dtype::none, result = dtype::none;
  bool mixed = false, refused = false;
};

constexpr dtype_rule resolve_dtypes(const op_row& op, const dtype* in, const attributes& attribute) {
  dtype_rule r;
  for (int k = 0; k < op.arity; ++k) {
    if (k == op.condition) {
      r.refused |= in[k] != dtype::boolean;
      continue;
    }
    if (k == op.places) {
      r.refused |= !is_integer(in[k]);
      continue;
    }
    if (k == op.shape_only && op.arity > 1) continue;
    r.operand = r.operand == dtype::none ? in[k] : promote(r.operand, in[k]);
    if (r.operand == dtype::none) {
      r.mixed = true;
      return r;
    }
  }
  const dtype d = r.operand;
  if (d != dtype::weak && op.arity > 0) r.refused |= !takes_dtype(op.takes, d);
  r.result = result_of(op.gives, d, attribute);
  return r;
}

}  // namespace tenon

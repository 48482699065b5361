// Graphs as arrays of plain nodes: what every pass reads and writes, inside constant evaluations.
//
// Types stand at the two ends (expressions before, kernels after); between them a graph is an array, a pass
// is a loop, and one constant evaluation does a whole pass in linear time.
#pragma once

#include "tenon/graph/op.hpp"
#include "tenon/graph/passes/choice.hpp"

namespace tenon {

/// The ops that passes themselves insert, by their place at the head of every table of ops
/// (ops/core_ops.hpp).
namespace core {
enum id : int {
  constant,
  add,
  subtract,
  multiply,
  absorbing_multiply,
  divide,
  negate,
  where,
  equal,
  logical_and,
  logical_not,
  cast,
  broadcast_like,
  sum,
  sum_to_like,
  matmul,
  permute,
  squeeze,
  expand,
  reshape,
  slice,
  embed,
  count
};
inline constexpr int ids = count + 1;
}  // namespace core

struct array_node {
  int op = -1;
  int in[detail::max_operands] = {-1, -1, -1};
  int shape = -1;  // an interned shape
  dtype type = dtype::none;
  attributes attribute{};
};

/// A node of a graph that was written as a type: an op of the table, or the argument-th operand of a rule or
/// call.
struct flat_node {
  int op = -1;
  int in[detail::max_operands] = {-1, -1, -1};
  int argument = -1;
  dtype leaf = dtype::none;
  attributes attribute{};
  extents target{};
};
/// What is particular about a loop.
namespace loop_trait {
enum bit : unsigned {
  flag = 1,       // it runs while carry 0, a bool, is true
  reverse = 2,    // from the last element to the first
  recompute = 4,  // a derivative's step backwards computes the step forwards again
  enters = 8,     // all that the body reads is read in the loop: nothing of it is computed outside
  branch = 16     // no loop but a choice: operand 0 says which half of the results it is
};
}  // namespace loop_trait
/// How a loop runs: the arguments of loop_form.
struct loop_frame {
  int carries = 0, slices = 0, stacks = 0;
  index length = -1;
  unsigned traits = 0;
};
struct flat_graph {
  const flat_node* node = nullptr;
  int n = 0, root = -1;
  bool loops = false;
  loop_frame loop{};
};

/// A loop that was opened.
struct open_loop {
  int parent = -1, depth = 1;
  index length = -1;  // as attribute 2 of its parts
  int like = -1;      // else a node whose first axis says how many steps there are
  bool flag = false, reverse = false, recompute = false;
  int carries = 0, stacks = 0;
};
inline constexpr int max_loops = 32;

/// Appends nodes with their dtype and shape, each distinct node once, in a normal form.
///
/// Normal form: reductions keep their axes (a squeeze follows) and go either over trailing axes or over
/// others; operands of one op have one dtype (casts are nodes); numbers have the dtype of their partners.
/// Which rules of passes/simplify.hpp rewrite nodes besides, `rules` says.
struct graph_builder {
  static constexpr int buckets = 128;
  static constexpr int max_body = 512;

  array_node* node;
  int* chain;  // of equal hashes
  int capacity;
  extents* shape;
  int shape_capacity;
  const op_row* op;
  const flat_graph* called;  // bodies of the table's calls
  const detail::type_id* id = nullptr;
  int ops = 0;
  unsigned rules = detail::pass::exact;
  shape_scope scope{};
  int n = 0, shapes = 0;
  index dynamics = 0;  // dynamic extents so far
  // optional: for each of the first of them, the code of its class; `scope.dynamic` has room for as many
  const index* dynamic_class = nullptr;
  index dynamic_classes = 0;
  bool overflow = false;
  int head[buckets]{};
  // Loops: each node's innermost one, or -1; and which one is being opened.
  int* home = nullptr;
  open_loop loop[max_loops]{};
  int loops = 0, inside = -1;
  static constexpr int max_results = 96;
  int result[max_results]{}, results = 0;  // of opened loops, one after the other
  bool irreversible = false;               // a while_loop of unknown length was to be run backwards

  /// The number of an op that a rule pushes; its declaration lists it as one that it `inserts`.
  template <class Op>
  constexpr int find() const {
    for (int i = 0; i < ops; ++i)
      if (id[i] == detail::identity<Op>::id) return i;
    return -1;
  }

  constexpr const extents& shape_of(int i) const { return shape[node[i].shape]; }
  constexpr const op_row& op_of(int i) const { return op[node[i].op]; }
  constexpr bool is(int i, core::id what) const { return node[i].op == what; }
  constexpr double number_at(int i) const { return std::bit_cast<double>(node[i].attribute.a[0]); }
  constexpr bool on(detail::pass::bit which) const { return (rules & which) != 0; }
  /// Whether numbers of a dtype fold. Weak ones always do: they are doubles until they meet a dtype, which is
  /// no matter of optimisation.
  constexpr bool folds(dtype type) const { return on(detail::pass::fold) || type == dtype::weak; }
  constexpr bool is_number(int i, double v) const { return is(i, core::constant) && number_at(i) == v; }

  constexpr index fresh_dynamic() {
    const index i = dynamics++;
    if (scope.dynamic != nullptr) {
      if (i == dynamic_classes) {
        overflow = true;
        --dynamics;
        return first_dyn_code;
      }
      scope.dynamic[i] = first_dyn_code - i;
    }
    return dynamic_class == nullptr || i >= dynamic_classes ? first_dyn_code - i : dynamic_class[i];
  }

  constexpr int intern(const extents& e) {
    for (int i = 0; i < shapes; ++i) {
      if (shape[i].rank != e.rank) continue;
      int k = 0;
      while (k < e.rank && shape[i].d[k].code == e.d[k].code) ++k;
      if (k == e.rank) return i;
    }
    if (shapes == shape_capacity) {
      overflow = true;
      return 0;
    }
    shape[shapes] = e;
    return shapes++;
  }

  /// A number; weak until it meets a partner.
  constexpr int number(double v, dtype type = dtype::weak) {
    array_node c;
    c.op = core::constant;
    c.type = type;
    c.shape = intern({});
    c.attribute.a[0] = std::bit_cast<index>(v);
    return insert(c);
  }

  constexpr int leaf(const flat_node& f) {
    array_node c;
    c.op = f.op;
    c.type = f.leaf;
    c.shape = intern(numbered(f.target));
    c.attribute = f.attribute;
    return insert(c);
  }

  constexpr int push(int op_id, int a, int b = -1, int c = -1, attributes attribute = {}) {
    array_node made;
    made.op = op_id;
    made.in[0] = a;
    made.in[1] = b;
    made.in[2] = c;
    made.attribute = attribute;
    const op_row& row = op[op_id];
    dtype in[detail::max_operands]{};
    for (int k = 0; k < row.arity; ++k) in[k] = node[made.in[k]].type;
    const dtype_rule types = resolve_dtypes(row, in, attribute);
    made.type = types.result;
    if ((row.kind == op_kind::reduction || row.kind == op_kind::contraction) &&
        (made.type == dtype::float16 ||
         made.type == dtype::bfloat16)) {  // accumulated in 32 bits, rounded once
      for (int k = 0; k < row.arity; ++k)
        if (k != row.shape_only) made.in[k] = convert(made.in[k], dtype::float32);
      return convert(push(op_id, made.in[0], made.in[1], made.in[2], attribute), made.type);
    }
    for (int k = 0; k < row.arity; ++k)
      if (k != row.condition && k != row.shape_only && k != row.places && in[k] != types.operand &&
          types.operand != dtype::weak)
        made.in[k] = convert(made.in[k], types.operand);
    if (const int simpler = simplify(made); simpler >= 0) return simpler;
    if (row.kind == op_kind::reduction && op_id != core::sum_to_like) return reduce(made);
    infer_shape(made);
    return insert(made);
  }

  constexpr int convert(int i, dtype to) {
    if (node[i].type == to) return i;
    if (node[i].type == dtype::weak) {  // computed in the dtype that it meets
      const array_node weak = node[i];
      if (is(i, core::constant)) return number(number_at(i), to);
      if (op[weak.op].kind == op_kind::map && weak.op != core::cast) {
        int in[detail::max_operands] = {-1, -1, -1};
        for (int k = 0; k < op[weak.op].arity; ++k)
          in[k] = node[weak.in[k]].type == dtype::weak ? convert(weak.in[k], to) : weak.in[k];
        return push(weak.op, in[0], in[1], in[2], weak.attribute);
      }
    }
    return push(core::cast, i, -1, -1, {{static_cast<index>(to)}});
  }

  /// The nodes of a rule or a call's body, with its arguments put in.
  constexpr int splice(const flat_graph& body, const int* arguments) {
    int to[max_body]{};
    splice_into(to, body, arguments);
    return to[body.root];
  }
  constexpr void splice_into(int (&to)[max_body], const flat_graph& body, const int* arguments) {
    if (body.n > max_body)
      overflow = true;
    else
      for (int i = 0; i < body.n; ++i) to[i] = splice_node(body.node[i], to, arguments, body.node);
  }

  /// `body` is where f is from; what its operands became, `to` says.
  constexpr int splice_node(const flat_node& f, const int* to, const int* arguments, const flat_node* body) {
    if (f.argument >= 0) return arguments[f.argument];
    const op_row& row = op[f.op];
    if (row.part == loop_part::pack) return 0;  // whoever reads the pack reads its operands
    if (row.part == loop_part::result) return result[to[f.in[0]] + f.attribute.a[0]];
    if (row.part == loop_part::whole) {
      int operand[max_packed]{};
      const int count = unpack(body, f.in[0], to, operand);
      return open(called[f.op], operand, count);
    }
    int in[detail::max_operands] = {-1, -1, -1};
    for (int k = 0; k < row.arity; ++k) in[k] = to[f.in[k]];
    if (row.kind == op_kind::leaf) return leaf(f);
    if (row.kind == op_kind::constant) return number(std::bit_cast<double>(f.attribute.a[0]));
    if (row.kind == op_kind::call) return splice(called[f.op], in);
    attributes attribute = f.attribute;
    if (f.op == core::reshape) attribute.a[0] = intern(numbered(f.target));
    return push(f.op, in[0], in[1], in[2], attribute);
  }

  // ---- loops (graph/loop.hpp, passes/opening.hpp) ---------------------------------------------------------------------------

  static constexpr int max_packed = 64;
  /// The operands of a pack, in order; how many there are.
  constexpr int unpack(const flat_node* body, int pack, const int* to, int (&operand)[max_packed]);

  constexpr int new_loop(const open_loop& l);
  /// A part of a loop; it is what it is, and no rule rewrites it.
  constexpr int part(int op_id, int a, int b, attributes attribute);
  constexpr int loop_like(int l, int otherwise) const { return loop[l].like < 0 ? otherwise : loop[l].like; }
  constexpr int carry(int l, int init) {
    return part(part_op(loop_part::carry), init, loop_like(l, init),
                {{l, loop[l].carries++, loop[l].length}});
  }
  constexpr int slice(int l, int x) { return part(part_op(loop_part::slice), x, -1, {{l}}); }
  constexpr int enter(int l, int x) { return part(part_op(loop_part::enter), x, -1, {{l}}); }
  constexpr int next(int l, int carried, int value) {
    return part(part_op(loop_part::next), carried, settled(l, value, node[carried].attribute.a[1]),
                {{l, node[carried].attribute.a[1]}});
  }
  constexpr int stack(int l, int value) {
    const index k = loop[l].stacks++;
    return part(part_op(loop_part::stack), settled(l, value, 1000 + k), loop_like(l, value),
                {{l, k, loop[l].length}});
  }
  /// Node i as a value that has memory of its own in each step: a copy, of what the loop computes or of
  /// outside. What products and opaque ops compute is in memory anyway; one part of the loop may have that.
  constexpr int settled(int l, int i, index which);
  constexpr bool is_settled(int i) const;
  constexpr int part_op(loop_part which) const {
    for (int i = 0; i < ops; ++i)
      if (op[i].part == which) return i;
    return -1;
  }

  /// The loop's parts and its body's nodes; returns where its results are in `result`.
  constexpr int open(const flat_graph& body, const int* operand, int operands);
  constexpr int splice_roots(const flat_graph& body, const int* argument, int (&root)[max_packed]);
  constexpr int keep_results(const int* made, int count);

  /// Two loops of one step or none, one after the other, that hand on the results: the first one runs where
  /// operand 0 is true, the second one where it is not.
  constexpr int open_branches(const flat_graph& body, const int* operand, int operands);

  /// The innermost loop that a node about to be inserted belongs to.
  constexpr int home_of(const array_node& made) const;
  /// Whether a node at home in h runs within loop l.
  constexpr bool within(int h, int l) const {
    while (h >= 0 && h != l) h = loop[h].parent;
    return h == l;
  }

  /// A target shape whose dynamic extents have numbers of their own.
  constexpr extents numbered(extents target) {
    for (int i = 0; i < target.rank; ++i)
      if (target[i].code == dyn_code) target[i].code = fresh_dynamic();
    return target;
  }

  /// Sums away what broadcasting added to x's shape.
  constexpr int sum_to_shape_of(int value, int x) {
    const extents from = shape_of(value), to = shape_of(x);
    const int extra = from.rank - to.rank;
    index mask = 0;
    bool dynamic = false;
    for (int i = 0; i < from.rank; ++i) {
      const index code = i < extra ? 1 : to[i - extra].code;
      if (i < extra || (code == 1 && from[i].code != 1))
        mask |= index(1) << i;
      else if (code != from[i].code && is_dynamic(code) && is_dynamic(from[i].code))
        dynamic = true;
    }
    if (mask != 0) value = push(core::sum, value, -1, -1, {{mask, 1}});
    if (extra > 0) value = push(core::squeeze, value, -1, -1, {{(index(1) << extra) - 1}});
    return dynamic ? push(core::sum_to_like, value, x) : value;
  }

  constexpr int broadcast_to_shape_of(int value, int x) {
    return node[value].shape == node[x].shape ? value : push(core::broadcast_like, value, x);
  }

  /// a * b; through singular ops a zero absorbs an infinity.
  constexpr int product(int a, int b, bool absorbing) {
    if (is_number(b, -1)) return push(core::negate, a);
    if (is_number(b, 1)) return a;
    return push(absorbing ? core::absorbing_multiply : core::multiply, a, b);
  }

  /// A node that copies another one; `which` tells copies of one node apart.
  constexpr int copy_of(int i, int which) {
    array_node c;
    c.op = core::broadcast_like;
    c.in[0] = c.in[1] = i;
    c.shape = node[i].shape;
    c.type = node[i].type;
    c.attribute.a[0] = which;
    return insert(c);
  }

  /// The shape of a node that is about to be pushed.
  constexpr void infer_shape(array_node& made) {
    const op_row& row = op[made.op];
    if (row.kind == op_kind::map) {
      bool same = true;
      for (int k = 1; k < row.arity; ++k) same = same && node[made.in[k]].shape == node[made.in[0]].shape;
      if (same) {
        made.shape = node[made.in[0]].shape;
        return;
      }
    }
    extents in[detail::max_operands];
    for (int k = 0; k < row.arity; ++k) in[k] = shape_of(made.in[k]);
    shape_query q{in, made.attribute, {}};
    if (made.op == core::reshape) q.target = shape[made.attribute.a[0]];
    if (made.op == core::embed) q.target = in[1];
    extents r = row.shape(scope, q);
    for (int i = 0; i < r.rank; ++i)
      if (r[i].code == dyn_code) r[i].code = fresh_dynamic();
    made.shape = intern(r);
  }

  constexpr int insert(const array_node& made) {
    int first = made.in[0], second = made.in[1];
    const bool either = second >= 0 && on(detail::pass::commute) && commutes(made);
    if (either && first > second) {
      first = made.in[1];
      second = made.in[0];
    }
    const int h = made.op * 7 + first * 3 + second * 5 + made.in[2] * 11 + 40;
    int& bucket =
        head[(static_cast<std::uint64_t>(h) + static_cast<std::uint64_t>(made.attribute.a[0])) % buckets];
    for (int i = bucket; i != 0; i = chain[i - 1]) {
      const array_node& o = node[i - 1];
      if (o.op != made.op || o.in[2] != made.in[2] || o.type != made.type) continue;
      const bool same = o.in[0] == made.in[0] && o.in[1] == made.in[1];
      if ((same || (either && o.in[0] == made.in[1] && o.in[1] == made.in[0])) &&
          o.attribute == made.attribute)
        return i - 1;
    }
    if (n == capacity) {
      overflow = true;
      return 0;
    }
    chain[n] = bucket;
    bucket = n + 1;
    return append(made, home_of(made));
  }
  /// A node that is not looked for.
  constexpr int append(const array_node& made, int in_loop) {
    if (n == capacity) {
      overflow = true;
      return 0;
    }
    node[n] = made;
    home[n] = in_loop;
    return n++;
  }

 private:
  constexpr int simplify(const array_node& made);  // passes/simplify.hpp

  constexpr int reduce(array_node made) {
    const extents x = shape_of(made.in[0]);
    index mask = 0;  // axes of extent 1 are reduced already
    for (int i = 0; i < x.rank; ++i)
      if (((made.attribute.a[0] >> i) & 1) != 0 && x[i].code != 1) mask |= index(1) << i;
    const index asked = made.attribute.a[0];
    const bool keep = made.attribute.a[1] != 0;
    index trailing = 0;
    for (int i = x.rank - 1; i >= 0 && (((mask >> i) & 1) != 0 || x[i].code == 1); --i)
      trailing |= index(1) << i;
    int value = made.in[0];
    for (const index part : {mask & trailing, mask & ~trailing}) {
      if (part == 0) continue;
      array_node one = made;
      one.in[0] = value;
      one.attribute.a[0] = part;
      one.attribute.a[1] = 1;
      infer_shape(one);
      value = insert(one);
    }
    return keep ? value : push(core::squeeze, value, -1, -1, {{asked}});
  }

  /// Whether operands may change places, and nothing changes.
  constexpr bool commutes(const array_node& made) const {
    const unsigned laws = op[made.op].laws;
    if ((laws & (law::commutative | law::commutative_but_zero)) == 0 || is_complex(made.type)) return false;
    return (laws & law::commutative) != 0 || is_integer(made.type) || on(detail::pass::unsigned_zero);
  }
};

}  // namespace tenon

#include "tenon/graph/passes/opening.hpp"
#include "tenon/graph/passes/simplify.hpp"

// A plan with its extents, memory and kernels' arguments filled in: what an executor runs. No types of graphs
// here.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "tenon/core/describe.hpp"
#include "tenon/core/math.hpp"
#include "tenon/core/plain_list.hpp"
#include "tenon/eval/cpu/threads.hpp"
#include "tenon/graph/expression.hpp"
#include "tenon/plan/plan.hpp"
#include "tenon/plan/product.hpp"

namespace tenon::detail {

/// Sizes of names and dynamic extents; -1 while unknown.
struct size_table {
  index* names;
  index* dynamics;
  index& at(index code) const {
    return is_name(code) ? names[first_name_code - code] : dynamics[first_dyn_code - code];
  }
  extents sized(extents e) const {
    for (int i = 0; i < e.rank; ++i)
      if (!is_static(e[i].code)) e[i].size = at(e[i].code);
    return e;
  }
};

/// Bytes in a row-major array, checked against overflow.
inline index bytes_of(const extents& e, dtype type) {
  index n = size_of(type);
  for (int i = 0; i < e.rank; ++i)
    if (e[i].size > 0 && n > (index(1) << 60) / e[i].size)
      throw usage_error("allocation: an array of shape " + describe(e) + " is too large");
    else
      n *= e[i].size;
  return n;
}

inline void row_major(const extents& e, index* stride) {
  index step = 1;
  for (int i = e.rank - 1; i >= 0; --i) {
    stride[i] = step;
    step *= e[i].size;
  }
}

/// What a node is at run time: its memory and how to walk it.
struct node_memory {
  std::byte* data = nullptr;
  extents shape;
  index stride[max_rank]{};
};

/// One binding of a plan. Construct, `resolve` sizes, `place` outputs, then `run`.
template <class Unit = this_unit>
class binding {
 public:
  binding() = default;
  explicit binding(const plan_table& t) : t_(&t) {}
  void use(const plan_table& t) {
    t_ = &t;
    placed_ = again_ = false;
  }
  /// For plans with loops, before `resolve`. Units whose plans have none do not compile what runs them.
  void allow_loops() {
    find_loops_ = &binding::find_loops;
    run_loop_ = &binding::run_loop;
  }
  const plan_table& table() const { return *t_; }

  // ---- extents --------------------------------------------------------------------------------------------

  /// Whether the leaves have the extents and strides that all memory was placed for. Then they take effect,
  /// and `place` and `run` move pointers only: a statement on 16 floats takes 0.10 us when it is evaluated
  /// again, where resolving and placing anew made it 0.63 us.
  bool rebind(const leaf* const* leaves) {
    if (!placed_ || threads_ != num_threads()) return false;
    for (int k = 0; k < t_->leaves; ++k) {
      const int i = leaf_node_[std::size_t(k)];
      if (i < 0) continue;
      const node_memory& m = memory_[std::size_t(i)];
      for (int a = 0; a < m.shape.rank; ++a)
        if (m.shape[a].size != leaves[k]->extent[a] || m.stride[a] != leaves[k]->stride[a]) return false;
    }
    for (int k = 0; k < t_->leaves; ++k) move_leaf(k, leaves[k]->first());
    again_ = true;
    return true;
  }

  /// Sizes of all nodes from the leaves'. Returns false where dynamic extents that the plan takes as equal
  /// are not. Throws shape_error; writes nothing that outlives the call.
  TENON_COLD bool resolve(const leaf* const* leaves);

  dtype type_of_output(int o) const { return t_->node[t_->output[o]].type; }
  const extents& shape_of_output(int o) const { return shapes_[std::size_t(o)]; }
  index size_of_name(int k) const { return names_[std::size_t(k)]; }

  // ---- memory ---------------------------------------------------------------------------------------------

  /// Gives outputs their memory (null: the binding's own), everything else the arena, and fills in all
  /// arguments.
  void place(std::byte* const* outputs) {
    if (again_)
      for (int o = 0; o < t_->outputs; ++o) move_output(o, outputs[o]);
    else
      place_anew(outputs);
  }
  TENON_COLD void place_anew(std::byte* const* outputs);

  std::byte* output(int o) const { return memory_[std::size_t(t_->output[o])].data; }
  index arena_bytes() const { return arena_top_; }

  /// Leaf k's elements are elsewhere now; shapes and strides are as they were.
  void move_leaf(int k, const void* data) {
    const int i = leaf_node_[std::size_t(k)];  // none where the graph has lost the leaf
    if (i < 0 || at(i).data == data) return;
    at(i).data = static_cast<std::byte*>(const_cast<void*>(data));
    moved_ = true;
  }
  /// Output o goes elsewhere from now on.
  void move_output(int o, std::byte* data) {
    moved_ = moved_ || at(t_->output[o]).data != data;
    at(t_->output[o]).data = data;
  }

  void run() { run_steps(t_->prologue, t_->steps); }
  void run_forward() { run_steps(t_->prologue, t_->forward); }
  void run_backward() { run_steps(t_->forward, t_->steps); }
  /// Some steps; those of a loop are not parted.
  void run_between(int first, int last) { run_steps(first, last); }
  /// One step, or all of a loop that it begins; and the memory of a node: for who watches a plan run.
  /// Returns the step after.
  int run_step(int q) {
    if (!apart_) keep_apart(true);
    const int last = t_->step[q].loop < 0 ? q : t_->loop[t_->step[q].loop].end;
    run_steps(q, last + 1);
    return last + 1;
  }
  /// Whether kernels stay out of the products before them, so that a step leaves its own values behind. Who
  /// has run single steps ends it.
  TENON_COLD void keep_apart(bool apart) {
    apart_ = apart;
    join_steps(0, t_->steps);
  }
  const node_memory& memory_of(int i) const { return memory_[std::size_t(i)]; }

  // ---- outputs that are used while the plan runs --------------------------------------------------------------

  /// Nobody reads output o after step `last`: then its memory may be another value's, where it has none of
  /// its own. Said between `resolve` and `place`.
  TENON_COLD void end_output(int o, int last) {
    if (ends_.size() == 0) ends_.assign(std::size_t(t_->nodes), -1);
    ends_[std::size_t(t_->output[o])] = last;
  }

  /// Whether output o may be written to row-major memory that others own: what leaves are read from lies
  /// elsewhere, or it is the same array and every element is read before it is written.
  TENON_COLD bool may_write(const std::byte* to, int o) const;

  /// Whether output o may be written over leaf k: every kernel has read an element before it writes it.
  TENON_COLD bool in_place(int k, int o) const;

 private:
  struct step_launch {
    fused_launch fused;
    product_launch product;
    int first_copy = 0, copies = 0;
    bool joined = false;  // a fused kernel that runs within the product before it
  };

  node_memory& at(int i) { return memory_[std::size_t(i)]; }

  /// The bytes that a node's elements lie in, from its first one on; none where it has no elements.
  struct byte_range {
    index low, high;
  };
  byte_range range_of(int i) const;
  /// Whether elements of a node lie in so many bytes of memory.
  bool lies_in(int i, const std::byte* memory, index bytes) const;

  static bool same_walk(const node_memory& m, const extents& shape) {
    index step = 1;
    if (m.shape.rank != shape.rank) return false;
    for (int i = shape.rank - 1; i >= 0; --i) {
      if (m.shape[i].size != shape[i].size || (shape[i].size != 1 && m.stride[i] != step)) return false;
      step *= shape[i].size;
    }
    return true;
  }

  std::string text(const extents& e) const { return describe(e, t_->name); }

  TENON_COLD bool bind_leaf(int i, const leaf& l, const size_table& sizes);

  [[noreturn]] TENON_COLD void refuse(int i, const shape_scope& scope) const;

  TENON_COLD bool infer(int i, const size_table& sizes);

  /// Insertion sort, stable: lists are short, and std::sort costs each unit a third of a second to compile.
  template <class T, class Before>
  static void sort(plain_list<T>& v, Before before) {
    for (std::size_t i = 1; i < v.size(); ++i)
      for (std::size_t k = i; k > 0 && before(v[k], v[k - 1]); --k) std::swap(v[k], v[k - 1]);
  }

  // ---- the arena: values that live at different times share memory ----------------------------------------

  TENON_COLD void plan_arena();
  int end_of(int i) const {
    const int end = ends_.size() > 0 ? ends_[std::size_t(i)] : -1;
    return end >= 0 ? end : t_->until[i];
  }
  bool is_placed_output(int i) const {
    for (int o = 0; o < t_->outputs; ++o)
      if (t_->output[o] == i) return memory_[std::size_t(i)].data != nullptr;
    return false;
  }

  /// Keeps a buffer that is large enough already.
  static void reserve(storage& s, index& capacity, index bytes) {
    if (s && capacity >= bytes && capacity <= 4 * bytes + 65536) return;
    s = storage();
    s = storage(bytes);
    capacity = bytes;
  }

  TENON_COLD void allocate();
  /// Values that others' results are written over: in the memory of an output that takes them over, where no
  /// leaf lies there, else in the arena.
  void share_memory(int first, int last);
  std::byte* own_place(int i) const {
    for (const arena_place& a : arena_items_)
      if (a.value == i) return arena_.data() + a.offset;
    return nullptr;
  }
  bool apart_from_leaves(const std::byte* to, int i) const;

  // ---- views, and the copies of those that strides cannot express -----------------------------------------

  struct view_copy {
    int node, step;  // before this step
    std::byte* memory = nullptr;
    array_access from, to;
  };

  bool is_view(int i) const { return t_->is_view(i); }

  TENON_COLD void resolve_views();

  /// A copy of node x, row-major.
  void set_copy(view_copy& c, int x, std::byte* to) {
    c.from = c.to = access(x);
    c.to.data = to;
    row_major(at(x).shape, c.to.stride);
  }

  // (nvcc takes no generic lambda in a member that is defined outside of its class.)
  TENON_COLD void fill_constants() {
    for (int i = 0; i < t_->nodes; ++i) {
      if (!t_->is_stored_number(i)) continue;
      const op_row& op = t_->op[t_->node[i].op];
      const double v = op.kind == op_kind::constant
                           ? std::bit_cast<double>(t_->node[i].attribute.a[0])
                           : op.bound(at(t_->node[i].in[0]).shape, t_->node[i].attribute);
      std::byte* const to = at(i).data;
      with_type(t_->node[i].type, [&]<class T>(T) { *reinterpret_cast<T*>(to) = math::number<T>(v); });
    }
  }

  // ---- fused kernels: one iteration space, axes merged, work cut by shape alone ---------------------------

  struct axis_strides {  // of one operand along the axes of the space, in elements
    index stride[max_rank]{};
  };
  struct merged_axis {
    index extent;
    int last;  // the axis of the space whose strides it has
  };

  /// Rows shorter than this become parts of a longer one, with operands gathered that do not walk through it.
  /// Measured with a row or a column broadcast: gathering costs some 3 ns a row and operand and a tenth of a
  /// packet's time a packet, a row of its own 13 ns and a partial packet.
  static constexpr index short_row = 128;

  axis_strides aligned(const kernel_operand& o, const extents& space, int inner) const;

  TENON_COLD void fill_fused(int q, operand_binding* loads, output_binding* outputs);

  // ---- kernels within products: see product_epilogue ----------------------------------------------------

  /// Shorter rows are better taken by a kernel of their own, several as one.
  static constexpr index least_epilogue = 64;

  /// The columns of the product that step q may go over tile by tile; else 0.
  index epilogue_columns(int q) const {
    if (!t_->step[q].follows) return 0;
    const product_launch& p = launches_[std::size_t(q - 1)].product;
    return p.count == 1 && p.n >= least_epilogue && (p.m == 1 || p.c_row == p.n) ? p.n : 0;
  }
  /// Which kernels go over the tiles of products: they walk as the product does, need no memory of their own,
  /// and write to none that the product reads.
  TENON_COLD void join_steps(int first, int last);
  /// Whether step q writes to no memory that the product before it reads.
  bool spares_operands(int q) const;

  /// Bytes of the largest elements, as scratch rows are laid out: 8, or 16 for complex128.
  index widest() const;

  extents sized_space(const step_row& s) const {
    const size_table sizes{const_cast<index*>(names_.data()), const_cast<index*>(dynamics_.data())};
    return sizes.sized(t_->shape[s.space]);
  }

  bool accumulates_along(const step_row& s, const plain_list<axis_strides>& walk, int axis) const {
    for (int i = 0; i < s.outputs; ++i)
      if (s.output[i].accumulated && walk[std::size_t(s.loads + i)].stride[axis] == 0) return true;
    return false;
  }

  static bool accumulates(const step_row& s) {
    for (int i = 0; i < s.outputs; ++i)
      if (s.output[i].accumulated) return true;
    return false;
  }

  /// `axes` from right to left.
  static void set_row_pattern(operand_binding& o, const axis_strides& w, const merged_axis* axes, int rank);

  void set_output(output_binding& b, const kernel_operand& o, const fused_launch& l);
  static index partial_bytes(const fused_launch& l, const output_binding& b) {
    return b.partial_stride * l.row_tasks;
  }
  /// Of the reductions of rows that are reduced in parts.
  static index parts_bytes(const step_row& s, const fused_launch& l) {
    if (s.kernel == nullptr || s.kernel->split_reductions == 0 || l.column_tasks <= 1) return 0;
    return padded(l.rows * l.column_tasks * s.kernel->split_reductions * fused_launch::part_bytes);
  }

  /// Rows without elements still have row values: sums of nothing, and what is computed from them.
  static bool has_work(const step_row& s, const fused_launch& l) { return l.columns > 0 || s.inner > 0; }

  /// Tasks by shape alone, so that results do not depend on the number of threads.
  TENON_COLD void cut(int q, bool gathers, bool tiles);

  // ---- matrix products and opaque ops ---------------------------------------------------------------------

  TENON_COLD void fill_product(int q);

  /// A row-major copy of node x, made before step q.
  TENON_COLD const void* copy_for(int q, int x);

  /// Scratch memory for each worker, and room for partial results.
  TENON_COLD void reserve_workspace();

  /// Copies in the order of the steps that they stand before.
  TENON_COLD void order_copies();

  /// Pointers after leaves or outputs moved: everything that was computed from them.
  TENON_COLD void refill() {
    refill(0, t_->nodes, 0, t_->steps);
    moved_ = false;
  }
  void refill(int first_node, int last_node, int first_step, int last_step) {
    share_memory(first_node, last_node);
    for (int i = first_node; i < last_node; ++i) {
      if (!is_view(i)) continue;
      const node_memory& x = at(t_->node[i].in[0]);
      view_strides from, to;
      std::copy(x.stride, x.stride + max_rank, from.stride);
      if (t_->op[t_->node[i].op].strides(x.shape, at(i).shape, t_->node[i].attribute, from, to))
        at(i).data = x.data + (to.offset + step_offset(i)) * size_of(t_->node[i].type);
    }
    for (view_copy& copy : copies_) {
      if (copy.step < first_step || copy.step >= last_step) continue;
      const int i = copy.node;
      if (is_view(i) && copy.memory != nullptr) {
        copy.from.data = at(t_->node[i].in[0]).data;
      } else {
        copy.from.data = at(i).data;
      }
    }
    for (int q = first_step; q < last_step; ++q) {
      const step_row& s = t_->step[q];
      step_launch& l = launches_[std::size_t(q)];
      for (int i = 0; i < s.loads; ++i)
        const_cast<operand_binding&>(l.fused.operands[i]).data = at(s.load[i].node).data;
      for (int i = 0; i < s.outputs; ++i) {
        std::byte* const data = at(s.output[i].node).data;
        if (l.fused.outputs[i].result == l.fused.outputs[i].data) l.fused.outputs[i].data = data;
        l.fused.outputs[i].result = data;
      }
      if (s.product == nullptr) continue;
      const array_node& node = t_->node[s.first];
      l.product.c = at(s.first).data;
      for (int k = 0; k < 2; ++k)
        if (!l.product.copied[k]) l.product.set(k, at(node.in[k]).data);
    }
    join_steps(first_step, last_step);
  }

  // ---- loops ----------------------------------------------------------------------------------------------

  /// A loop's nodes, how many steps it has, and which one runs.
  struct loop_state {
    int first_node = 0, last_node = 0;
    index length = -1, position = 0;
  };
  loop_part part(int i) const { return t_->op[t_->node[i].op].part; }
  bool belongs(int i, int l) const { return part(i) != loop_part::none && t_->node[i].attribute.a[0] == l; }
  /// Elements between the first part of a sliced array and the one of the running step.
  index step_offset(int i) {
    if (part(i) != loop_part::slice) return 0;
    return at(t_->node[i].in[0]).stride[0] * loops_[std::size_t(t_->node[i].attribute.a[0])].position;
  }

  TENON_COLD void find_loops();

  /// Calls f(i) for the loop's own parts of one kind, but for those of which only the shape is read.
  template <class F>
  void each(int l, loop_part which, F f) {
    const loop_state& s = loops_[std::size_t(l)];
    for (int i = s.first_node; i < s.last_node; ++i)
      if (part(i) == which && t_->node[i].attribute.a[0] == l && t_->step_of[i] >= 0) f(i);
  }

  void run_loop(int l);

  array_access access(int i) {
    const node_memory& m = at(i);
    array_access a;
    a.data = m.data;
    a.type = t_->node[i].type;
    a.rank = m.shape.rank;
    for (int k = 0; k < a.rank; ++k) {
      a.extent[k] = m.shape[k].size;
      a.stride[k] = m.stride[k];
    }
    return a;
  }
  /// What a nest of one op reads, from the left to the right.
  TENON_COLD void add_parts(int i);
  TENON_COLD void run_opaque(int i);

  void run_steps(int first, int last) {
    if (moved_) refill();
    if (const int wanted = num_threads();
        wanted > threads_) {  // more workers than there is scratch memory for
      threads_ = wanted;
      reserve_workspace();
    }
    for (int q = first; q < last; ++q) {
      const step_row& s = t_->step[q];
      if (s.loop >= 0) {
        (this->*run_loop_)(s.loop);
        q = t_->loop[s.loop].end;
        continue;
      }
      step_launch& l = launches_[std::size_t(q)];
      for (int c = 0; c < l.copies; ++c)
        copy_elements(copies_[std::size_t(l.first_copy + c)].from, copies_[std::size_t(l.first_copy + c)].to);
      if (l.joined) {
        continue;
      } else if (s.kernel != nullptr) {
        if (s.kernel->clear != nullptr) s.kernel->clear(l.fused);
        if (l.fused.rows > 0 && has_work(s, l.fused))
          host::parallel_for(l.fused.tasks(), s.kernel->run, &l.fused, threads_);
        if (s.kernel->combine != nullptr) s.kernel->combine(l.fused);
      } else if (s.product != nullptr) {
        s.product->run(l.product, threads_);
      } else {
        run_opaque(s.first);
      }
    }
  }

  const plan_table* t_ = nullptr;
  int threads_ = 1;
  bool moved_ = false;
  bool apart_ = false;
  bool placed_ = false, again_ = false;  // all memory is there; the leaves are other ones of the same extents
  plain_list<index> names_, dynamics_;
  plain_list<int> leaf_node_;   // each leaf's node, or -1
  plain_list<extents> shapes_;  // of the outputs
  plain_list<int> ends_;        // the steps after which nodes are not needed, where that was said; else -1
  plain_list<node_memory> memory_;
  plain_list<step_launch> launches_;
  plain_list<operand_binding> operands_;
  plain_list<output_binding> results_;
  plain_list<arena_place> arena_items_;
  plain_list<array_access> parts_;
  plain_list<view_copy> copies_;
  plain_list<loop_state> loops_;
  void (binding::*find_loops_)() = nullptr;
  void (binding::*run_loop_)(int) = nullptr;
  std::vector<storage> extra_;
  storage arena_, workspace_;
  index arena_top_ = 0, workspace_bytes_ = 0, arena_capacity_ = 0, workspace_capacity_ = 0;
};

}  // namespace tenon::detail

#include "tenon/plan/binding_kernels.hpp"
#include "tenon/plan/binding_loops.hpp"
#include "tenon/plan/binding_memory.hpp"
#include "tenon/plan/binding_opaque.hpp"
#include "tenon/plan/binding_sizes.hpp"

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

inline index padded(index bytes) { return (bytes + 63) / 64 * 64; }

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
  TENON_COLD bool resolve(const leaf* const* leaves) {
    placed_ = again_ = false;
    names_.assign(static_cast<std::size_t>(t_->names) + 1, -1);
    dynamics_.assign(static_cast<std::size_t>(t_->dynamics) + 1, -1);
    memory_.assign(static_cast<std::size_t>(t_->nodes) + 1, {});
    const size_table sizes{names_.data(), dynamics_.data()};
    bool equal = true;
    for (int i = 0; i < t_->nodes; ++i)
      if (t_->leaf[i] >= 0) equal = bind_leaf(i, *leaves[t_->leaf[i]], sizes) && equal;
    if (!equal) return false;
    for (int i = 0; i < t_->nodes; ++i)
      if (t_->leaf[i] < 0 && !infer(i, sizes)) return false;
    leaf_node_.assign(static_cast<std::size_t>(t_->leaves) + 1, -1);
    for (int i = 0; i < t_->nodes; ++i)
      if (t_->leaf[i] >= 0) leaf_node_[std::size_t(t_->leaf[i])] = i;
    if (find_loops_ != nullptr) (this->*find_loops_)();
    shapes_.clear();
    for (int o = 0; o < t_->outputs; ++o) shapes_.push_back(sizes.sized(t_->shape[t_->output_shape[o]]));
    return true;
  }

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
  TENON_COLD void place_anew(std::byte* const* outputs) {
    threads_ = num_threads();
    launches_.assign(std::size_t(t_->steps) + 1, {});
    operands_.assign(std::size_t(t_->total_loads) + 1, {});
    results_.assign(std::size_t(t_->total_outputs) + 1, {});
    arena_items_.clear();
    copies_.clear();
    extra_.clear();
    workspace_bytes_ = 0;
    for (int o = 0; o < t_->outputs; ++o)
      if (outputs[o] != nullptr) at(t_->output[o]).data = outputs[o];
    plan_arena();
    allocate();
    resolve_views();
    fill_constants();
    for (int q = 0, l = 0, r = 0; q < t_->steps; ++q) {
      const step_row& s = t_->step[q];
      if (s.kernel != nullptr)
        fill_fused(q, operands_.data() + l, results_.data() + r);
      else if (s.product != nullptr)
        fill_product(q);
      l += s.loads;
      r += s.outputs;
    }
    reserve_workspace();
    order_copies();
    run_steps(0, t_->prologue);
    placed_ = true;
    for (int o = 0; o < t_->outputs; ++o) placed_ = placed_ && outputs[o] != nullptr;
  }

  std::byte* output(int o) const { return memory_[std::size_t(t_->output[o])].data; }
  index arena_bytes() const { return arena_top_; }
  index unplanned_bytes() const { return unplanned_; }

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
  /// One step, or all of a loop that it begins; and the memory of a node: for who watches a plan run.
  /// Returns the step after.
  int run_step(int q) {
    const int last = t_->step[q].loop < 0 ? q : t_->loop[t_->step[q].loop].end;
    run_steps(q, last + 1);
    return last + 1;
  }
  const node_memory& memory_of(int i) const { return memory_[std::size_t(i)]; }

  /// Whether output o may be written to row-major memory that others own: what leaves are read from lies
  /// elsewhere, or it is the same array and every element is read before it is written.
  TENON_COLD bool may_write(const std::byte* to, int o) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(to);
    const index bytes = bytes_of(shapes_[std::size_t(o)], type_of_output(o));
    for (int k = 0; k < t_->leaves; ++k) {
      const int i = leaf_node_[std::size_t(k)];
      if (i < 0 || bytes == 0) continue;
      const node_memory& m = memory_[std::size_t(i)];
      index low = 0, high = 1;  // elements that the leaf may be read from, past its first
      bool empty = false;
      for (int a = 0; a < m.shape.rank; ++a) {
        empty = empty || m.shape[a].size == 0;
        (m.stride[a] < 0 ? low : high) += (m.shape[a].size - 1) * m.stride[a];
      }
      const auto size = static_cast<std::uintptr_t>(size_of(t_->node[i].type));
      const auto data = reinterpret_cast<std::uintptr_t>(m.data);
      if (empty || data + static_cast<std::uintptr_t>(high) * size <= begin ||
          begin + static_cast<std::uintptr_t>(bytes) <= data + static_cast<std::uintptr_t>(low) * size)
        continue;
      if (m.data != to || !in_place(k, o)) return false;
    }
    return true;
  }

  /// Whether output o may be written over leaf k: every kernel has read an element before it writes it.
  TENON_COLD bool in_place(int k, int o) const {
    if (t_->loops > 0) return false;
    const int out = t_->output[o], writer = t_->step_of[out];
    const step_row& w = t_->step[writer];
    for (int i = 0; i < t_->nodes; ++i) {
      if (t_->base[i] < 0 || t_->leaf[t_->base[i]] != k) continue;
      for (int j = 0; j < t_->nodes; ++j) {
        if (t_->step_of[j] < writer && t_->step_of[j] >= 0) continue;
        for (const int x : t_->node[j].in) {
          if (x != i || (t_->step_of[j] < 0 && t_->base[j] != j)) continue;
          if (t_->step_of[j] > writer || w.kernel == nullptr || w.kernel->passes > 1 || i != t_->base[i])
            return false;
          if (!same_walk(memory_[std::size_t(i)], memory_[std::size_t(out)].shape)) return false;
        }
      }
    }
    for (int q = 0; q < w.outputs; ++q)
      if (w.output[q].accumulated && w.output[q].node == out) return false;
    return true;
  }

 private:
  struct arena_item {
    index offset, bytes;
    int first, last, node;
  };
  struct step_launch {
    fused_launch fused;
    product_launch product;
    int first_copy = 0, copies = 0;
  };

  node_memory& at(int i) { return memory_[std::size_t(i)]; }

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

  TENON_COLD bool bind_leaf(int i, const leaf& l, const size_table& sizes) {
    node_memory& m = at(i);
    m.shape = t_->shape[t_->node[i].shape];
    m.data = static_cast<std::byte*>(const_cast<void*>(l.first()));
    bool equal = true;
    for (int k = 0; k < m.shape.rank; ++k) {
      dim& d = m.shape[k];
      m.stride[k] = l.stride[k];
      if (is_static(d.code)) {
        if (l.extent[k] != d.size)
          throw shape_error("argument of shape " + text(t_->shape[t_->node[i].shape]) + ": axis " +
                            std::to_string(index{k}) + " has extent " + std::to_string(l.extent[k]) +
                            ", expected " + std::to_string(d.size));
        continue;
      }
      index& known = sizes.at(d.code);
      if (known >= 0 && known != l.extent[k]) {
        if (is_dynamic(d.code))
          equal = false;  // another plan will say what does not fit, if anything
        else
          throw shape_error("extent \"" + std::string(t_->name[first_name_code - d.code]) +
                            "\" has two sizes: " + std::to_string(known) + " and " +
                            std::to_string(l.extent[k]));
      }
      known = d.size = l.extent[k];
    }
    return equal;
  }

  [[noreturn]] TENON_COLD void refuse(int i, const shape_scope& scope) const {
    const op_row& op = t_->op[t_->node[i].op];
    std::string line = std::string(op.name) + ": " + describe(scope.error) + ": ";
    for (int k = 0; k < op.arity; ++k)
      line += (k > 0 ? " and " : "") + text(memory_[std::size_t(t_->node[i].in[k])].shape);
    throw shape_error(line + " (" + describe(scope.left, t_->name) + " against " +
                      describe(scope.right, t_->name) + ")");
  }

  TENON_COLD bool infer(int i, const size_table& sizes) {
    const array_node& node = t_->node[i];
    const op_row& op = t_->op[node.op];
    node_memory& m = at(i);
    extents declared = t_->shape[node.shape];
    if (op.shape != nullptr && op.arity > 0) {
      extents in[max_operands];
      for (int k = 0; k < op.arity; ++k) in[k] = at(node.in[k]).shape;
      shape_scope scope;
      shape_query q{in, node.attribute, {}};
      if (node.op == core::reshape) q.target = sizes.sized(t_->shape[node.attribute.a[0]]);
      if (node.op == core::embed) q.target = in[1];
      const extents r = op.shape(scope, q);
      if (scope.error != misfit::none) refuse(i, scope);
      if (scope.assumed_wrong) return false;
      for (int k = 0; k < declared.rank; ++k) {
        if (is_static(declared[k].code)) continue;
        index& known = sizes.at(declared[k].code);
        if (known >= 0 && r[k].size >= 0 && known != r[k].size) return false;
        if (known < 0) known = r[k].size;
      }
    }
    m.shape = sizes.sized(declared);
    row_major(m.shape, m.stride);
    return true;
  }

  /// Insertion sort, stable: lists are short, and std::sort costs each unit a third of a second to compile.
  template <class T, class Before>
  static void sort(plain_list<T>& v, Before before) {
    for (std::size_t i = 1; i < v.size(); ++i)
      for (std::size_t k = i; k > 0 && before(v[k], v[k - 1]); --k) std::swap(v[k], v[k - 1]);
  }

  // ---- the arena: values that live at different times share memory ----------------------------------------

  TENON_COLD void plan_arena() {
    arena_top_ = unplanned_ = 0;
    for (int i = 0; i < t_->nodes; ++i) {
      const bool number = is_stored_number(i);
      if ((!t_->stored[i] && !number) || t_->inside[i] >= 0 || is_placed_output(i)) continue;
      const index bytes = padded(bytes_of(at(i).shape, t_->node[i].type) + 64);
      const bool lasting = number || t_->step_of[i] < t_->prologue;
      arena_items_.push_back(
          {0, bytes, lasting ? -1 : t_->born[i], lasting ? t_->steps : t_->last_use[i], i});
    }
    for (int i = 0; i < t_->nodes; ++i) need_copy(i);
    sort(arena_items_, [](const arena_item& a, const arena_item& b) { return a.bytes > b.bytes; });
    plain_list<const arena_item*> placed;
    for (arena_item& item : arena_items_) {
      plain_list<const arena_item*> beside;
      for (const arena_item* o : placed)
        if (o->first <= item.last && item.first <= o->last) beside.push_back(o);
      sort(beside, [](const arena_item* a, const arena_item* b) { return a->offset < b->offset; });
      for (const arena_item* o : beside) {
        if (item.offset + item.bytes <= o->offset) break;
        item.offset = std::max(item.offset, o->offset + o->bytes);
      }
      placed.push_back(&item);
      arena_top_ = std::max(arena_top_, item.offset + item.bytes);
      unplanned_ += item.bytes;
    }
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

  TENON_COLD void allocate() {
    reserve(arena_, arena_capacity_, arena_top_ + 64);
    for (const arena_item& item : arena_items_)
      if (item.node >= 0) at(item.node).data = arena_.data() + item.offset;
    for (const arena_item& item : arena_items_)
      if ((item.node) < 0) copies_[std::size_t(-1 - item.node)].memory = arena_.data() + item.offset;
  }

  // ---- views, and the copies of those that strides cannot express -----------------------------------------

  struct view_copy {
    int node, step;  // before this step
    std::byte* memory = nullptr;
    array_access from, to;
  };

  bool is_view(int i) const { return t_->base[i] != i && t_->base[i] >= 0; }

  /// Strides are known before memory is: a reshape of what is not row-major needs memory of its own.
  TENON_COLD void need_copy(int i) {
    if (!is_view(i)) return;
    node_memory& m = at(i);
    const node_memory& x = at(t_->node[i].in[0]);
    view_strides from, to;
    std::copy(x.stride, x.stride + max_rank, from.stride);
    if (t_->op[t_->node[i].op].strides(x.shape, m.shape, t_->node[i].attribute, from, to)) {
      std::copy(to.stride, to.stride + max_rank, m.stride);
      return;
    }
    row_major(m.shape, m.stride);
    int first = t_->steps;
    for (int j = 0; j < t_->nodes; ++j)
      for (const int operand : t_->node[j].in)
        if (operand >= 0 && (operand == i || reaches(operand, i)) && t_->step_of[j] >= 0)
          first = std::min(first, t_->step_of[j]);
    view_copy copy;
    copy.node = i;
    copy.step = first;
    arena_items_.push_back({0, padded(bytes_of(m.shape, t_->node[i].type) + 64), first, t_->steps,
                            -1 - static_cast<int>(copies_.size())});
    copies_.push_back(copy);
  }
  bool reaches(int view, int target) const {
    while (is_view(view)) {
      if (view == target) return true;
      view = t_->node[view].in[0];
    }
    return false;
  }

  TENON_COLD void resolve_views() {
    for (int i = 0; i < t_->nodes; ++i) {
      if (!is_view(i)) continue;
      node_memory& m = at(i);
      const node_memory& x = at(t_->node[i].in[0]);
      view_strides from, to;
      std::copy(x.stride, x.stride + max_rank, from.stride);
      if (t_->op[t_->node[i].op].strides(x.shape, m.shape, t_->node[i].attribute, from, to)) {
        m.data = x.data + to.offset * size_of(t_->node[i].type);
        continue;
      }
      for (view_copy& copy : copies_)
        if (copy.node == i) {
          m.data = copy.memory;
          set_copy(copy, t_->node[i].in[0], copy.memory);
        }
    }
  }

  /// A copy of node x, row-major.
  void set_copy(view_copy& c, int x, std::byte* to) {
    c.from = c.to = access(x);
    c.to.data = to;
    row_major(at(x).shape, c.to.stride);
  }

  /// Numbers known before anything runs, in memory: those that extents decide, and constants that an opaque
  /// op reads, for kernels hold theirs in their code.
  bool is_stored_number(int i) const {
    const op_kind kind = t_->op[t_->node[i].op].kind;
    if (kind != op_kind::constant) return kind == op_kind::bound_scalar;
    for (int j = i + 1; j < t_->nodes; ++j) {
      const op_kind reader = t_->op[t_->node[j].op].kind;
      if (reader != op_kind::opaque && reader != op_kind::view && reader != op_kind::loop) continue;
      for (const int x : t_->node[j].in)
        if (x == i) return true;
    }
    return false;
  }

  TENON_COLD void fill_constants() {
    for (int i = 0; i < t_->nodes; ++i) {
      if (!is_stored_number(i)) continue;
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

  axis_strides aligned(const kernel_operand& o, const extents& space, int inner) const {
    const node_memory& m = memory_[std::size_t(o.node)];
    axis_strides r;
    const int rank = o.form == row_form::squeezed ? space.rank - inner : space.rank;
    for (int a = 0; a < rank; ++a) {
      const int k = a - (rank - m.shape.rank);
      if (k >= 0 && m.shape[k].size != 1) r.stride[a] = m.stride[k];
    }
    return r;
  }

  TENON_COLD void fill_fused(int q, operand_binding* loads, output_binding* outputs) {
    const step_row& s = t_->step[q];
    fused_launch& l = launches_[std::size_t(q)].fused;
    l.operands = loads;
    l.outputs = outputs;
    const extents space = sized_space(s);
    plain_list<axis_strides> walk(std::size_t(s.loads + s.outputs));
    for (int i = 0; i < s.loads; ++i) walk[std::size_t(i)] = aligned(s.load[i], space, s.inner);
    for (int i = 0; i < s.outputs; ++i) walk[std::size_t(s.loads + i)] = aligned(s.output[i], space, s.inner);

    // axes of the rows, merged where every operand walks through both as through one
    merged_axis axes[max_rank];
    int n = 0;
    const int outer_axes = space.rank - s.inner;
    const auto counted = [&](int a) { return s.kernel->positions && a == space.rank - 1; };
    for (int a = outer_axes - 1; a >= 0; --a) {
      if (space[a].size == 1 && !counted(a)) continue;
      bool merges = n > 0 && !counted(axes[n - 1].last);
      for (const axis_strides& w : walk)
        merges = merges && w.stride[a] == w.stride[axes[n - 1].last] * axes[n - 1].extent;
      if (merges)
        axes[n - 1].extent *= space[a].size;
      else
        axes[n++] = {space[a].size, a};
    }
    int first_outer = 0;             // axes[] is right to left
    merged_axis row_axes[max_rank];  // right to left
    int row_rank = 0;
    l.columns = 1;
    if (s.inner > 0) {
      for (int a = space.rank - 1; a >= outer_axes; --a) {
        l.columns *= space[a].size;
        if (space[a].size != 1) row_axes[row_rank++] = {space[a].size, a};
      }
    } else if (n > 0 && !accumulates_along(s, walk, axes[0].last)) {
      const bool joins = !s.kernel->positions && !accumulates(s);
      do {
        l.columns *= axes[first_outer].extent;
        row_axes[row_rank++] = axes[first_outer++];
      } while (joins && first_outer < n && l.columns < short_row);
    }
    l.rows = 1;
    l.outer_rank = 0;
    for (int k = n - 1; k >= first_outer; --k) {
      l.outer_extent[l.outer_rank] = axes[k].extent;
      for (int i = 0; i < s.loads; ++i)
        loads[i].outer[l.outer_rank] =
            walk[std::size_t(i)].stride[axes[k].last] * size_of(t_->node[s.load[i].node].type);
      for (int i = 0; i < s.outputs; ++i)
        outputs[i].outer[l.outer_rank] =
            walk[std::size_t(s.loads + i)].stride[axes[k].last] * size_of(t_->node[s.output[i].node].type);
      l.rows *= axes[k].extent;
      ++l.outer_rank;
    }
    bool gathers = false, tiles = false;
    int scratch_rows = s.kernel->scratch_rows;
    for (int i = 0; i < s.loads; ++i) {
      set_row_pattern(loads[i], walk[std::size_t(i)], row_axes, row_rank);
      loads[i].data = at(s.load[i].node).data;
      loads[i].element_size = static_cast<int>(size_of(t_->node[s.load[i].node].type));
      if (s.load[i].row) loads[i].pattern = row_pattern::contiguous;  // read once a row
      if (loads[i].pattern != row_pattern::gathered) continue;
      const bool side_by_side = l.outer_rank > 0 && l.outer_extent[l.outer_rank - 1] > 1 &&
                                loads[i].outer[l.outer_rank - 1] == loads[i].element_size;
      loads[i].tile =
          side_by_side && (!s.kernel->reduces_rows || l.columns <= 8192) ? operand_binding::most_tile : 1;
      loads[i].scratch_row = scratch_rows;
      scratch_rows += loads[i].tile;
      gathers = true;
      tiles = tiles || loads[i].tile > 1;
    }
    l.block_row = scratch_rows;
    scratch_rows += s.kernel->accumulations;
    cut(q, gathers, tiles);
    for (int i = 0; i < s.outputs; ++i) set_output(outputs[i], s.output[i], l);
    l.scratch_row_bytes = padded((l.columns_per_task + 16) * widest());
    if (s.kernel->reduces_rows && l.columns <= 16)  // short rows are taken across, up to 16 at once
      l.scratch_row_bytes = std::max<index>(l.scratch_row_bytes, 16 * 16 * widest());
    l.scratch_per_worker = scratch_rows * l.scratch_row_bytes;
  }

  /// Bytes of the largest elements, as scratch rows are laid out: 8, or 16 for complex128.
  index widest() const {
    for (int i = 0; i < t_->nodes; ++i)
      if (t_->node[i].type == dtype::complex128) return 16;
    return 8;
  }

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
  static void set_row_pattern(operand_binding& o, const axis_strides& w, const merged_axis* axes, int rank) {
    // one stride through all axes of a row, if there is one
    index step = 0, expected = 0;
    bool regular = true;
    for (int i = 0; i < rank; ++i) {
      const index stride = w.stride[axes[i].last];
      if (i == 0)
        step = stride;
      else if (stride != expected)
        regular = false;
      expected = stride * axes[i].extent;
      o.extent[rank - 1 - i] = axes[i].extent;
      o.stride[rank - 1 - i] = stride;
    }
    o.rank = rank;
    o.pattern = rank == 0              ? row_pattern::single
                : regular && step == 1 ? row_pattern::contiguous
                : regular && step == 0 ? row_pattern::single
                                       : row_pattern::gathered;
  }

  void set_output(output_binding& b, const kernel_operand& o, const fused_launch& l) {
    const node_memory& m = at(o.node);
    b.data = b.result = m.data;
    if (!o.accumulated) return;
    b.elements = 1;
    for (int k = 0; k < m.shape.rank; ++k) b.elements *= m.shape[k].size;
    b.partial_stride = l.row_tasks > 1 ? padded(b.elements * size_of(t_->node[o.node].type) + 64) : 0;
  }
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
  TENON_COLD void cut(int q, bool gathers, bool tiles) {
    const step_row& s = t_->step[q];
    fused_launch& l = launches_[std::size_t(q)].fused;
    // elements a task: 1 to 10 us of work (a task costs some 30 ns: with 2048 elements a row of 1000 took 7 ns
    // more for its sum)
    const index grain = s.kernel->reduces_rows && s.kernel->passes > 2 ? 4096 : 16384;
    const index rows = std::max<index>(l.rows, 1), columns = std::max<index>(l.columns, 1);
    index accumulated = 0;
    for (int i = 0; i < s.outputs; ++i)
      if (s.output[i].accumulated) {
        index n = 1;
        for (int k = 0; k < at(s.output[i].node).shape.rank; ++k) n *= at(s.output[i].node).shape[k].size;
        accumulated += n;
      }
    l.rows_per_task = std::max<index>(1, grain / columns);
    l.columns_per_task = columns;
    const index most_columns = tiles ? 1024 : gathers ? 8192 : grain;
    if (!s.kernel->reduces_rows && columns > most_columns) l.columns_per_task = most_columns;
    if (tiles) l.rows_per_task = (l.rows_per_task + 15) / 16 * 16;
    if (accumulated >
        0) {  // each row task has partial results: few of them, and none where they would be large
      const index few = accumulated <= 64 ? 4096 : rows;  // rows in a chain where partial results are cheap
      l.rows_per_task = std::max(l.rows_per_task, std::min((rows + 15) / 16, few));
      if (accumulated * 16 > rows * columns) l.rows_per_task = rows;
      if (!s.kernel->reduces_rows && l.rows_per_task == rows && columns > 1024) l.columns_per_task = 1024;
      // few long rows: some columns a task, so that nothing is partial ([64, 100000] took 1.5 ms, now 1.1)
      if (!s.kernel->reduces_rows && accumulated * 256 > rows * columns && columns >= 32768) {
        l.rows_per_task = rows;
        l.columns_per_task = 8192;
      }
    }
    if (s.kernel->split_reductions > 0 && rows <= 32 && columns >= 65536) {  // few long rows: in parts
      l.rows_per_task = 1;
      l.columns_per_task = std::max<index>(32768, (columns / 1024 + 4095) / 4096 * 4096);
    }
    l.row_tasks = l.rows == 0 ? 0 : (rows + l.rows_per_task - 1) / l.rows_per_task;
    l.column_tasks = (columns + l.columns_per_task - 1) / l.columns_per_task;
    if (!has_work(s, l) && accumulated == 0) l.row_tasks = 0;
    if (accumulated > 0 && l.row_tasks == 0) l.row_tasks = 1;  // identities still have to be written
  }

  // ---- matrix products and opaque ops ---------------------------------------------------------------------

  TENON_COLD void fill_product(int q) {
    const array_node& node = t_->node[t_->step[q].first];
    product_launch& p = launches_[std::size_t(q)].product;
    index stride[2][max_rank];
    for (int k = 0; k < 2; ++k) std::copy_n(at(node.in[k]).stride, max_rank, stride[k]);
    const product_operand a{at(node.in[0]).shape, stride[0]}, b{at(node.in[1]).shape, stride[1]};
    p.copied[0] = p.copied[1] = false;
    // a copy of one operand may make matrices so large that the other has to be copied, too
    while (const int copies = product_layout::make(p, a, b, node.attribute))
      for (int k = 0; k < 2; ++k)
        if (((copies >> k) & 1) != 0) {
          p.copied[k] = true;
          row_major(at(node.in[k]).shape, stride[k]);
        }
    for (int k = 0; k < 2; ++k) p.set(k, p.copied[k] ? copy_for(q, node.in[k]) : at(node.in[k]).data);
    p.c = at(t_->step[q].first).data;
  }

  /// A row-major copy of node x, made before step q.
  TENON_COLD const void* copy_for(int q, int x) {
    view_copy copy;
    copy.node = x;
    copy.step = q;
    extra_.push_back(storage(padded(bytes_of(at(x).shape, t_->node[x].type) + 64)));
    set_copy(copy, x, extra_.back().data());
    copies_.push_back(copy);
    return extra_.back().data();
  }

  /// Scratch memory for each worker, and room for partial results.
  TENON_COLD void reserve_workspace() {
    workspace_bytes_ = 0;
    for (int q = 0; q < t_->steps; ++q)
      if (t_->step[q].product != nullptr)
        workspace_bytes_ = std::max(
            workspace_bytes_, t_->step[q].product->workspace(launches_[std::size_t(q)].product, threads_));
    index scratch = 0, partial = 0;
    for (int q = 0; q < t_->steps; ++q) {
      const fused_launch& l = launches_[std::size_t(q)].fused;
      scratch = std::max(scratch, l.scratch_per_worker * threads_);
      index p = parts_bytes(t_->step[q], l);
      for (int i = 0; i < t_->step[q].outputs; ++i)
        if (t_->step[q].output[i].accumulated) p += partial_bytes(l, l.outputs[i]);
      partial = std::max(partial, p);
    }
    reserve(workspace_, workspace_capacity_, padded(std::max(scratch + partial, workspace_bytes_)) + 64);
    for (int q = 0; q < t_->steps; ++q) {
      fused_launch& l = launches_[std::size_t(q)].fused;
      launches_[std::size_t(q)].product.workspace = workspace_.data();
      l.scratch = workspace_.data();
      std::byte* next = workspace_.data() + padded(scratch);
      const index parts = parts_bytes(t_->step[q], l);
      l.parts = parts > 0 ? next : nullptr;
      next += parts;
      for (int i = 0; i < t_->step[q].outputs; ++i)
        if (t_->step[q].output[i].accumulated && l.row_tasks > 1) {
          l.outputs[i].data = next;
          next += partial_bytes(l, l.outputs[i]);
        }
    }
  }

  /// Copies in the order of the steps that they stand before.
  TENON_COLD void order_copies() {
    sort(copies_, [](const view_copy& a, const view_copy& b) { return a.step < b.step; });
    for (std::size_t c = copies_.size(); c-- > 0;) {
      step_launch& l = launches_[std::size_t(copies_[c].step)];
      l.first_copy = static_cast<int>(c);
      ++l.copies;
    }
  }

  /// Pointers after leaves or outputs moved: everything that was computed from them.
  TENON_COLD void refill() {
    refill(0, t_->nodes, 0, t_->steps);
    moved_ = false;
  }
  void refill(int first_node, int last_node, int first_step, int last_step) {
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

  /// Calls f(i) for the loop's own parts of one kind.
  template <class F>
  void each(int l, loop_part which, F f) {
    const loop_state& s = loops_[std::size_t(l)];
    for (int i = s.first_node; i < s.last_node; ++i)
      if (part(i) == which && t_->node[i].attribute.a[0] == l) f(i);
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
  TENON_COLD void add_parts(int i) {
    const array_node& node = t_->node[i];
    for (int k = 0; k < t_->op[node.op].arity; ++k)
      if (const int x = node.in[k]; t_->step_of[x] == t_->step_of[i] && t_->base[x] == x)
        add_parts(x);
      else
        parts_.push_back(access(x));
  }
  TENON_COLD void run_opaque(int i) {
    const array_node& node = t_->node[i];
    const op_row& op = t_->op[node.op];
    if (op.nests) {
      parts_.clear();
      add_parts(i);
      return op.run_parts(parts_.data(), static_cast<int>(parts_.size()), access(i), node.attribute);
    }
    opaque_launch l;
    for (int k = 0; k < op.arity; ++k) {
      l.in[k] = access(node.in[k]);
      if (k == op.shape_only) l.in[k].data = nullptr;
    }
    l.out = access(i);
    l.attribute = node.attribute;
    op.run(l);
  }

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
      if (s.kernel != nullptr) {
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
  bool placed_ = false, again_ = false;  // all memory is there; the leaves are other ones of the same extents
  plain_list<index> names_, dynamics_;
  plain_list<int> leaf_node_;   // each leaf's node, or -1
  plain_list<extents> shapes_;  // of the outputs
  plain_list<node_memory> memory_;
  plain_list<step_launch> launches_;
  plain_list<operand_binding> operands_;
  plain_list<output_binding> results_;
  plain_list<arena_item> arena_items_;
  plain_list<array_access> parts_;
  plain_list<view_copy> copies_;
  plain_list<loop_state> loops_;
  void (binding::*find_loops_)() = nullptr;
  void (binding::*run_loop_)(int) = nullptr;
  std::vector<storage> extra_;
  storage arena_, workspace_;
  index arena_top_ = 0, unplanned_ = 0, workspace_bytes_ = 0, arena_capacity_ = 0, workspace_capacity_ = 0;
};

}  // namespace tenon::detail

#include "tenon/plan/binding_loops.hpp"

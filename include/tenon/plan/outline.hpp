// A plan as what it costs: the tables of its steps without their kernels, and bytes, FLOPs and memory from
// them, inside constant evaluations and at run time. Nothing here makes a compiler look at a kernel.
//
// What is counted:
//   FLOPs     one for each element that an elementwise op computes (of a conversion or broadcast: none),
//             n - 1 for a reduction of n elements, 2 m n k for a matrix product. Opaque ops that move elements
//             (joining, gathering) compute none; others (sorting, decompositions) do not say how much they
//             compute: they count 0, and `uncounted` says how many there are.
//   bytes     each array that a step reads, once, at its own size, and each one that it writes. What a cache
//             saves or a broadcast reads again is not in it.
//   arena     intermediate values, placed by liveness as bindings place them (plan/arena.hpp): padded to 64
//             bytes, with 64 to spare. Arguments are taken as row-major; scratch rows and packing buffers,
//             which depend on the number of threads, are not in it.
#pragma once

#include "tenon/core/error.hpp"
#include "tenon/plan/plan.hpp"

namespace tenon::detail {

/// How a leaf is called: by its variable, its argument, or its place among the arrays and parameters.
struct leaf_label {
  const char* name = "";
  int argument = -1;
  bool parameter = false, seed = false;
};

/// The tables of a plan that say what it does; sizes of names and dynamic extents are still open.
struct plan_outline : plan_values {
  const bool *backward = nullptr, *follows = nullptr;
  const kernel_use* use = nullptr;
  const kernel_operand *load = nullptr, *out = nullptr;
  const leaf_label* label = nullptr;  // of leaves
  // nodes as the expression's type has them, with calls opened; all that lowering and derivatives made of
  // them, each distinct one once
  int written = 0, distinct = 0;
  bool forward_only = true;
  int roots = 0;                    // outputs before gradients
  const int* wrt_leaves = nullptr;  // of gradients: which leaf each is of
  const int* loop_of_step = nullptr;
  const bool* copies = nullptr;  // nodes that are computed again; null where none is
  bool updates = false;          // gradients are no results: parameters are updated by them within the plan

  constexpr bool is_output(int i) const {
    for (int o = 0; o < results(); ++o)
      if (output[o] == i) return true;
    return false;
  }
  constexpr bool reads(int i, int k) const {
    return k < op[node[i].op].arity && k != op[node[i].op].shape_only;
  }
  constexpr int results() const { return updates ? roots : outputs; }
  /// Whether node i does arithmetic on each of its elements.
  constexpr bool computes(int i) const { return kind(i) == op_kind::map && op[node[i].op].computes; }
  /// Whether step q says nothing of its work.
  constexpr bool uncounted(int q) const {
    return !fused[q] && kind(first[q]) == op_kind::opaque && op[node[first[q]].op].computes;
  }
  /// Kernels among some steps: those that begin and end loops are none.
  constexpr int kernels(int begin, int end) const {
    int n = 0;
    for (int q = begin; q < end; ++q) n += loop_of_step[q] < 0;
    return n;
  }
  constexpr int kernels() const { return kernels(prologue, steps); }
  /// Calls f with the length of each loop that step q is in.
  template <class F>
  constexpr void repeat_in_loops(int q, F f) const {
    for (int l = 0; l < loops; ++l)
      if (loop[l].begin >= 0 && loop[l].begin < q && q < loop[l].end) f(length(l));
  }
  /// The values that would have a buffer each without a plan, as calls of f with the node and the step that
  /// writes it; `placed` are those that have a place in the arena.
  template <class Placed, class F>
  constexpr void each_unplanned(const Placed& placed, F f) const {
    for (int k = 0; k < placed.items; ++k) {
      const auto& a = placed.item[k];
      f(a.value, a.copy ? a.first : step_of[a.value]);
    }
    for (int i = 0; i < nodes; ++i)
      if (shares[i] >= 0) f(i, step_of[i]);
  }
  /// How many steps loop l has, as an extent; of one that a condition ends, 1.
  constexpr dim length(int l) const {
    for (int i = 0; i < nodes && !loop[l].flag; ++i) {
      const loop_part part = op[node[i].op].part;
      const attributes& a = node[i].attribute;
      if (part == loop_part::none || a.a[0] != l) continue;
      if (part == loop_part::slice) return shape[node[node[i].in[0]].shape].d[0];
      if ((part == loop_part::carry || part == loop_part::stack) && a.a[2] >= 0) return static_dim(a.a[2]);
      if (part == loop_part::carry || part == loop_part::stack) return shape[node[node[i].in[1]].shape].d[0];
    }
    return static_dim(1);
  }
  /// What step q reads, writes and computes; `of` says what a node takes, as a number or a formula, and
  /// `views` which views are copied.
  template <class Cost, class Of, class Views>
  constexpr Cost cost_of(int q, const Of& of, const Views& views) const {
    Cost c;
    if (const int own = loop_of_step[q]; own >= 0) {  // carries are copied in, and out
      for (int i = 0; i < nodes; ++i) {
        const loop_part part = op[node[i].op].part;
        if (node[i].attribute.a[0] != own || step_of[i] < 0 ||
            part != (q == loop[own].begin ? loop_part::carry : loop_part::next))
          continue;
        c.read += of.bytes(i);
        c.written += of.bytes(i);
      }
    } else if (fused[q]) {
      const kernel_use& u = use[q];
      for (int l = 0; l < u.loads; ++l) {
        bool again = false;
        for (int m = 0; m < l; ++m) again = again || load[u.load + m].node == load[u.load + l].node;
        if (!again) c.read += of.bytes(load[u.load + l].node);
      }
      for (int o = 0; o < u.outputs; ++o) c.written += of.bytes(out[u.output + o].node);
    } else {
      for (int i = 0; i < nodes; ++i) {  // with nested ones
        if (i != first[q] && (step_of[i] != q || !op[node[i].op].nests)) continue;
        for (int k = 0; k < op[node[i].op].arity; ++k)
          if (reads(i, k) && (step_of[node[i].in[k]] != q || base[node[i].in[k]] != node[i].in[k]))
            c.read += of.bytes(node[i].in[k]);
      }
      c.written += of.bytes(first[q]);
    }
    for (int i = 0; i < nodes; ++i)
      if (step_of[i] == q) c.flops += of.flops_of(i);
    for (int k = 0; k < views.items; ++k)
      if (views.item[k].copy && views.item[k].first == q) {
        c.read += of.bytes(views.item[k].value);
        c.written += of.bytes(views.item[k].value);
      }
    repeat_in_loops(q, [&](const dim& times) { c.repeat(of.sized_dim(times)); });
    return c;
  }
};

/// What a step reads, writes and computes.
struct step_cost {
  index read = 0, written = 0, flops = 0;
  constexpr void repeat(const dim& times) {
    read *= times.size;
    written *= times.size;
    flops *= times.size;
  }
};
struct plan_cost {
  index read = 0, written = 0, flops = 0;
  index arguments = 0, outputs = 0, arena = 0, unplanned = 0;
  constexpr index peak() const { return arguments + outputs + arena; }
};

/// A plan of at most N nodes with the sizes of its extents known.
template <int N, int Names, int Dynamics>
struct sized_plan {
  const plan_outline& p;
  index name[Names + 1]{}, dynamic[Dynamics + 1]{};
  extents shape[N + 1]{};
  bool copied[N + 1]{};  // views that a copy precedes
  arena_place item[2 * N + 1]{};
  int items = 0;
  int top = -1;       // the item that ends last
  int ends[N + 1]{};  // one more than the step after which nobody reads an output; 0 where nothing was said
  // sizes that do not fit; or that do, though not in a plan in which dynamic extents that meet are equal
  bool refused = false, assumed_wrong = false;

  constexpr explicit sized_plan(const plan_outline& outline) : p(outline) {
    for (index& n : name) n = -1;
    for (index& n : dynamic) n = -1;
    for (int o = p.roots; o < p.outputs && p.updates; ++o)
      end_output(o, p.updated_after(p.wrt_leaves[o - p.roots], o));
  }

  constexpr index& at(index code) {
    return is_name(code) ? name[first_name_code - code] : dynamic[first_dyn_code - code];
  }
  constexpr extents sized(extents e) {
    for (int i = 0; i < e.rank; ++i)
      if (!is_static(e[i].code)) e[i].size = at(e[i].code);
    return e;
  }

  // ---- sizes ----------------------------------------------------------------------------------------------

  constexpr void set(index code, index size) {
    index& known = at(code);
    if (known >= 0 && known != size) (is_name(code) ? refused : assumed_wrong) = true;
    known = size;
  }
  /// Takes sizes over that another one knows.
  constexpr void override_by(const sized_plan& o) {
    for (int k = 0; k < Names; ++k)
      if (o.name[k] >= 0) name[k] = o.name[k];
    for (int k = 0; k < Dynamics; ++k)
      if (o.dynamic[k] >= 0) dynamic[k] = o.dynamic[k];
    refused = refused || o.refused;
    assumed_wrong = assumed_wrong || o.assumed_wrong;
  }

  /// The size of an extent by its name, or of a dynamic one as "x.0": axis 0 of leaf x. False: no such.
  constexpr bool give(const char* text, index size) {
    for (int k = 0; k < p.names; ++k)
      if (same_text(p.name[k], text)) {
        set(first_name_code - k, size);
        return true;
      }
    bool found = false;
    for (int i = 0; i < p.nodes; ++i) {
      if (p.leaf[i] < 0) continue;
      const extents& e = p.shape[p.node[i].shape];
      for (int a = 0; a < e.rank; ++a)
        if (is_dynamic(e[a].code) && is_axis_of(text, i, a)) {
          set(e[a].code, size);
          found = true;
        }
    }
    return found;
  }
  static constexpr bool same_text(const char* a, const char* b) {
    while (*a != 0 && *a == *b) ++a, ++b;
    return *a == *b;
  }
  /// Reads "NAME.AXIS", where NAME is the variable's, or argK, or parameterK, or arrayK by place.
  constexpr bool is_axis_of(const char* text, int i, int axis) const {
    char expected[64]{};
    spell_leaf(p, p.leaf[i], expected);
    int n = 0;
    while (expected[n] != 0) {
      if (text[n] != expected[n]) return false;
      ++n;
    }
    return text[n] == '.' && text[n + 1] == char('0' + axis) && text[n + 2] == 0;
  }
  static constexpr void spell_leaf(const plan_outline& p, int leaf, char (&to)[64]) {
    const leaf_label& l = p.label[leaf];
    const char* const kind = l.seed ? "seed" : l.argument >= 0 ? "arg" : l.parameter ? "parameter" : "array";
    const char* from = l.name[0] != 0 && !l.parameter ? l.name : kind;
    int n = 0;
    while (*from != 0 && n < 40) to[n++] = *from++;
    if ((l.name[0] != 0 && !l.parameter) || l.seed) return;
    int number = l.argument;
    if (number < 0) {
      number = 0;
      for (int k = 0; k < leaf; ++k)
        number += p.label[k].argument < 0 && p.label[k].parameter == l.parameter &&
                  (l.parameter || p.label[k].name[0] == 0);
    }
    char digits[12]{};
    int d = 0;
    do digits[d++] = char('0' + number % 10);
    while ((number /= 10) > 0);
    while (d > 0) to[n++] = digits[--d];
  }

  /// Sizes of all nodes from those that were given. Returns the code of an extent that is missing, or 0; sets
  /// `refused` or `assumed_wrong` where sizes do not fit.
  constexpr index resolve() {
    for (int i = 0; i < p.nodes; ++i) {
      const extents declared = p.shape[p.node[i].shape];
      const op_row& row = p.op[p.node[i].op];
      if (row.arity > 0) {
        extents in[max_operands];
        for (int k = 0; k < row.arity; ++k) in[k] = shape[p.node[i].in[k]];
        shape_scope scope;
        shape_query q{in, p.node[i].attribute, {}};
        if (p.node[i].op == core::reshape) q.target = sized(p.shape[p.node[i].attribute.a[0]]);
        if (p.node[i].op == core::embed) q.target = in[1];
        const extents r = row.shape(scope, q);
        refused = refused || scope.error != misfit::none;
        assumed_wrong = assumed_wrong || scope.assumed_wrong;
        if (refused || assumed_wrong) return 0;
        for (int k = 0; k < declared.rank; ++k)
          if (!is_static(declared[k].code)) set(declared[k].code, r[k].size);
      }
      shape[i] = sized(declared);
      for (int k = 0; k < declared.rank; ++k)
        if ((shape[i][k].size) < 0) return declared[k].code;
    }
    return 0;
  }

  // ---- what steps cost ------------------------------------------------------------------------------------

  constexpr index elements(int i) const {
    index n = 1;
    for (int k = 0; k < shape[i].rank; ++k) n *= shape[i][k].size;
    return n;
  }
  constexpr index bytes(int i) const { return elements(i) * size_of(p.node[i].type); }
  constexpr dim sized_dim(dim d) const {
    if (is_name(d.code)) d.size = name[first_name_code - d.code];
    if (is_dynamic(d.code)) d.size = dynamic[first_dyn_code - d.code];
    return d;
  }

  constexpr index flops_of(int i) const {
    if (p.computes(i)) return elements(i);
    if (p.kind(i) == op_kind::reduction) {
      const index n = elements(p.node[i].in[0]), m = elements(i);
      return n > m ? n - m : 0;
    }
    if (p.kind(i) != op_kind::contraction) return 0;
    index inner = 1;
    const extents& b = shape[p.node[i].in[1]];
    const attributes& k = p.node[i].attribute;  // left, inner, right
    for (int a = 0; a < int(k.a[1]); ++a) inner *= b[b.rank - int(k.a[2]) - 1 - a].size;
    return 2 * elements(i) * inner;
  }

  /// Step q; call place() first, which finds the copies.
  constexpr step_cost cost(int q) const { return p.cost_of<step_cost>(q, *this, *this); }

  // ---- memory ---------------------------------------------------------------------------------------------

  /// Nobody reads output o after step `last`, and it is in the arena.
  constexpr void end_output(int o, int last) { ends[p.output[o]] = last + 1; }

  constexpr void place() {
    memory m{*this};
    for (int i = 0; i < p.nodes; ++i) {
      index n = 1;
      for (int k = shape[i].rank - 1; k >= 0; --k) {
        m.strides[i][k] = n;
        n *= shape[i][k].size;
      }
    }
    list_arena(p, m);
    int order[2 * N + 1]{}, placed[2 * N + 1]{};
    top = place_in_arena(item, items, order, placed);
  }
  struct memory {
    sized_plan& s;
    index strides[N + 1][max_rank]{};
    constexpr const extents& shape(int i) const { return s.shape[i]; }
    constexpr index* stride(int i) { return strides[i]; }
    constexpr index bytes(int i) const { return s.bytes(i); }
    constexpr bool elsewhere(int i) const { return s.p.is_output(i); }
    constexpr int until(int i) const { return s.ends[i] > 0 ? s.ends[i] - 1 : s.p.until[i]; }
    constexpr void add(const arena_place& a) {
      s.copied[a.value] = a.copy;
      s.item[s.items++] = a;
    }
  };

  constexpr plan_cost total() const {
    plan_cost c;
    for (int q = p.prologue; q < p.steps; ++q) {
      const step_cost s = cost(q);
      c.read += s.read;
      c.written += s.written;
      c.flops += s.flops;
    }
    for (int i = 0; i < p.nodes; ++i)
      if (p.leaf[i] >= 0) c.arguments += bytes(i);
    for (int o = 0; o < p.results(); ++o) c.outputs += bytes(p.output[o]);
    p.each_unplanned(*this, [&](int i, int q) {
      index n = padded(bytes(i) + 64);
      p.repeat_in_loops(q, [&](const dim& times) { n *= sized_dim(times).size; });
      c.unplanned += n;
    });
    if (top >= 0) c.arena = item[top].offset + item[top].bytes;
    return c;
  }
};

}  // namespace tenon::detail

// Memory for time: values that a plan computes again where they are read, so that they need not be kept
// across its peak.
//
// Let T be the step at which most memory is in use. A value that is stored before T and read after it, but
// not by T, crosses the peak. Dropped, it is computed again after T, from values that can be read there
// (arguments, results, what else crosses). With c(v) the FLOPs of that, v is dropped where
//
//   c(v) <= l bytes(v),
//
// in the order of the graph; c counts all dropped values that v is computed from. So l = 0 drops what only
// moves elements, small l elementwise chains and row reductions, and at the cost of one layer per byte every
// second layer goes, at twice that two of three: what stays are checkpoints. The least l is taken by which
// the peak, as estimated from when values are read, fits; failing that, the one with the least peak.
//
// Where the backward pass is run by itself, and may run again, all that it reads lives to the end; T is then the
// last step of the forward pass.
//
// Copies stand in the graph after common subexpressions were found, so that nothing merges them back. Each
// comes `after` a node that its first reader waits for anyway: else the partition, which places nodes as
// early as it can, would compute it beside the original.
#pragma once

#include "tenon/plan/outline.hpp"

namespace tenon::detail {

/// A computation with copies of nodes in it.
template <int Nodes, int Shapes, int Outputs>
struct recomputation : computation<Nodes, Shapes, Outputs> {
  int after[Nodes + 1]{};   // a node that has to be there before this one is computed; or -1
  bool again[Nodes + 1]{};  // a copy
};

/// What a plan of N nodes keeps across its peak.
template <int N>
struct peak_facts {
  int at = -1;           // T
  index most = 0;        // bytes in use at the peak
  index live[N + 2]{};   // bytes in the arena by step
  index bytes[N + 1]{};  // of a value in the arena
  double flops[N + 1]{};
  bool may[N + 1]{};      // can be computed again, if what it reads can be read
  bool kept[N + 1]{};     // can be read after T
  bool crosses[N + 1]{};  // may be dropped
  // steps that read it: the last one up to T, the first and the last after
  int last_early[N + 1]{}, first_late[N + 1]{}, last_late[N + 1]{};
  int trigger[N + 1]{};  // of a step after T: what it waits for
};

/// A choice of values to drop.
template <int N>
struct dropped_values {
  bool again[N + 1]{};    // to be computed again, if anything after T reads it
  bool dropped[N + 1]{};  // those of them that were kept
  index freed = 0, peak = 0;
  double flops = 0;     // of what is computed again
  double next = 0;      // the least limit that drops more
  bool enough = false;  // more would have been dropped by this limit, but it was not needed
  bool any = false;
};

template <class Computation, class Sized>
struct recomputer {
  const Computation& c;
  const partition<sizeof(Computation::backward) - 1>& p;
  const op_row* op;
  const Sized& s;  // placed

  static constexpr int N = sizeof(Computation::backward) - 1;
  static constexpr double never = 1e300;
  static constexpr int no_step = 2 * N + 1;

  constexpr const op_row& row(int i) const { return op[c.node[i].op]; }
  constexpr bool reads(int i, int k) const {
    return k < row(i).arity && k != row(i).shape_only && !c.idle[i];
  }
  constexpr bool source(int i) const {
    const op_kind k = row(i).kind;
    return k == op_kind::leaf || k == op_kind::constant || k == op_kind::bound_scalar || c.idle[i];
  }
  constexpr bool in_loop(int i) const { return c.home[i] >= 0 || row(i).part != loop_part::none; }
  constexpr bool inside_kernel(int j, int x) const { return p.base[x] == x && p.step[x] == p.step[j]; }

  // ---- the peak and what crosses it -----------------------------------------------------------------------

  constexpr peak_facts<N> facts() const {
    peak_facts<N> f;
    for (int k = 0; k < s.items; ++k) {
      const arena_place& a = s.item[k];
      f.live[a.first < 0 ? 0 : a.first] += a.bytes;
      f.live[a.last < p.count ? a.last + 1 : p.count] -= a.bytes;
    }
    for (int q = 1; q < p.count; ++q) f.live[q] += f.live[q - 1];
    f.at = p.prologue;
    for (int q = p.prologue; q < p.count; ++q)
      if (f.live[q] > f.live[f.at]) f.at = q;
    f.most = f.live[f.at];
    // what a backward pass of its own reads lives to the end: all of it crosses the end of the forward pass
    if (p.forward < p.count && p.forward > p.prologue) f.at = p.forward - 1;
    find_readers(f);
    bool output[N + 1]{};
    for (int o = 0; o < c.output_count; ++o) output[c.outputs[o]] = true;
    for (int i = 0; i < N; ++i) {
      const op_kind kind = row(i).kind;
      const bool computes =
          kind == op_kind::map || kind == op_kind::reduction || kind == op_kind::contraction;
      f.may[i] = (computes || (kind == op_kind::view && !s.copied[i])) && !in_loop(i) && !c.idle[i];
      f.flops[i] = source(i) ? 0 : double(s.flops_of(i));
      const int b = p.base[i], q = p.step[b];
      f.kept[i] =
          source(b) || q < p.prologue || (q <= f.at && p.stored[b] && (p.last_use[b] > f.at || output[b]));
      f.crosses[i] = f.crosses[i] && f.may[i] && f.kept[i] && b == i && !output[i] && q >= p.prologue &&
                     q < f.at && p.inside[i] < 0 && f.last_early[i] < f.at && f.first_late[i] < no_step;
      if (p.stored[i] && !output[i] && q >= p.prologue && p.inside[i] < 0)
        f.bytes[i] = padded(s.bytes(i) + 64);
    }
    return f;
  }

  constexpr void find_readers(peak_facts<N>& f) const {
    for (int q = 0; q < p.count; ++q) f.trigger[q] = -1;
    for (int i = 0; i < N; ++i) {
      f.crosses[i] = true;
      f.last_early[i] = p.step[i];
      f.first_late[i] = no_step;
    }
    const auto each = [&](auto use) {
      for (int j = 0; j < N; ++j)
        for (int k = 0; k < row(j).arity && p.step[j] >= 0; ++k)
          if (const int x = c.node[j].in[k]; reads(j, k) && !source(p.base[x]) && !inside_kernel(j, x))
            use(j, p.step[j], x, p.base[x]);
    };
    each([&](int, int q, int, int b) {
      if (q <= f.at) {
        if (q > f.last_early[b]) f.last_early[b] = q;
        return;
      }
      if (q < f.first_late[b]) f.first_late[b] = q;
      if (q > f.last_late[b]) f.last_late[b] = q;
      const int t = f.trigger[q];
      if (p.step[b] >= f.at && p.step[b] < q && (t < 0 || p.step[b] > p.step[t])) f.trigger[q] = b;
    });
    // a copy would stand before its reader, and after what triggers it
    each([&](int j, int q, int x, int b) {
      if (q <= f.at) return;
      if (in_loop(j) || f.trigger[q] < 0 || f.trigger[q] >= j) f.crosses[b] = false;
      for (; x != b; x = c.node[x].in[0])
        if (s.copied[x]) f.crosses[b] = false;
    });
  }

  // ---- what to drop ---------------------------------------------------------------------------------------

  /// Drops by a limit in FLOPs per byte, until `wanted` bytes are freed at the peak.
  constexpr dropped_values<N> drop(const peak_facts<N>& f, double limit, index wanted) const {
    dropped_values<N> d;
    d.next = never;
    double cost[N + 1]{};
    for (int i = 0; i < N; ++i) {
      const bool view = p.base[i] != i;
      if (view ? !d.again[p.base[i]] && f.kept[i] : f.kept[i] && !f.crosses[i]) continue;
      // Where operands are computed from the same values, as x + f(x) is, the sum of their costs would count
      // those twice, and again with every block; the greatest is exact there.
      double greatest = 0;
      for (int k = 0; k < row(i).arity; ++k)
        if (reads(i, k) && cost[c.node[i].in[k]] > greatest) greatest = cost[c.node[i].in[k]];
      cost[i] = f.may[i] ? f.flops[i] + greatest : never;
      d.again[i] = true;
      if (view || !f.crosses[i]) continue;
      const double ratio = cost[i] < never ? cost[i] / double(f.bytes[i]) : never;
      d.dropped[i] = ratio < never && ratio <= limit && d.freed < wanted;
      if (d.dropped[i]) {
        d.freed += f.bytes[i];
        d.any = true;
        continue;
      }
      if (ratio <= limit)
        d.enough = true;
      else if (ratio < d.next)
        d.next = ratio;
      cost[i] = 0;
      d.again[i] = false;
    }
    return d;
  }

  /// The most memory in use, by the steps of the plan as it is: a dropped value is there again from the first
  /// step that needs it, for itself or for another one, to the last; unless one kernel alone reads it.
  constexpr void estimate(const peak_facts<N>& f, dropped_values<N>& d) const {
    int need[N + 1]{}, until[N + 1]{}, last_reader[N + 1]{};
    index change[N + 2]{};
    for (int i = 0; i < N; ++i) {
      need[i] = d.dropped[i] ? f.first_late[i] : no_step;
      until[i] = d.dropped[i] ? f.last_late[i] : -1;
    }
    const auto add = [&](index bytes, int first, int last) {
      if (last < first) return;
      change[first] += bytes;
      change[last < p.count ? last + 1 : p.count] -= bytes;
    };
    for (int i = N - 1; i >= 0; --i) {
      if (need[i] == no_step) continue;
      if (!d.again[i]) {
        const int b = p.base[i];
        if (b != i) {
          need[b] = need[i] < need[b] ? need[i] : need[b];
          until[b] = until[i] > until[b] ? until[i] : until[b];
        } else if (!source(i)) {
          add(f.bytes[i], p.last_use[i] + 1, until[i]);
        }
        continue;
      }
      for (int k = 0; k < row(i).arity; ++k) {
        if (!reads(i, k)) continue;
        const int x = c.node[i].in[k], b = p.base[x];
        need[x] = need[i] < need[x] ? need[i] : need[x];
        until[x] = need[i] > until[x] ? need[i] : until[x];
        last_reader[b] = i > last_reader[b] ? i : last_reader[b];
      }
      d.flops += f.flops[i];
      if (d.dropped[i]) {
        const bool fuses = row(i).kind == op_kind::map && f.first_late[i] == until[i] &&
                           need[i] == until[i] && p.fused[until[i]];
        add(-f.bytes[i], f.last_early[i] + 1, p.last_use[i]);
        if (!fuses) add(f.bytes[i], need[i], until[i]);
      }
    }
    index open[N + 1]{}, passing[N + 1]{};  // what lives only while a step's values are computed again
    for (int i = 0; i < N; ++i) {
      if (need[i] == no_step || !d.again[i] || p.base[i] != i) continue;
      const int q = need[i];
      if (!d.dropped[i]) open[q] += f.bytes[i];
      if (open[q] > passing[q]) passing[q] = open[q];
      for (int k = 0; k < row(i).arity; ++k) {
        const int b = reads(i, k) ? p.base[c.node[i].in[k]] : -1;
        if (b < 0 || !d.again[b] || d.dropped[b] || last_reader[b] != i) continue;
        open[need[b]] -= f.bytes[b];
        last_reader[b] = -1;
      }
    }
    index moved = 0;
    d.peak = 0;
    for (int q = 0; q < p.count; ++q) {
      moved += change[q];
      const index here = f.live[q] + moved + passing[q];
      if (q >= p.prologue && here > d.peak) d.peak = here;
    }
  }

  // ---- the search for a limit -----------------------------------------------------------------------------

  struct search_state {
    double limit = 0;
    index wanted = 0;
    int tries = 0;
    bool done = false;
    dropped_values<N> best{}, least{};  // least: the first one that helps at all
  };
  static constexpr int most_tries = 40;

  /// Some tries more, so many that no evaluation takes more steps than compilers allow.
  constexpr search_state search(const peak_facts<N>& f, search_state b, index target,
                                double most_flops) const {
    const int until = b.tries + 1 + 8000 / (N + 1);
    if (b.tries == 0) {
      b.wanted = f.most > target ? f.most - target : 1;
      b.best.peak = f.most;
    }
    for (; b.tries < until && !b.done; ++b.tries) {
      dropped_values<N> d = drop(f, b.limit, b.wanted);
      d.peak = f.most;
      if (d.any) estimate(f, d);
      // what gives less than this is left to the next plan, whose peak is known and not estimated
      const index bound = b.best.peak - b.best.peak / (b.best.any ? 10 : 64);
      const bool better = d.peak < bound || (d.peak <= target && d.peak < b.best.peak);
      if (d.any && better && d.flops <= most_flops) {
        b.best = d;
        if (!b.least.any) b.least = d;
      }
      if (d.enough)
        b.wanted += d.peak > target ? d.peak - target : 1;
      else
        b.limit = d.next > b.limit * 1.25 ? d.next : b.limit * 1.25;
      b.done = b.best.peak <= target || d.flops > most_flops || (!d.enough && d.next >= never) ||
               b.tries + 1 == most_tries;
    }
    return b;
  }

  // ---- the graph with copies ------------------------------------------------------------------------------

  static constexpr int grown_capacity = 2 * N + 1;
  template <int Shapes, int Outputs>
  using grown = recomputation<grown_capacity, Shapes, Outputs>;

  template <class To>
  constexpr void write(const peak_facts<N>& f, const dropped_values<N>& d, To& to) const {
    int moved[N + 1]{}, copy[N + 1]{};
    bool wanted[N + 1]{};
    for (int i = 0; i < N; ++i) copy[i] = -1;
    const auto now = [&](int x) { return copy[x] >= 0 && d.again[x] ? copy[x] : moved[x]; };
    for (int i = 0; i < N; ++i) {
      array_node node = c.node[i];
      const bool late = p.step[i] > f.at && !in_loop(i);
      for (int k = 0; k < row(i).arity; ++k) {
        const int x = c.node[i].in[k];
        node.in[k] = moved[x];
        if (!late || !reads(i, k) || inside_kernel(i, x) || !d.dropped[p.base[x]]) continue;
        if (copy[x] < 0) {
          int first = x, open = 1;  // what x needs, down to what can be read
          wanted[x] = true;
          for (int n = x; open > 0; --n) {
            if (!wanted[n]) continue;
            --open;
            first = n;
            for (int m = 0; m < row(n).arity; ++m) {
              const int y = c.node[n].in[m];
              if (!reads(n, m) || !d.again[y] || copy[y] >= 0 || wanted[y]) continue;
              wanted[y] = true;
              ++open;
            }
          }
          for (int n = first; n <= x; ++n) {
            if (!wanted[n]) continue;
            wanted[n] = false;
            array_node again = c.node[n];
            for (int m = 0; m < row(n).arity; ++m)
              again.in[m] = reads(n, m) ? now(c.node[n].in[m]) : moved[c.node[n].in[m]];
            copy[n] = to.n;
            put(to, again, -1, c.backward[i], moved[f.trigger[p.step[i]]], true, false);
          }
        }
        node.in[k] = copy[x];
      }
      moved[i] = to.n;
      int after = -1;
      bool again = false;
      if constexpr (requires { c.after[0]; }) {
        after = c.after[i] < 0 ? -1 : moved[c.after[i]];
        again = c.again[i];
      }
      put(to, node, c.home[i], c.backward[i], after, again, c.idle[i]);
    }
    for (int i = 0; i < c.shapes; ++i) to.shape[i] = c.shape[i];
    to.shapes = c.shapes;
    to.output_count = c.output_count;
    for (int o = 0; o < c.output_count; ++o) {
      to.outputs[o] = moved[c.outputs[o]];
      to.output_shape[o] = c.output_shape[o];
    }
    to.dynamics = c.dynamics;
    to.loops = c.loops;
    for (int l = 0; l < c.loops; ++l) to.loop[l] = c.loop[l];
    drop_dead(to);
  }

  template <class To>
  constexpr void put(To& to, const array_node& node, int home, bool backward, int after, bool again,
                     bool idle) const {
    to.node[to.n] = node;
    to.home[to.n] = home;
    to.backward[to.n] = backward;
    to.after[to.n] = after;
    to.idle[to.n] = idle;
    to.again[to.n++] = again;
  }

  /// Originals that only copies replace go, or lend their shape alone.
  template <class To>
  constexpr void drop_dead(To& to) const {
    bool live[grown_capacity]{}, computed[grown_capacity]{};
    const auto op_of = [&](int i) -> const op_row& { return op[to.node[i].op]; };
    for (int o = 0; o < to.output_count; ++o) live[to.outputs[o]] = computed[to.outputs[o]] = true;
    for (int i = to.n - 1; i >= 0; --i) {
      const op_row& r = op_of(i);
      if (r.kind == op_kind::leaf) live[i] = true;
      if (to.home[i] >= 0 || r.part != loop_part::none) {  // loops stay whole
        live[i] = true;
        computed[i] = !to.idle[i];
      }
      for (int k = 0; k < r.arity && live[i]; ++k) {
        const int x = to.node[i].in[k];
        live[x] = true;
        if (computed[i] && k != r.shape_only) computed[x] = true;
      }
    }
    int at[grown_capacity]{}, n = 0;
    for (int i = 0; i < to.n; ++i) {
      if (!live[i]) continue;
      array_node node = to.node[i];
      for (int& x : node.in) x = x < 0 ? -1 : at[x];
      int after = to.after[i];
      while (after >= 0 && !computed[after]) {  // nobody needs it now: what it waited for
        int latest = -1;
        for (const int x : to.node[after].in) latest = x > latest ? x : latest;
        after = latest;
      }
      at[i] = n;
      to.node[n] = node;
      to.home[n] = to.home[i];
      to.backward[n] = to.backward[i];
      to.again[n] = to.again[i];
      to.after[n] = after < 0 ? -1 : at[after];
      to.idle[n++] = !computed[i] && op[node.op].kind != op_kind::leaf;
    }
    to.n = n;
    for (int o = 0; o < to.output_count; ++o) to.outputs[o] = at[to.outputs[o]];
  }
};

/// A computation in arrays of its own size.
template <int Nodes, int Shapes, int Outputs, class From>
constexpr recomputation<Nodes, Shapes, Outputs> fitted(const From& from) {
  recomputation<Nodes, Shapes, Outputs> r;
  r.n = from.n;
  r.shapes = from.shapes;
  r.output_count = from.output_count;
  r.dynamics = from.dynamics;
  r.loops = from.loops;
  for (int l = 0; l < r.loops; ++l) r.loop[l] = from.loop[l];
  for (int i = 0; i < r.n; ++i) {
    r.node[i] = from.node[i];
    r.backward[i] = from.backward[i];
    r.idle[i] = from.idle[i];
    r.home[i] = from.home[i];
    r.after[i] = from.after[i];
    r.again[i] = from.again[i];
  }
  for (int i = 0; i < r.shapes; ++i) r.shape[i] = from.shape[i];
  for (int i = 0; i < r.output_count; ++i) {
    r.outputs[i] = from.outputs[i];
    r.output_shape[i] = from.output_shape[i];
  }
  return r;
}

}  // namespace tenon::detail

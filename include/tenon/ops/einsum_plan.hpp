// What an einsum's specification means for operands of given shapes, as constant evaluations: labels of axes,
// mistakes, the order in which operands are multiplied, and how each product is laid out.
//
// A label is a number: letters are 0 to 51, an axis under "..." is 52 + its distance from the right end.
#pragma once

#include "tenon/ops/products.hpp"

namespace tenon::detail {

/// The text of a specification as a template argument.
template <std::size_t N>
struct einsum_spec {
  char text[N];
  constexpr einsum_spec(const char (&s)[N]) : text{} {
    for (std::size_t i = 0; i < N; ++i) text[i] = s[i];
  }
};

enum class einsum_mistake { none, character, operands, rank, unknown, repeated, sizes, names, axes };

inline constexpr int max_einsum_operands = 8, einsum_letters = 52, max_labels = einsum_letters + max_rank;
/// What an extent that is not static counts as when orders of products are compared.
inline constexpr double unknown_extent = 64;

using label_set = std::uint64_t;

/// The labels of an array's axes.
struct labels {
  int n = 0, at[2 * max_rank]{};
  constexpr void add(int label) {
    if (n < 2 * max_rank) at[n] = label;
    ++n;
  }
  constexpr int find(int label) const {
    for (int i = 0; i < n; ++i)
      if (at[i] == label) return i;
    return -1;
  }
  constexpr bool has(int label) const { return find(label) >= 0; }
  constexpr void drop(int i) {
    for (--n; i < n; ++i) at[i] = at[i + 1];
  }
  constexpr label_set set() const {
    label_set s = 0;
    for (int i = 0; i < n; ++i) s |= label_set(1) << at[i];
    return s;
  }
  constexpr bool operator==(const labels&) const = default;
};

/// What is done to one operand before products: diagonals for repeated labels, axes of extent 1 dropped where
/// the label is larger elsewhere, sums over labels that nothing else has.
struct einsum_operand {
  int diagonals = 0, first[max_rank]{}, second[max_rank]{};
  index squeezed = 0, summed = 0;
  labels after;
};

/// One product of two arrays.
struct einsum_pair {
  bool swapped = false;  // the right array stands first
  int left = 0, inner = 0, right = 0;
  index order_a = 0, order_b = 0;    // of axes, packed
  index expand_a = 0, expand_b = 0;  // elementwise products: axes of extent 1
  index summed = 0;                  // elementwise products: axes summed over afterwards
  labels after;
};

constexpr index order_of(const labels& from, const labels& to) {
  index packed = 0;
  int n = 0;
  for (int i = 0; i < to.n; ++i)
    if (from.has(to.at[i])) packed |= index(from.find(to.at[i])) << (4 * n++);
  return packed;
}
constexpr index missing_from(const labels& from, const labels& to) {
  index mask = 0;
  for (int i = 0; i < to.n; ++i) mask |= from.has(to.at[i]) ? 0 : index(1) << i;
  return mask;
}

/// Reads a specification into labels.
struct einsum_parser {
  einsum_mistake mistake = einsum_mistake::none;
  labels in[max_einsum_operands], out;
  int operands = 0;

  constexpr void fail(einsum_mistake m) {
    if (mistake == einsum_mistake::none) mistake = m;
  }
  static constexpr int letter(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : -1;
  }
  /// One term, up to a comma, an arrow or the end; `open` axes stand under "...".
  constexpr const char* term(const char* s, labels& to, int open) {
    bool dots = false;
    for (; *s != 0 && *s != ',' && *s != '-'; ++s) {
      if (*s == ' ') continue;
      if (letter(*s) >= 0) {
        to.add(letter(*s));
      } else if (*s == '.' && s[1] == '.' && s[2] == '.' && !dots) {
        for (int i = open; i > 0; --i) to.add(einsum_letters + i - 1);
        dots = true;
        s += 2;
      } else {
        fail(einsum_mistake::character);
        return "";
      }
    }
    return s;
  }
  static constexpr int letters_of(const char* s, bool& dots) {
    int n = 0;
    for (; *s != 0 && *s != ',' && *s != '-'; ++s) {
      n += letter(*s) >= 0;
      dots = dots || *s == '.';
    }
    return n;
  }
  constexpr void read(const char* s, const int* rank, int n) {
    int most_open = 0;
    for (const char* c = s; *c != 0; ++c)
      if (letter(*c) < 0 && *c != ' ' && *c != ',' && *c != '.' && *c != '-' && *c != '>')
        return fail(einsum_mistake::character);
    for (;;) {
      if (operands < n && operands < max_einsum_operands) {
        bool dots = false;
        const int open = rank[operands] - letters_of(s, dots);
        if (open < 0 || (open > 0 && !dots)) fail(einsum_mistake::rank);
        if (mistake == einsum_mistake::none) s = term(s, in[operands], open);
        most_open = open > most_open ? open : most_open;
      } else {
        fail(einsum_mistake::operands);
      }
      if (mistake != einsum_mistake::none) return;
      ++operands;
      if (*s != ',') break;
      ++s;
    }
    if (operands != n) return fail(einsum_mistake::operands);
    if (*s == 0) return implicit_output(most_open);
    if (s[1] != '>') return fail(einsum_mistake::character);
    if (*term(s + 2, out, most_open) != 0) fail(einsum_mistake::character);
    for (int i = 0; i < out.n && i < 2 * max_rank; ++i) {
      if (out.find(out.at[i]) != i) fail(einsum_mistake::repeated);
      if (uses(out.at[i]) == 0) fail(einsum_mistake::unknown);
    }
    if (out.n > max_rank) fail(einsum_mistake::axes);
  }
  constexpr int uses(int label) const {
    int n = 0;
    for (int k = 0; k < operands; ++k)
      for (int i = 0; i < in[k].n; ++i) n += in[k].at[i] == label;
    return n;
  }
  /// "...", then the letters that stand once, in the order of the alphabet, capitals first.
  constexpr void implicit_output(int open) {
    for (int i = open; i > 0; --i) out.add(einsum_letters + i - 1);
    for (int l = 0; l < einsum_letters; ++l)
      if (uses(l) == 1) out.add(l);
    if (out.n > max_rank) fail(einsum_mistake::axes);
  }
};

/// Everything about one einsum. Operands are numbered from 0; a set of them is a bit mask.
template <einsum_spec Spec, class... Shapes>
struct einsum_plan {
  static constexpr int n = int(sizeof...(Shapes)), every = (1 << n) - 1;
  using names = distinct<typename flattened<typename names_of<Shapes>::type...>::type>;

  struct table {
    einsum_mistake mistake = einsum_mistake::none;
    labels out;
    einsum_operand operand[n];
    double size[max_labels]{};
  };

  static constexpr table compute() {
    constexpr int rank[] = {rank_of<Shapes>...};
    const extents shape[] = {extents_of<Shapes, names>::value...};
    table t;
    einsum_parser spec;
    spec.read(Spec.text, rank, n);
    t.mistake = spec.mistake;
    if (t.mistake != einsum_mistake::none) return t;
    t.out = spec.out;
    // the extents of labels
    shape_scope scope;
    dim of[max_labels]{};
    for (int k = 0; k < n; ++k)
      for (int i = 0; i < rank[k]; ++i) {
        dim& d = of[spec.in[k].at[i]];
        if (const int before = spec.in[k].find(spec.in[k].at[i]); before != i)
          scope.equate(shape[k][before], shape[k][i]);  // a diagonal
        d = scope.broadcast(d, shape[k][i]);
      }
    if (scope.error != misfit::none)
      t.mistake = scope.error == misfit::names ? einsum_mistake::names : einsum_mistake::sizes;
    if (t.mistake != einsum_mistake::none) return t;
    for (int l = 0; l < max_labels; ++l)
      t.size[l] = !is_static(of[l].code) ? unknown_extent : of[l].size < 1 ? 1 : double(of[l].size);
    // operands before products
    for (int k = 0; k < n; ++k) {
      einsum_operand& o = t.operand[k];
      labels& now = o.after;
      dim extent[2 * max_rank]{};
      for (int i = 0; i < rank[k]; ++i) {
        now.add(spec.in[k].at[i]);
        extent[i] = shape[k][i];
      }
      for (int i = 0; i < now.n; ++i)
        for (int j = i + 1; j < now.n; ++j) {
          if (now.at[i] != now.at[j]) continue;
          o.first[o.diagonals] = i;
          o.second[o.diagonals++] = j;
          const int label = now.at[i];
          const dim d = extent[i];
          for (const int gone : {j, i}) {
            now.drop(gone);
            for (int a = gone; a < now.n; ++a) extent[a] = extent[a + 1];
          }
          extent[now.n] = d;
          now.add(label);
          i = -1;
          break;
        }
      labels kept;
      for (int i = 0; i < now.n; ++i) {
        if (extent[i].code == 1 && of[now.at[i]].code != 1)
          o.squeezed |= index(1) << i;
        else
          kept.add(now.at[i]);
      }
      now = kept;
    }
    for (int k = 0; k < n; ++k) {
      label_set needed = t.out.set();
      for (int j = 0; j < n; ++j)
        if (j != k) needed |= t.operand[j].after.set();
      labels kept;
      labels& now = t.operand[k].after;
      for (int i = 0; i < now.n; ++i) {
        if (((needed >> now.at[i]) & 1) != 0)
          kept.add(now.at[i]);
        else
          t.operand[k].summed |= index(1) << i;
      }
      now = kept;
    }
    return t;
  }
  static constexpr table value = compute();
  static constexpr bool ok = value.mistake == einsum_mistake::none;

  // ---- the order of products ------------------------------------------------------------------------------

  /// The labels that the product of a set of operands still has.
  static constexpr label_set left_of(int set) {
    label_set inside = 0, needed = value.out.set();
    for (int k = 0; k < n; ++k) (((set >> k) & 1) != 0 ? inside : needed) |= value.operand[k].after.set();
    return inside & needed;
  }
  struct order {
    int first[1 << n]{};  // of a set, the part that is multiplied first
  };
  /// The order of fewest multiplications: the best split of each set, from those of its subsets. Of equally
  /// good ones that which goes from left to right.
  static constexpr order cheapest() {
    order o;
    double cost[1 << n]{};
    label_set left[1 << n]{};
    for (int set = 1; set <= every; ++set) left[set] = left_of(set);
    for (int set = 1; set <= every; ++set) {
      if ((set & (set - 1)) == 0) continue;
      const int lowest = set & -set;
      double best = -1;
      int most = 0;
      for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
        if ((part & lowest) == 0) continue;
        double c = 1;
        for (label_set l = left[part] | left[set ^ part]; l != 0; l &= l - 1)
          c *= value.size[std::countr_zero(l)];
        c += cost[part] + cost[set ^ part];
        const int members = std::popcount(unsigned(part));
        const bool ties = c == best && (members > most || (members == most && part < o.first[set]));
        if (best >= 0 && c >= best && !ties) continue;
        best = c;
        most = members;
        o.first[set] = part;
      }
      cost[set] = best;
    }
    return o;
  }
  static constexpr order splits = ok ? cheapest() : order{};

  // ---- each product ---------------------------------------------------------------------------------------

  template <int Set>
  struct pair_of;
  template <int Set>
  static constexpr const labels& result_of() {
    if constexpr ((Set & (Set - 1)) == 0)
      return value.operand[std::countr_zero(unsigned(Set))].after;
    else
      return pair_of<Set>::value.after;
  }

  static constexpr einsum_pair pair(const labels& x, const labels& y, label_set kept, bool last) {
    einsum_pair p;
    const auto is_kept = [&](int label) { return ((kept >> label) & 1) != 0; };
    labels batch, inner, left, right, order = last ? value.out : x;
    if (!last)
      for (int i = 0; i < y.n; ++i)
        if (!x.has(y.at[i])) order.add(y.at[i]);
    for (int i = 0; i < order.n; ++i) {
      const int l = order.at[i];
      if (!is_kept(l)) continue;
      (!y.has(l) ? left : !x.has(l) ? right : batch).add(l);
    }
    for (int i = 0; i < x.n; ++i)
      if (!is_kept(x.at[i])) inner.add(x.at[i]);
    const auto append = [](labels& to, const labels& from) {
      for (int i = 0; i < from.n; ++i) to.add(from.at[i]);
    };
    if (inner.n == 0 || (left.n == 0 && right.n == 0)) {  // elementwise, then sums
      labels all = inner.n == 0 ? order : x;
      p.order_a = order_of(x, all);
      p.order_b = order_of(y, all);
      p.expand_a = missing_from(x, all);
      p.expand_b = missing_from(y, all);
      for (int i = 0; i < all.n; ++i) {
        if (inner.has(all.at[i]))
          p.summed |= index(1) << i;
        else
          p.after.add(all.at[i]);
      }
      return p;
    }
    // the array whose axes come first in the result stands first
    p.swapped = last && left.n > 0 && right.n > 0 && value.out.find(right.at[0]) < value.out.find(left.at[0]);
    const labels &a = p.swapped ? y : x, &b = p.swapped ? x : y;
    const labels &rows = p.swapped ? right : left, &columns = p.swapped ? left : right;
    labels in_a = batch, in_b = batch;
    append(in_a, rows);
    append(in_a, inner);
    append(in_b, inner);
    append(in_b, columns);
    p.order_a = order_of(a, in_a);
    p.order_b = order_of(b, in_b);
    p.left = rows.n;
    p.inner = inner.n;
    p.right = columns.n;
    p.after = batch;
    append(p.after, rows);
    append(p.after, columns);
    return p;
  }

  template <int Set>
  struct pair_of {
    static constexpr int first = splits.first[Set], second = Set ^ first;
    static constexpr einsum_pair value =
        pair(result_of<first>(), result_of<second>(), left_of(Set), Set == every);
  };
};

}  // namespace tenon::detail

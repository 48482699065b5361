// The costs of a plan as formulas in the names of extents, for reading.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tenon/plan/outline.hpp"

namespace tenon::detail {

/// A sum of products of extents, for reading: terms by degree, equal ones added.
class polynomial {
 public:
  struct term {
    index factor;
    std::vector<index> codes;  // ascending
  };
  polynomial() = default;
  explicit polynomial(index n) { add({n, {}}); }
  /// Bytes, or elements, of an array.
  static polynomial of(const extents& e, index factor) {
    term t{factor, {}};
    for (int k = 0; k < e.rank; ++k) {
      if (is_static(e[k].code)) {
        t.factor *= e[k].code;
        continue;
      }
      std::size_t at_place = t.codes.size();
      t.codes.push_back(e[k].code);
      for (; at_place > 0 && t.codes[at_place - 1] < t.codes[at_place]; --at_place)
        std::swap(t.codes[at_place - 1], t.codes[at_place]);
    }
    polynomial p;
    p.add(t);
    return p;
  }
  polynomial& operator+=(const polynomial& o) {
    for (const term& t : o.terms_) add(t);
    return *this;
  }
  polynomial& operator*=(index factor) {
    for (term& t : terms_) t.factor *= factor;
    if (factor == 0) terms_.clear();
    return *this;
  }
  polynomial& operator*=(const dim& extent) {
    if (is_static(extent.code)) return *this *= extent.code;
    std::vector<term> before;
    std::swap(before, terms_);
    for (term& t : before) {
      t.codes.push_back(extent.code);
      for (std::size_t k = t.codes.size() - 1; k > 0 && t.codes[k - 1] < t.codes[k]; --k)
        std::swap(t.codes[k - 1], t.codes[k]);
      add(t);
    }
    return *this;
  }
  const std::vector<term>& terms() const { return terms_; }
  bool divides(index by) const {
    for (const term& t : terms_)
      if (t.factor % by != 0) return false;
    return true;
  }
  bool operator==(const polynomial& o) const {
    polynomial difference = o;
    difference *= -1;
    difference += *this;
    return difference.terms_.empty();
  }

  template <class Spell>
  std::string text(Spell spell) const {
    std::string out;
    for (const term& t : terms_) {
      const bool minus = t.factor < 0;
      out += out.empty() ? (minus ? "-" : "") : (minus ? " - " : " + ");
      const index n = minus ? -t.factor : t.factor;
      if (n != 1 || t.codes.empty()) out += std::to_string(n);
      for (std::size_t k = 0; k < t.codes.size(); ++k)
        out.append(k > 0 || n != 1 ? "*" : "").append(spell(t.codes[k]));
    }
    return out.empty() ? "0" : out;
  }

 private:
  void add(const term& t) {
    std::size_t k = 0;
    for (; k < terms_.size(); ++k) {
      if (terms_[k].codes == t.codes) {
        terms_[k].factor += t.factor;
        if (terms_[k].factor == 0) terms_.erase(terms_.begin() + std::ptrdiff_t(k));
        return;
      }
      if (terms_[k].codes.size() < t.codes.size() ||
          (terms_[k].codes.size() == t.codes.size() && terms_[k].codes < t.codes))
        break;
    }
    if (t.factor != 0) terms_.insert(terms_.begin() + std::ptrdiff_t(k), t);
  }
  std::vector<term> terms_;
};

/// The same counts as step_cost and plan_cost, as formulas.
struct outline_formulas {
  const plan_outline& p;

  /// A name, or x.0 for axis 0 of the first leaf with a dynamic extent.
  std::string spell(index code) const {
    if (is_name(code)) return p.name[first_name_code - code];
    for (int i = 0; i < p.nodes; ++i) {
      const extents& e = p.shape[p.node[i].shape];
      if (p.leaf[i] < 0) continue;
      for (int k = 0; k < e.rank; ++k)
        if (e[k].code == code) return leaf_name(i) + "." + std::to_string(k);
    }
    for (int i = 0; i < p.nodes; ++i) {
      const extents& e = p.shape[p.node[i].shape];
      for (int k = 0; k < e.rank; ++k)
        if (e[k].code == code)
          return std::string(p.op[p.node[i].op].name) + std::to_string(i) + "." + std::to_string(k);
    }
    return "?";
  }
  std::string leaf_name(int i) const {
    char text[64]{};
    sized_plan<0, 0, 0>::spell_leaf(p, p.leaf[i], text);
    return text;
  }
  /// Output o, as users call it: result, result 1, gradient of w.
  std::string output_name(int o) const {
    if (o < p.roots) return p.roots > 1 ? "result " + std::to_string(o) : "result";
    if (p.forward_only) return "result " + std::to_string(o);
    char text[64]{};
    sized_plan<0, 0, 0>::spell_leaf(p, p.wrt_leaves[o - p.roots], text);
    return std::string(p.updates ? "update of " : "gradient of ") + text;
  }
  std::string text(const polynomial& q) const {
    return q.text([this](index code) { return spell(code); });
  }
  std::string shape(int i) const { return shape(p.shape[p.node[i].shape]); }
  std::string shape(const extents& e) const {
    std::string s = "[";
    for (int k = 0; k < e.rank; ++k)
      s += (k > 0 ? ", " : "") + (is_static(e[k].code) ? std::to_string(e[k].code) : spell(e[k].code));
    return s + "]";
  }

  const extents& shape_of(int i) const { return p.shape[p.node[i].shape]; }
  polynomial elements(int i) const { return polynomial::of(shape_of(i), 1); }
  polynomial bytes(int i) const { return polynomial::of(shape_of(i), size_of(p.node[i].type)); }

  polynomial flops_of(int i) const {
    if (p.computes(i)) return elements(i);
    if (p.kind(i) == op_kind::reduction) {
      polynomial n = elements(i);
      n *= -1;
      n += elements(p.node[i].in[0]);
      return n;
    }
    if (p.kind(i) != op_kind::contraction) return {};
    extents all = shape_of(i);
    const extents& b = shape_of(p.node[i].in[1]);
    const attributes& k = p.node[i].attribute;
    index factor = 2;
    std::vector<dim> inner;
    for (int a = 0; a < int(k.a[1]); ++a) inner.push_back(b[b.rank - int(k.a[2]) - 1 - a]);
    for (const dim& d : inner) {
      if (is_static(d.code))
        factor *= d.code;
      else if (all.rank < max_rank)
        all[all.rank++] = d;
    }
    return polynomial::of(all, factor);
  }
  static dim sized_dim(const dim& d) { return d; }
  struct formulas {
    polynomial read, written, flops;
    void repeat(const dim& times) {
      read *= times;
      written *= times;
      flops *= times;
    }
  };
  /// `s` says which views are copied.
  template <class Sizes>
  formulas cost(int q, const Sizes& s) const {
    return p.template cost_of<formulas>(q, *this, s);
  }

  /// A sum of arrays in the arena: each is rounded up to 64 bytes, with 64 to spare. What divides by 64 is in
  /// `sum`.
  struct padded_sum {
    polynomial sum;
    std::vector<std::pair<std::string, polynomial>> rounded;  // and how often

    std::string text(const outline_formulas& f) const {
      std::string s = sum.terms().empty() && !rounded.empty() ? "" : f.text(sum);
      for (const auto& [of, n] : rounded) {
        const std::string times = f.text(n);
        s += s.empty() ? "" : " + ";
        s += n.terms().size() > 1 ? "(" + times + ")*" : times != "1" ? times + "*" : "";
        s += "up64(" + of + ")";
      }
      return s;
    }
  };
  void add_padded(int i, padded_sum& to) const { add_padded(i, to, -1); }
  /// As often as step q runs.
  void add_padded(int i, padded_sum& to, int q) const {
    const auto repeated = [&](polynomial n) {
      p.repeat_in_loops(q, [&](const dim& times) { n *= times; });
      return n;
    };
    const polynomial b = bytes(i);
    bool number = true;
    for (const polynomial::term& t : b.terms()) number = number && t.codes.empty();
    to.sum += repeated(polynomial(64));
    if (number) {
      to.sum += repeated(polynomial(padded(b.terms().empty() ? 0 : b.terms()[0].factor)));
    } else if (b.divides(64)) {
      to.sum += repeated(b);
    } else {
      const std::string of = text(b);
      for (auto& [known, n] : to.rounded)
        if (known == of) {
          n += repeated(polynomial(1));
          return;
        }
      to.rounded.emplace_back(of, repeated(polynomial(1)));
    }
  }
};

/// The plan at large sizes, all different, to order arrays by and to see which views are copied. Some graphs
/// take certain sizes only (a reshape divides one), hence several bases.
template <class Outline>
typename Outline::sizes sample_of() {
  for (const index base : {5040, 4096, 1000, 27, 1}) {
    typename Outline::sizes s(Outline::value);
    for (int k = 0; k < Outline::names; ++k) s.name[k] = base * (k + 1);
    for (int i = 0; i < Outline::value.nodes; ++i)
      if (Outline::value.leaf[i] >= 0)
        for (const dim& d : Outline::value.shape[Outline::value.node[i].shape].d)
          if (is_dynamic(d.code)) s.at(d.code) = base;
    s.resolve();
    if ((s.refused || s.assumed_wrong) && base > 1) continue;
    s.place();
    return s;
  }
  return typename Outline::sizes(Outline::value);
}

}  // namespace tenon::detail

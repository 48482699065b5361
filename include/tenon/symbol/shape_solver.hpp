// Extents of a graph from a few given ones, at run time: forwards through shape rules, and backwards through
// the extents that rules make equal.
//
// A graph's extents are codes: static sizes, names, and numbered unknowns (core/extent.hpp). Each shape rule,
// run with the sizes known so far, gives its result's sizes and says by `meet` which extents have to agree.
// Rounds over the nodes go on until nothing new is learnt; each learns a size or is the last, and two or
// three do.
#pragma once

#include <cstring>
#include <string>

#include "tenon/core/describe.hpp"
#include "tenon/core/error.hpp"
#include "tenon/core/plain_list.hpp"
#include "tenon/graph/builder.hpp"

namespace tenon::detail {

/// A lowered graph as plain tables: what a plan has of shapes.
struct shape_problem {
  const array_node* node;
  int nodes;
  const extents* shape;
  const op_row* op;
  const int* leaf;  // of each node: its place among the leaves, or -1
  int leaves;
  const int *output, *output_shape;
  int outputs;
  const char* const* name;  // of extents
  int names;
  index dynamics;
  const char* const* variable;  // of leaves; "" without a name
};

/// A message, piece by piece; a chain of operator+ is several times the code, in each unit.
struct message {
  std::string text;
  explicit message(const char* who) : text(who) { text.append(": "); }
  TENON_COLD TENON_NOINLINE message& operator<<(const char* t) {
    text.append(t);
    return *this;
  }
  TENON_COLD TENON_NOINLINE message& operator<<(const std::string& t) {
    text.append(t);
    return *this;
  }
  TENON_COLD TENON_NOINLINE message& operator<<(index n) {
    text.append(std::to_string(n));
    return *this;
  }
};

class shape_solver {
 public:
  shape_solver(const shape_problem& p, const char* who)
      : p_(p), who_(who), shape_(std::size_t(p.nodes) + 1), given_(std::size_t(p.leaves) + 1) {
    names_.assign(std::size_t(p.names) + 1, -1);
    dynamics_.assign(std::size_t(p.dynamics) + 1, -1);
  }

  /// Says the extents of leaf k, -1 where one stays open. Throws shape_error for another rank, another static
  /// extent, or a name that has another size.
  TENON_COLD TENON_NOINLINE void give(int k, const index* extent, int rank) {
    const extents& declared = declared_of_leaf(k);
    if (rank != declared.rank) refuse(k, extent, rank, "another rank");
    extents& given = given_[std::size_t(k)];
    for (int a = 0; a < declared.rank; ++a) {
      const index code = declared[a].code, n = extent[a];
      if (n == -1) continue;
      if (n < 0) refuse(k, extent, rank, "a negative extent");
      if (is_static(code)) {
        if (code != n) refuse(k, extent, rank, "another extent");
      } else if (index& known = at(code); known < 0 || known == n) {
        known = n;
      } else if (is_name(code)) {
        message m(who_);
        m << "extent \"" << p_.name[first_name_code - code] << "\" is " << known;
        m << place_of(code, known) << " and " << n << " in " << leaf_text(k);
        throw shape_error(m.text);
      } else {
        fits_ = false;  // extents that the graph makes equal, one of which may be 1
      }
    }
    for (int a = 0; a < rank; ++a) given[given.rank++] = {extent[a], extent[a]};
  }
  /// The names of the graph's extents as one line.
  TENON_COLD TENON_NOINLINE std::string extent_names() const {
    std::string line;
    for (int i = 0; i < p_.names; ++i)
      line.append(i == 0 ? "\"" : i + 1 < p_.names ? "\", \"" : "\" and \"").append(p_.name[i]);
    return p_.names == 0 ? "none" : line + "\"";
  }
  /// Says the size of a name; false where the graph has no such name.
  TENON_COLD TENON_NOINLINE bool give_name(const char* name, index n) {
    for (int i = 0; i < p_.names; ++i)
      if (std::strcmp(p_.name[i], name) == 0) {
        index& known = names_[std::size_t(i)];
        if (known >= 0 && known != n) {
          message m(who_);
          m << "extent \"" << name << "\" is " << n << " and " << known;
          m << place_of(first_name_code - i, known);
          throw shape_error(m.text);
        }
        known = n;
        return true;
      }
    return false;
  }

  /// Learns what follows. False where unknown extents that these tables take for equal are not; then other
  /// tables have to be asked. Throws shape_error where shapes do not fit.
  TENON_COLD TENON_NOINLINE bool solve() {
    do {
      learnt_ = false;
      for (int i = 0; i < p_.nodes && fits_; ++i) visit(i);
    } while (learnt_ && fits_);
    return fits_;
  }

  /// Extents as far as they are known: -1 elsewhere.
  extents of_leaf(int k) const {
    for (int i = 0; i < p_.nodes; ++i)
      if (p_.leaf[i] == k) return sized(p_.shape[p_.node[i].shape]);
    return {};
  }
  extents of_output(int o) const { return sized(p_.shape[p_.output_shape[o]]); }
  extents of_node(int i) const { return shape_[std::size_t(i)]; }
  static bool known(const extents& e) {
    for (int a = 0; a < e.rank; ++a)
      if (e[a].size < 0) return false;
    return true;
  }
  std::string text(const extents& e) const { return describe(e, p_.name); }

 private:
  index& at(index code) {
    return is_name(code) ? names_[std::size_t(first_name_code - code)]
                         : dynamics_[std::size_t(first_dyn_code - code)];
  }
  extents sized(extents e) const {
    for (int a = 0; a < e.rank; ++a)
      if (!is_static(e[a].code)) e[a].size = const_cast<shape_solver*>(this)->at(e[a].code);
    return e;
  }
  const extents& declared_of_leaf(int k) const {
    for (int i = 0; i < p_.nodes; ++i)
      if (p_.leaf[i] == k) return p_.shape[p_.node[i].shape];
    static const extents none{};
    return none;
  }
  TENON_COLD TENON_NOINLINE std::string leaf_text(int k) const {
    std::string t = p_.variable[k][0] != 0 ? "\"" : "an array";
    if (p_.variable[k][0] != 0) t.append(p_.variable[k]).append("\"");
    return t;
  }
  /// Where a name got its size, for messages.
  TENON_COLD TENON_NOINLINE std::string place_of(index code, index size) const {
    for (int k = 0; k < p_.leaves; ++k) {
      const extents &e = declared_of_leaf(k), &given = given_[std::size_t(k)];
      for (int a = 0; a < given.rank; ++a)
        if (e[a].code == code && given[a].size == size) return leaf_text(k).insert(0, " in ");
    }
    return {};
  }
  [[noreturn]] TENON_COLD TENON_NOINLINE void refuse(int k, const index* extent, int rank,
                                                     const char* why) const {
    extents got;
    for (int a = 0; a < rank; ++a) got[got.rank++] = {extent[a], extent[a] < 0 ? -1 : extent[a]};
    message m(who_);
    m << leaf_text(k) << " has shape " << describe(got) << ", expected " << text(declared_of_leaf(k));
    m << " (" << why << ")";
    throw shape_error(m.text);
  }
  [[noreturn]] TENON_COLD TENON_NOINLINE void refuse(int i, const shape_scope& scope) const {
    const op_row& op = p_.op[p_.node[i].op];
    message m(who_);
    m << op.name << ": " << describe(scope.error) << ": ";
    for (int k = 0; k < op.arity; ++k) {
      const int x = p_.node[i].in[k];
      if (k > 0) m << " and ";
      if (p_.leaf[x] >= 0 && p_.variable[p_.leaf[x]][0] != 0) m << leaf_text(p_.leaf[x]) << " ";
      m << text(shape_[std::size_t(x)]);
    }
    m << " (" << describe(scope.left, p_.name) << " against " << describe(scope.right, p_.name) << ")";
    throw shape_error(m.text);
  }

  void learn(index code, index size) {
    at(code) = size;
    learnt_ = true;
  }
  static void meet(void* self, const dim& a, const dim& b) {
    const auto one = [self](const dim& unknown, const dim& known) {
      if (unknown.size >= 0 || known.size < 0 || is_static(unknown.code) || unknown.code == dyn_code) return;
      if (known.size == 1 && is_dynamic(known.code)) return;  // may be broadcast
      shape_solver& s = *static_cast<shape_solver*>(self);
      if (s.at(unknown.code) < 0) s.learn(unknown.code, known.size);
    };
    one(a, b);
    one(b, a);
  }
  TENON_COLD TENON_NOINLINE void visit(int i) {
    const array_node& node = p_.node[i];
    const op_row& op = p_.op[node.op];
    const extents& declared = p_.shape[node.shape];
    if (op.shape != nullptr && op.arity > 0) {
      extents in[max_operands];
      for (int k = 0; k < op.arity; ++k) in[k] = shape_[std::size_t(node.in[k])];
      shape_scope scope;
      scope.meet = &meet;
      scope.met = this;
      shape_query q{in, node.attribute, {}};
      if (node.op == core::reshape) q.target = sized(p_.shape[node.attribute.a[0]]);
      if (node.op == core::embed) q.target = in[1];
      const extents r = op.shape(scope, q);
      if (scope.error != misfit::none) refuse(i, scope);
      if (scope.assumed_wrong) fits_ = false;
      for (int a = 0; a < declared.rank && fits_; ++a) agree(declared[a].code, r[a]);
    }
    shape_[std::size_t(i)] = sized(declared);
  }
  /// The declared extent of a result, and what the rule makes it.
  void agree(index code, const dim& r) {
    if (is_static(code)) return;
    const index known = at(code);
    if (known < 0 && r.size >= 0)
      learn(code, r.size);
    else if (known >= 0 && r.size < 0 && !is_static(r.code) && r.code != dyn_code && at(r.code) < 0)
      learn(r.code, known);
    else if (known >= 0 && r.size >= 0 && known != r.size)
      fits_ = false;
  }

  const shape_problem& p_;
  const char* who_;
  plain_list<index> names_, dynamics_;
  plain_list<extents> shape_, given_;  // of each node; of each leaf
  bool learnt_ = false, fits_ = true;
};

}  // namespace tenon::detail

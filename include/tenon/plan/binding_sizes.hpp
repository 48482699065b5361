// How a binding finds the sizes of its nodes: of leaves from the arrays given, of others by the ops' shape rules.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Unit>
TENON_COLD bool binding<Unit>::resolve(const leaf* const* leaves) {
  placed_ = again_ = false;
  names_.assign(static_cast<std::size_t>(t_->names) + 1, -1);
  dynamics_.assign(static_cast<std::size_t>(t_->dynamics) + 1, -1);
  memory_.assign(static_cast<std::size_t>(t_->nodes) + 1, {});
  ends_.clear();
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

template <class Unit>
TENON_COLD bool binding<Unit>::bind_leaf(int i, const leaf& l, const size_table& sizes) {
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

template <class Unit>
TENON_COLD void binding<Unit>::refuse(int i, const shape_scope& scope) const {
  const op_row& op = t_->op[t_->node[i].op];
  std::string line = std::string(op.name) + ": " + describe(scope.error) + ": ";
  for (int k = 0; k < op.arity; ++k)
    line += (k > 0 ? " and " : "") + text(memory_[std::size_t(t_->node[i].in[k])].shape);
  throw shape_error(line + " (" + describe(scope.left, t_->name) + " against " +
                    describe(scope.right, t_->name) + ")");
}

template <class Unit>
TENON_COLD bool binding<Unit>::infer(int i, const size_table& sizes) {
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

}  // namespace tenon::detail

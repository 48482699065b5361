// How a binding runs opaque ops: on arrays under strides, nests of one op at once.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Unit>
TENON_COLD void binding<Unit>::add_parts(int i) {
  const array_node& node = t_->node[i];
  for (int k = 0; k < t_->op[node.op].arity; ++k)
    if (const int x = node.in[k]; t_->step_of[x] == t_->step_of[i] && t_->base[x] == x)
      add_parts(x);
    else
      parts_.push_back(access(x));
}

template <class Unit>
TENON_COLD void binding<Unit>::run_opaque(int i) {
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

}  // namespace tenon::detail

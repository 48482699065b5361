// How a binding runs loops: carries change their two places after each step, slices and stacks move along.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Unit>
TENON_COLD void binding<Unit>::find_loops() {
  loops_.clear();
  for (int l = 0; l < t_->loops; ++l) {
    loop_state s;
    for (int i = t_->nodes - 1; i >= 0; --i) {
      if (!belongs(i, l)) continue;
      const array_node& node = t_->node[i];
      if (s.last_node == 0) s.last_node = i + 1;
      s.first_node = i;
      index n = -1;
      if (part(i) == loop_part::slice)
        n = at(node.in[0]).shape[0].size;
      else if (part(i) != loop_part::next && part(i) != loop_part::enter)
        n = node.attribute.a[2] >= 0 ? node.attribute.a[2]
            : t_->loop[l].flag       ? -1
                                     : at(node.in[1]).shape[0].size;
      if (n >= 0 && s.length >= 0 && n != s.length)
        throw shape_error("loop: arrays of " + std::to_string(s.length) + " and of " + std::to_string(n) +
                          " elements along their first axis");
      if (n >= 0) s.length = n;
    }
    loops_.push_back(s);
  }
}

template <class Unit>
void binding<Unit>::run_loop(int l) {
  const loop_row& row = t_->loop[l];
  loop_state& s = loops_[std::size_t(l)];
  const node_memory* flag = nullptr;
  each(l, loop_part::carry, [&](int i) {
    array_access to = access(i);
    copy_elements(access(t_->node[i].in[0]), to);
    if (row.flag && t_->node[i].attribute.a[1] == 0) flag = &at(i);
  });
  for (index step = 0; row.flag ? *flag->data != std::byte{0} : step < s.length; ++step) {
    s.position = row.reverse ? s.length - 1 - step : step;
    each(l, loop_part::stack, [&](int i) {
      const int x = t_->node[i].in[0];
      at(x).data = at(i).data + s.position * bytes_of(at(x).shape, t_->node[x].type);
    });
    refill(s.first_node, s.last_node, row.begin, row.end);
    run_steps(row.begin + 1, row.end);
    each(l, loop_part::next,
         [&](int i) { std::swap(at(t_->node[i].in[0]).data, at(t_->node[i].in[1]).data); });
  }
  each(l, loop_part::next, [&](int i) { copy_elements(access(t_->node[i].in[0]), access(i)); });
}

}  // namespace tenon::detail

// Watching an executor: a function that sees every value that the plan materialises, step by step.
//
//   monitor(ex, [](const observed& o) { std::printf("%s %s\n", o.name.c_str(), o.value.text().c_str()); });
#pragma once

#include "tenon/array/any_tensor.hpp"
#include "tenon/symbol/executor.hpp"

namespace tenon {

/// One value of a plan. Nodes that were fused into a kernel have none: only what goes to memory does. Bound
/// with passes::unfused, every node does.
struct observed {
  std::string name;  // the op and its number among the plan's nodes of that op: tanh0, matmul1
  const char* op;
  any_tensor value;  // a copy
  int step;          // which step of the plan made it
  bool backward;     // made by backward()
};

namespace detail {

template <class Unit, class F>
class calling_watcher : public step_watcher<Unit> {
 public:
  explicit calling_watcher(F f) : f_(std::move(f)) {}
  void run(binding<Unit>& bound, bool forward, bool backward) override {
    const plan_table& t = bound.table();
    const int first = forward ? t.prologue : t.forward, last = backward ? t.steps : t.forward;
    struct until_done {
      binding<Unit>& bound;
      ~until_done() { bound.keep_apart(false); }
    } const steps{bound};
    for (int q = first; q < last;) {
      const int after = bound.run_step(q);  // of a loop, what it leaves: its results
      for (int i = 0; i < t.nodes; ++i)
        if ((t.step_of[i] == q || t.step_of[i] == after - 1) && (t.stored[i] || is_output(t, i)) &&
            t.op[t.node[i].op].part != loop_part::carry)
          show(bound, i, q);
      q = after;
    }
  }

 private:
  static bool is_output(const plan_table& t, int i) {
    for (int o = 0; o < t.outputs; ++o)
      if (t.output[o] == i) return true;
    return false;
  }
  void show(const binding<Unit>& bound, int i, int q) {
    const plan_table& t = bound.table();
    const node_memory& m = bound.memory_of(i);
    const dtype type = t.node[i].type;
    if (m.data == nullptr) return;
    int number = 0;
    for (int k = 0; k < i; ++k) number += t.node[k].op == t.node[i].op;
    const index bytes = bytes_of(m.shape, type);
    storage copy(bytes);
    std::memcpy(copy.data(), m.data, std::size_t(bytes));
    index shape[max_rank];
    for (int a = 0; a < m.shape.rank; ++a) shape[a] = m.shape[a].size;
    const char* op = t.op[t.node[i].op].name;
    f_(observed{op + std::to_string(number), op,
                any_tensor::on(std::move(copy), type, {shape, std::size_t(m.shape.rank)}), q,
                q >= t.forward});
  }
  F f_;
};

}  // namespace detail

/// Calls f(observed) for each value that the executor's plans write to memory, from now on: outputs,
/// gradients, and what kernels hand to each other. While it is there, passes run step by step and copy.
template <class Graph, class Roots, class Values, class Options, class Unit, class F>
void monitor(executor<Graph, Roots, Values, Options, Unit>& ex, F f) {
  ex.watch(std::make_unique<detail::calling_watcher<Unit, F>>(std::move(f)));
}
/// Ends it.
template <class Graph, class Roots, class Values, class Options, class Unit>
void unmonitor(executor<Graph, Roots, Values, Options, Unit>& ex) {
  ex.watch(nullptr);
}

}  // namespace tenon

// One launch over many parameters: their elements, one array behind the other, are cut into tasks together.
//
// A task is a part of a large parameter or several small ones, each by the kernel of its rule. Rules are
// elementwise, so bits depend neither on the cut nor on threads.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "tenon/core/plain_list.hpp"
#include "tenon/core/storage.hpp"
#include "tenon/eval/cpu/threads.hpp"
#include "tenon/plan/plan.hpp"

namespace tenon::detail {

/// An update rule of one dtype: its kernel, and what that reads and writes. Arrays are 0, the parameter, 1,
/// its gradient, and then its states; the coefficients follow.
struct update_rule {
  static constexpr int most = 16, most_arrays = 6;
  const kernel_row* kernel = nullptr;
  index element_size = 0;
  int arrays = 0, loads = 0, outputs = 0;
  int flops = 0;  // for each element
  int load[most]{}, output[most]{};
  int coefficients = 0, rate = -1, decay = -1;  // which of them the learning rate and the weight decay scale
  void (*convert)(const double* coefficients, std::byte* to) = nullptr;  // number_size apart
  static constexpr index number_size = 8;
};

/// One parameter, as a launch takes it.
struct update_row {
  const update_rule* rule = nullptr;
  const void* parameter = nullptr;
  index size = 0;
  std::byte* array[update_rule::most_arrays]{};
  double rate = 1, decay = 1;  // times those of the launch
};

/// The rows of one launch, and where each begins among their elements; then where the last one ends.
struct update_batch {
  plain_list<int> row;
  plain_list<index> begin;
};

/// The parameters of a model with the states of their rule.
class update_rows {
 public:
  /// Row r from now on; the states of a parameter that was not there begin as zeros.
  void put(int r, const update_rule& rule, const void* parameter, index size, std::byte* w,
           const std::byte* gradient) {
    if (r >= count() || rows_[std::size_t(r)].parameter != parameter || rows_[std::size_t(r)].size != size ||
        rows_[std::size_t(r)].rule != &rule)
      begin(r, rule, parameter, size);
    rows_[std::size_t(r)].array[0] = w;
    set_gradient(r, gradient);
  }
  void set_gradient(int r, const std::byte* gradient) {
    rows_[std::size_t(r)].array[1] = const_cast<std::byte*>(gradient);  // read only
  }

  /// From now on row r is updated by so many times the learning rate and the weight decay.
  void scale(int r, double rate, double decay) {
    rows_[std::size_t(r)].rate = rate;
    rows_[std::size_t(r)].decay = decay;
  }

  /// The first n rows as one launch.
  void run_all(int n, const double* coefficients) {
    run_chosen(
        n, [](int) { return true; }, coefficients);
  }
  /// Those of the first n rows that are chosen, as one launch.
  template <class Chosen>
  void run_chosen(int n, Chosen chosen, const double* coefficients) {
    const int had = int(all_.row.size());
    int k = 0;
    bool same = all_.begin.size() != 0;
    for (int r = 0; r < n && same; ++r)
      if (chosen(r)) same = k < had && all_.row[std::size_t(k++)] == r;
    if (!same || k != had) {
      all_.row.clear();
      for (int r = 0; r < n; ++r)
        if (chosen(r)) all_.row.push_back(r);
      cut(all_);
    }
    run(all_, coefficients);
  }
  /// Says where a batch's rows begin. Anew after a size has changed.
  TENON_COLD void cut(update_batch& b) const {
    b.begin.clear();
    index at = 0;
    for (const int r : b.row) {
      b.begin.push_back(at);
      at += (rows_[std::size_t(r)].size + alignment - 1) / alignment * alignment;
    }
    b.begin.push_back(at);
  }
  /// Updates the rows of a batch. Throws nothing.
  void run(const update_batch& b, const double* coefficients) const {
    const index elements = b.begin[b.row.size()], parts = 4 * index(num_threads());
    const index grain = std::max(least_grain, (elements / parts + alignment - 1) / alignment * alignment);
    const launch l{rows_.data(), &b, coefficients, grain};
    host::parallel_for((elements + grain - 1) / grain, &task, &l);
  }

 private:
  /// Elements of a task, at least. Few tasks a thread, as bits allow here: then a thread mostly gets the
  /// elements of the step before. 1024 x 1024 by sgd on two threads took 95 us in tasks of 16384, and 49 us
  /// in eight.
  static constexpr index least_grain = 16384;
  static constexpr index alignment = 16;

  struct launch {
    const update_row* rows;
    const update_batch* batch;
    const double* coefficients;
    index grain;
  };
  /// A kernel's arguments: coefficients once for all rows of a rule, pointers for each.
  struct arguments {
    const update_rule* rule = nullptr;
    double rate = 1, decay = 1;
    fused_launch launch;
    // made as far as a rule has them: to set all of them to zero takes as long as to update 1000 elements
    union {
      operand_binding operand[update_rule::most];
    };
    union {
      output_binding output[update_rule::most];
    };
    alignas(8) std::byte number[update_rule::most * update_rule::number_size];

    arguments() {
      launch.operands = operand;
      launch.outputs = output;
    }
    void use(const update_rule& r, const double* coefficients) {
      rule = &r;
      rate = decay = 1;
      r.convert(coefficients, number);
      for (int i = 0; i < r.outputs; ++i) ::new (&output[i]) output_binding;
      for (int i = 0; i < r.loads; ++i) {
        ::new (&operand[i]) operand_binding;  // contiguous; of coefficients the first element is read
        if (r.load[i] >= r.arrays)
          operand[i].data = number + (r.load[i] - r.arrays) * update_rule::number_size;
      }
    }
    /// Coefficients for a row of the rule in use.
    void scale(const update_row& row, const double* coefficients) {
      double scaled[update_rule::most];
      std::copy_n(coefficients, rule->coefficients, scaled);
      if (rule->rate >= 0) scaled[rule->rate] *= row.rate;
      if (rule->decay >= 0) scaled[rule->decay] *= row.decay;
      rule->convert(scaled, number);
      rate = row.rate;
      decay = row.decay;
    }
    void run(const update_row& row, index from, index n, int worker) {
      for (int i = 0; i < rule->loads; ++i)
        if (rule->load[i] < rule->arrays)
          operand[i].data = row.array[rule->load[i]] + from * rule->element_size;
      for (int i = 0; i < rule->outputs; ++i)
        output[i].data = output[i].result = row.array[rule->output[i]] + from * rule->element_size;
      launch.columns = launch.columns_per_task = n;
      rule->kernel->run(&launch, 0, worker);
    }
  };

  static void task(const void* context, index number, int worker) {
    const launch& l = *static_cast<const launch*>(context);
    const index* const begin = l.batch->begin.data();
    const int rows = int(l.batch->row.size());
    index at = number * l.grain;
    const index end = std::min(at + l.grain, begin[rows]);
    int k = 0;  // the last row that begins at `at` or before
    for (int low = 1, high = rows; low < high;) {
      const int middle = (low + high) / 2;
      if (begin[middle] <= at)
        k = middle, low = middle + 1;
      else
        high = middle;
    }
    arguments a;
    for (; at < end; at = begin[++k]) {
      const update_row& row = l.rows[l.batch->row[std::size_t(k)]];
      if (row.rule != a.rule) a.use(*row.rule, l.coefficients);
      if (row.rate != a.rate || row.decay != a.decay) a.scale(row, l.coefficients);
      const index from = at - begin[k], most = end - at, left = row.size - from;
      if (left > 0) a.run(row, from, left < most ? left : most, worker);
    }
  }

  int count() const { return int(rows_.size()); }
  TENON_COLD TENON_NOINLINE void begin(int r, const update_rule& rule, const void* parameter, index size) {
    const index bytes = (size * rule.element_size + 63) / 64 * 64;
    storage states;
    if (rule.arrays > 2) {
      states = storage(bytes * (rule.arrays - 2));
      std::memset(states.data(), 0, std::size_t(bytes) * std::size_t(rule.arrays - 2));
    }
    if (r == count()) {
      states_.emplace_back();
      rows_.push_back({});
    }
    update_row& row = rows_[std::size_t(r)];
    row.rule = &rule;
    row.parameter = parameter;
    row.size = size;
    for (int a = 2; a < rule.arrays; ++a) row.array[a] = states.data() + (a - 2) * bytes;
    states_[std::size_t(r)] = std::move(states);
    all_.begin.clear();
  }

  plain_list<update_row> rows_;
  std::vector<storage> states_;
  update_batch all_;
};

}  // namespace tenon::detail

// A planned computation with its leaves and results: what eager derivatives, compiled functions and executors
// share.
#pragma once

#include "tenon/autodiff/trace.hpp"

namespace tenon::detail {

/// What is computed: a graph, its roots, which derivative, with respect to which leaves (nodes of the graph).
/// Split keeps forward and backward apart, so that they can be run one after the other. Rules: the set of
/// rewritings.
template <class Graph, class Roots, derive Kind, class Wrt, bool Split = false, unsigned Rules = pass::exact>
struct task {
  template <unsigned R>
  using with_rules = task<Graph, Roots, Kind, Wrt, Split, R>;
  using graph_type = Graph;
  using roots = Roots;
  using wrt = Wrt;
  static constexpr derive kind = Kind;
  static constexpr unsigned rules = Rules;
  template <class Unit>
  using plans_type = plans<Graph, Roots, Kind, Wrt, Split, Unit, Rules>;
  using leaves = typename leaves_of<Graph>::type;
  static constexpr int leaf_count = leaves::size;
  static constexpr int output_count = Roots::n + (Kind == derive::nothing     ? 0
                                                  : Kind == derive::tangent   ? 1
                                                  : Kind == derive::curvature ? 2 * Wrt::n
                                                                              : Wrt::n);
};

/// A task by a set of passes.
template <class Task, class Set>
struct task_by;
template <class Task, unsigned Bits>
struct task_by<Task, pass_set<Bits>> {
  using type = typename Task::template with_rules<Bits>;
};

/// The record of a model's parameter, lent: the model keeps its buffer, and its optimiser writes in place.
template <class T, class Shape>
leaf parameter_record(const void* p) {
  leaf l = static_cast<const basic_tensor<T, Shape>*>(p)->lent();
  l.parameter = p;
  return l;
}
/// Where the elements of a parameter are whose extents are all static: the rest of its record never changes.
template <class T, class Shape>
const void* parameter_data(const void* p) {
  return static_cast<const basic_tensor<T, Shape>*>(p)->flat();
}
struct parameter_reader {
  leaf (*record)(const void*) = nullptr;             // null: no parameter
  const void* (*fixed_data)(const void*) = nullptr;  // null: its extents may change
};
template <class Shape>
inline constexpr bool all_static = false;
template <class... D>
inline constexpr bool all_static<shape<D...>> = ((static_size<D> >= 0) && ...);
template <class Leaf>
constexpr parameter_reader reader_of() {
  using P = leaf_traits<Leaf>;
  parameter_reader r;
  if constexpr (P::parameter) {
    r.record = &parameter_record<typename P::element_type, typename P::shape_type>;
    if constexpr (all_static<typename P::shape_type>)
      r.fixed_data = &parameter_data<typename P::element_type, typename P::shape_type>;
  }
  return r;
}
template <class Leaves>
struct parameter_records;
template <class... L>
struct parameter_records<list<L...>> {
  static constexpr parameter_reader reader[sizeof...(L) + 1] = {reader_of<L>()..., parameter_reader{}};
};

template <class Task, class Unit = this_unit>
class runner {
 public:
  static constexpr int leaf_count = Task::leaf_count, output_count = Task::output_count;
  using tables = leaf_tables<typename Task::leaves>;

  // Kernels' arguments hold pointers into the binding's own lists: a copy is bound anew at its first run, and
  // so is what was moved from, which keeps its leaves.
  runner() = default;
  runner(const runner& other) : leaves_(other.leaves_), set_(other.set_) {}
  runner(runner&& other) : runner(static_cast<const runner&>(other)) { take_memory(other); }
  runner& operator=(runner other) {
    leaves_ = other.leaves_;
    set_ = other.set_;
    take_memory(other);
    return *this;
  }

  /// Puts an array behind leaf k. A new shape takes effect, and is checked, at the next run.
  TENON_NOINLINE void set(int k, leaf&& l) {
    leaf& old = leaves_[std::size_t(k)];
    bool same = bound_ && set_[std::size_t(k)];
    for (int a = 0; a < max_rank && same; ++a)
      same = old.extent[a] == l.extent[a] && old.stride[a] == l.stride[a];
    old = std::move(l);
    set_[std::size_t(k)] = true;
    if (same)
      binding_.move_leaf(k, old.first());
    else
      bound_ = false;
  }

  /// Whether an array is behind leaf k already; or its parameter, which refresh_parameters() finds again.
  bool holds(int k, const leaf& l) const {
    const leaf& old = leaves_[std::size_t(k)];
    if (!bound_ || !set_[std::size_t(k)]) return false;
    if (tables::parameter[k]) return old.parameter == l.parameter;
    if (l.data == nullptr || old.data != l.data || !(old.buffer == l.buffer)) return false;
    for (int a = 0; a < tables::rank[k]; ++a)
      if (old.extent[a] != l.extent[a] || old.stride[a] != l.stride[a]) return false;
    return true;
  }

  /// Puts an array of the caller's behind leaf k, for the next run alone: its elements are not kept alive.
  /// `lent` makes its record, which is not asked for while the array is where the last run found it.
  template <int Rank, class Lent>
  TENON_HOST_INLINE void lend(int k, const void* data, const index* extent, const index* stride, Lent lent) {
    const leaf& old = leaves_[std::size_t(k)];
    bool same = bound_ && old.data == data;
    for (int a = 0; a < Rank; ++a) same = same && old.extent[a] == extent[a] && old.stride[a] == stride[a];
    if (!same) set(k, lent());
  }

  /// The arrays that an expression holds itself: captured values, and parameters by reference.
  template <class E>
  void set_own(const E& e) {
    int own = 0;
    for (int k = 0; k < leaf_count; ++k) {
      if (!tables::own[k]) continue;
      if constexpr (E::leaf_count > 0) {
        leaf l = leaf_at(e, own++);
        if (tables::parameter[k]) l = parameter_records<typename Task::leaves>::reader[k].record(l.parameter);
        set(k, std::move(l));
      }
    }
  }
  /// Parameters may have moved to other buffers since the last run.
  void refresh_parameters() {
    for (int k = 0; k < leaf_count; ++k)
      if (tables::parameter[k]) {
        const leaf& old = leaves_[std::size_t(k)];
        const parameter_reader& reader = parameter_records<typename Task::leaves>::reader[k];
        if (!bound_ || reader.fixed_data == nullptr || reader.fixed_data(old.parameter) != old.data)
          set(k, reader.record(old.parameter));
      }
  }
  const void* parameter(int k) const { return leaves_[std::size_t(k)].parameter; }
  bool is_set(int k) const { return set_[std::size_t(k)]; }
  const leaf& at(int k) const { return leaves_[std::size_t(k)]; }

  /// Checks extents and makes memory, unless that was done. Throws shape_error and stays usable. Outputs
  /// before `first_output` hold results of this pass already.
  TENON_NOINLINE void prepare(int first_output = 0) {
    if (bound_) {
      for (int k = 0; k < leaf_count; ++k)  // captured numbers are in this object, which may have moved
        if (tables::own[k] && !tables::parameter[k]) binding_.move_leaf(k, leaves_[std::size_t(k)].first());
      for (int o = first_output; o < output_count; ++o) {
        storage& s = outputs_[std::size_t(o)];
        if (s.references() <= 1) continue;
        // somebody keeps the last result, which stays as it is; the one before may have been let go
        std::swap(s, spare_[std::size_t(o)]);
        if (s.references() != 1)
          s = storage(bytes_of(binding_.shape_of_output(o), binding_.type_of_output(o)));
        binding_.move_output(o, s.data());
      }
      return;
    }
    resolve();
    place(output_count);
  }
  bool is_bound() const { return bound_; }
  /// The halves of the first `prepare`: extents are checked, and memory is made. Outputs from `buffers` on
  /// get none of their own, for who uses them while the plan runs.
  void resolve() {
    const leaf* pointers[leaf_count + 1]{};
    for (int k = 0; k < leaf_count; ++k) pointers[k] = &leaves_[std::size_t(k)];
    Task::template plans_type<Unit>::resolve(binding_, pointers);
  }
  void place(int buffers) {
    std::byte* to[output_count + 1]{};
    for (int o = 0; o < buffers; ++o) {
      spare_[std::size_t(o)] = storage();
      outputs_[std::size_t(o)] = storage(bytes_of(binding_.shape_of_output(o), binding_.type_of_output(o)));
      to[o] = outputs_[std::size_t(o)].data();
    }
    binding_.place(to);
    bound_ = true;
  }

  void run() {
    prepare();
    binding_.run();
  }
  binding<Unit>& bound() { return binding_; }
  const binding<Unit>& bound() const { return binding_; }

  /// Lets go of arguments and results, for a runner that waits to be used again.
  void release() {
    for (leaf& l : leaves_) l.buffer = storage();
    for (storage& s : outputs_) s = storage();
    for (storage& s : spare_) s = storage();
    bound_ = false;
  }

  template <class T, class Shape>
  basic_tensor<T, Shape> output(int o) const {
    return basic_tensor<T, Shape>::on(outputs_[std::size_t(o)], binding_.shape_of_output(o));
  }
  const storage& output_buffer(int o) const { return outputs_[std::size_t(o)]; }

 private:
  void take_memory(runner& other) {
    outputs_ = std::move(other.outputs_);
    spare_ = std::move(other.spare_);
    binding_ = std::exchange(other.binding_, binding<Unit>());
    bound_ = std::exchange(other.bound_, false);
  }

  std::array<leaf, std::size_t(leaf_count) + 1> leaves_;
  std::array<bool, std::size_t(leaf_count) + 1> set_{};
  std::array<storage, std::size_t(output_count) + 1> outputs_, spare_;
  binding<Unit> binding_;
  bool bound_ = false;
};

template <class Task, class Unit>
runner<Task, Unit>& eager_runner() {
  static thread_local runner<Task, Unit> r;
  return r;
}

}  // namespace tenon::detail

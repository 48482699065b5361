// A planned computation whose arrays all are small, run as straight code: what compiled functions and eager
// derivatives use in place of a runner, where it can.
#pragma once

#include "tenon/autodiff/runner.hpp"

namespace tenon::detail {

/// Whether leaves are small arrays, and none a model's parameter.
template <class Leaves>
inline constexpr bool small_arguments = false;
template <class... L>
inline constexpr bool small_arguments<list<L...>> =
    ((!leaf_traits<L>::parameter &&
      is_small<typename leaf_traits<L>::element_type, typename leaf_traits<L>::shape_type>)&&...);

template <class Task, class Unit>
struct task_passes;
template <class Graph, class Roots, derive Kind, class Wrt, bool Split, unsigned Rules, class Unit>
struct task_passes<task<Graph, Roots, Kind, Wrt, Split, Rules>, Unit> {
  using code = host::straight<passes<Graph, Roots, Kind, Wrt, dynamic_extents::equal, Rules>, Unit>;
  static constexpr bool possible = (Rules & pass::unfused) == 0 && code::possible;
};
/// Whether a task can run as straight code. (The passes are not asked of tasks that are not small.)
template <class Task, class Unit, bool = small_arguments<typename Task::leaves>>
inline constexpr bool is_straight = false;
template <class Task, class Unit>
inline constexpr bool is_straight<Task, Unit, true> = task_passes<Task, Unit>::possible;

/// Whether X is what leaf L reads, element by element.
template <class L, class X>
inline constexpr bool reads_block = false;
template <class L, class T, class Shape>
inline constexpr bool reads_block<L, basic_tensor<T, Shape>> =
    std::is_same_v<T, typename leaf_traits<L>::element_type>&&
        std::is_same_v<Shape, typename leaf_traits<L>::shape_type>;
/// Whether arguments X of a call are the small tensors that a task's leaves stand for; extra ones stand for
/// seeds and tangents.
template <class Leaves, int First, class... X>
struct straight_arguments;
template <class... L, int First, class... X>
struct straight_arguments<list<L...>, First, X...> {
  template <class One>
  static constexpr bool fits() {
    constexpr int k = leaf_traits<One>::argument;
    if constexpr (k < First || k >= First + int(sizeof...(X)))
      return true;
    else
      return reads_block<One, at<k - First, list<X...>>>;
  }
  static constexpr bool value = (fits<L>() && ...);
};
template <class Task, bool Straight, class... X>
inline constexpr bool runs_straight_if = false;
template <class Task, class... X>
inline constexpr bool runs_straight_if<Task, true, X...> =
    straight_arguments<typename Task::leaves, 0, X...>::value;
template <class Task, class Unit, class... X>
inline constexpr bool runs_straight = runs_straight_if<Task, is_straight<Task, Unit>, X...>;

/// The elements of a task's leaves: arguments', what `own(k)` gives of what was captured, extra ones'.
template <class Task, class Own, class Arguments, class Extra>
struct straight_source {
  const Own& own;
  const Arguments& arguments;
  const Extra& extra;

  template <int K>
  TENON_HOST_INLINE const auto* at() const {
    using L = leaf_traits<tenon::at<K, typename Task::leaves>>;
    if constexpr (L::argument >= first_extra_argument)
      return std::get<L::argument - first_extra_argument>(extra).flat();
    else if constexpr (L::argument >= 0)
      return std::get<L::argument>(arguments).flat();
    else
      return static_cast<const typename L::element_type*>(own(K));
  }
};

template <int O, class T, index N>
struct output_block {
  small_block<T, N> block;
};
/// What a task gave, under the names of a runner.
template <class Code, class Indices = std::make_integer_sequence<int, Code::graph.output_count>>
struct straight_outputs;
template <class Code, int... O>
struct straight_outputs<Code, std::integer_sequence<int, O...>>
    : output_block<O, typename Code::template element<Code::graph.outputs[O]>,
                   Code::template size<Code::graph.outputs[O]>>... {
  template <int I, class T, index N>
  static TENON_HOST_INLINE small_block<T, N>& block_of(output_block<I, T, N>& b) {
    return b.block;
  }
  struct target {
    straight_outputs& all;
    template <int I>
    TENON_HOST_INLINE auto* to() const {
      return block_of<I>(all).v;
    }
  };
  template <class T, class Shape>
  TENON_HOST_INLINE basic_tensor<T, Shape> output(int o) {
    const small_block_of<T, Shape>* found = nullptr;
    const auto look = [&]<int I, class U, index N>(const output_block<I, U, N>& b) {
      if constexpr (std::is_same_v<small_block<U, N>, small_block_of<T, Shape>>)
        if (I == o) found = &b.block;
    };
    (look.template operator()<O>(*this), ...);
    return basic_tensor<T, Shape>::holding(*found);
  }
};

/// Runs a task on arguments and extra ones, tuples of references to tensors.
template <class Task, class Unit, class Own, class Arguments, class Extra>
TENON_HOST_INLINE auto run_straight(const Own& own, const Arguments& arguments, const Extra& extra) {
  using code = typename task_passes<Task, Unit>::code;
  straight_outputs<code> r;
  code::run(straight_source<Task, Own, Arguments, Extra>{own, arguments, extra},
            typename straight_outputs<code>::target{r});
  return r;
}

/// What a traced expression captured, for run_straight.
template <class Task, class E>
struct captured_by {
  const E& e;
  const void* operator()(int k) const {
    using tables = leaf_tables<typename Task::leaves>;
    int place = 0;
    for (int i = 0; i < k; ++i) place += tables::own[i];
    if constexpr (E::leaf_count > 0)
      return e.leaves[place].first();
    else
      return nullptr;
  }
};

}  // namespace tenon::detail

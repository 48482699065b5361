// What shapes and dtypes the variables and outputs of an expression have, from a few given ones.
//
//   infer_shape(e, arg<"x"> = {32, 784})              all of them, or shape_error
//   infer_shape_partial(e, extent_of<"batch"> = 32)   -1 where an extent is not determined
#pragma once

#include <string>
#include <vector>

#include "tenon/autodiff/runner.hpp"
#include "tenon/symbol/given.hpp"
#include "tenon/symbol/shape_solver.hpp"

namespace tenon {

/// The shape of one variable or output.
struct shape_entry {
  std::string name;
  std::vector<index> shape;  // -1: not determined
  bool operator==(const shape_entry&) const = default;
};
/// What infer_shape finds, each list in the order of list_arguments, list_outputs, list_auxiliary_states.
struct inferred_shapes {
  std::vector<shape_entry> arguments, outputs, states;
  bool complete = true;  // every extent is determined

  /// The shape of an argument or state. Throws usage_error for a name that is not there.
  const std::vector<index>& of(const std::string& name) const {
    for (const auto* list : {&arguments, &states, &outputs})
      for (const shape_entry& e : *list)
        if (e.name == name) return e.shape;
    throw usage_error("infer_shape: there is no variable \"" + name + "\" in this graph");
  }
};

/// The dtype of one variable or output.
struct dtype_entry {
  std::string_view name;
  dtype type;
  bool operator==(const dtype_entry&) const = default;
};
template <std::size_t Arguments, std::size_t Outputs, std::size_t States>
struct inferred_dtypes {
  std::array<dtype_entry, Arguments> arguments;
  std::array<dtype_entry, Outputs> outputs;
  std::array<dtype_entry, States> states;
};

namespace detail {

/// The shape problem of a task's graph, as its usual plan has it, or as the plan for broadcasting dynamic
/// extents has it. No kernel is instantiated for it.
template <class Task, class Unit>
struct shape_problems {
  using usual = typename Task::template plans_type<Unit>::usual;
  using names = named_leaf_tables<typename Task::leaves>;
  template <class Plan>
  static shape_problem of() {
    using world = typename Plan::world;
    const auto& g = Plan::graph;
    return {g.node,
            g.n,
            g.shape,
            Plan::ops.at,
            Plan::leaves.at,
            Plan::leaves.n,
            g.outputs,
            g.output_shape,
            g.output_count,
            text_of<typename world::names>::value,
            world::names::size,
            g.dynamics,
            names::texts};
  }
  /// Calls give(solver), solves, and then read(solver); with the second plan where the first does not fit.
  /// False where neither does.
  template <class Give, class Read>
  static bool solve(const char* who, Give give, Read read) {
    {
      const shape_problem p = of<usual>();
      shape_solver s(p, who);
      give(s);
      if (s.solve()) return read(s), true;
    }
    if constexpr (Task::template plans_type<Unit>::dynamic) {
      using any = plan<passes<typename Task::graph_type, typename Task::roots, Task::kind, typename Task::wrt,
                              dynamic_extents::any>,
                       host::backend<Unit>, false>;
      const shape_problem p = of<any>();
      shape_solver s(p, who);
      give(s);
      if (s.solve()) return read(s), true;
    }
    return false;
  }
};
[[noreturn]] TENON_COLD inline void throw_misfit(const char* who) {
  throw shape_error(std::string(who) + ": the extents of this expression do not fit");
}

/// What a user gives of one variable: a shape, an array's shape, or the size of a name.
template <class Names, class Name>
void give_shape(shape_solver& s, const named_shape<Name>& g) {
  (void)sizeof(typename Names::template by_name<Name>::check);
  constexpr int k = Names::template by_name<Name>::leaf;
  s.give(k, g.extent, g.rank);
}
template <class Names, class Name, class Tensor>
void give_shape(shape_solver& s, const named_value<Name, Tensor>& g) {
  (void)sizeof(typename Names::template by_name<Name>::check);
  constexpr int k = Names::template by_name<Name>::leaf;
  s.give(k, (g.shared != nullptr ? *g.shared : g.own).shape().data(), Tensor::rank);
}
template <class Names, class Name>
void give_shape(shape_solver& s, const named_size<Name>& g) {
  const index n = g.index_value();
  if (n < 0)
    throw shape_error("extent_of: \"" + std::string(Name::text) + "\" cannot be " + std::to_string(n));
  if (!s.give_name(Name::text, n))
    throw usage_error("extent_of: this graph has no extent \"" + std::string(Name::text) + "\"; it has " +
                      s.extent_names());
}
template <class Names, class X>
void give_shape(shape_solver&, const X&) {
  (void)sizeof(arguments_are_named<!std::is_same_v<X, X>>);
}

inline std::vector<index> sizes_of(const extents& e) {
  std::vector<index> v;
  for (int a = 0; a < e.rank; ++a) v.push_back(e[a].size);
  return v;
}

template <class E>
using outputs_task = task<typename E::graph_type, typename outputs_of<E>::places, derive::nothing, places<>>;

template <class Group, class Unit, class... Given>
inferred_shapes infer_shapes(const char* who, const Given&... given) {
  using of = group_of<Group>;
  using t = outputs_task<of>;
  using names = named_leaf_tables<typename t::leaves>;
  inferred_shapes r;
  const bool fits = shape_problems<t, Unit>::solve(
      who, [&](shape_solver& s) { (give_shape<names>(s, given), ...); },
      [&](const shape_solver& s) {
        for (int k = 0; k < names::n; ++k) {
          if (!names::named[k]) continue;
          const extents e = s.of_leaf(k);
          r.complete = r.complete && shape_solver::known(e);
          (names::state[k] ? r.states : r.arguments).push_back({names::text(k), sizes_of(e)});
        }
        const auto outputs = output_names<of>();
        for (int o = 0; o < int(outputs.size()); ++o) {
          r.complete = r.complete && shape_solver::known(s.of_output(o));
          r.outputs.push_back({std::string(outputs[std::size_t(o)]), sizes_of(s.of_output(o))});
        }
      });
  if (!fits) throw_misfit(who);
  return r;
}

template <class Of>
constexpr auto dtypes_of() {
  using tables = named_leaf_tables<typename leaves_of<typename Of::graph_type>::type>;
  using outputs = outputs_of<Of>;
  inferred_dtypes<std::size_t(tables::count(false)), std::size_t(outputs::count),
                  std::size_t(tables::count(true))>
      r{};
  for (int i = 0; i < tables::count(false); ++i)
    r.arguments[std::size_t(i)] = {tables::text(tables::nth(i, false)), tables::type[tables::nth(i, false)]};
  for (int i = 0; i < tables::count(true); ++i)
    r.states[std::size_t(i)] = {tables::text(tables::nth(i, true)), tables::type[tables::nth(i, true)]};
  const auto names = output_names<Of>();
  [&]<class... E>(list<E...>) {
    std::size_t o = 0;
    ((r.outputs[o] = {names[o], dtype_of<typename E::value_type>}, ++o), ...);
  }(typename outputs::values{});
  return r;
}

}  // namespace detail

/// The shapes of all variables, outputs and states of an expression or group, as far as what is given
/// determines them; -1 elsewhere. Given are shapes arg<"x"> = {32, 784}, where -1 says nothing of an extent,
/// arrays arg<"x"> = x, and sizes extent_of<"batch"> = 32. Throws shape_error, naming op and variables, where
/// they do not fit.
template <class E, class... Given, class Unit = this_unit>
inferred_shapes infer_shape_partial(const E&, const Given&... given) {
  return detail::infer_shapes<detail::symbol_type<E>, Unit>("infer_shape_partial", given...);
}
/// The same; throws shape_error naming what is not determined.
template <class E, class... Given, class Unit = this_unit>
inferred_shapes infer_shape(const E&, const Given&... given) {
  inferred_shapes r = detail::infer_shapes<detail::symbol_type<E>, Unit>("infer_shape", given...);
  if (r.complete) return r;
  std::string open;
  for (const auto* list : {&r.arguments, &r.states, &r.outputs})
    for (const shape_entry& e : *list)
      for (const index n : e.shape)
        if (n < 0) {
          open += (open.empty() ? "\"" : ", \"") + e.name + "\"";
          break;
        }
  throw shape_error("infer_shape: extents are not determined of " + open +
                    "; give their shapes, or extent_of<...>");
}

/// The dtypes of all variables, outputs and states: a dtype is part of a variable's type, so all are known
/// when the program is compiled, and misfits are compile errors where an operator is applied.
template <class E>
constexpr auto infer_dtype(const E&) {
  return detail::dtypes_of<detail::group_of<detail::symbol_type<E>>>();
}

}  // namespace tenon

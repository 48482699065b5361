// How optimisers change parameters: a rule, written in the library's operators, traced once per dtype and run
// as one fused kernel over each parameter, in place.
#pragma once

#include <list>

#include "tenon/autodiff/gradients.hpp"
#include "tenon/autodiff/runner.hpp"
#include "tenon/symbol/group.hpp"

namespace tenon::detail {

/// The update of all parameters of one model by one rule.
///
/// Rule::update(w, g, s, c) gives a group of the new parameter and the new states; s is a list of
/// Rule::states arrays like w that begin as zeros, c a list of Rule::coefficients numbers.
template <class Rule, class Unit>
class updater {
 public:
  using numbers = std::array<double, Rule::coefficients>;

  updater() = default;
  updater(updater&&) = default;  // not copied: two would change the same states
  updater& operator=(updater&&) = default;

  /// Checks everything, then changes every parameter of the model. Throws usage_error and changes nothing
  /// where a parameter has no gradient.
  template <class Model>
  void step(Model& model, const model_gradients& gradients, const numbers& coefficients) {
    for_each_parameter(model, [&](auto& p) {
      if (gradients.find(&p) == nullptr) refuse(p.record(), p.rank);
    });
    auto c = cells_.begin();
    for_each_parameter(model, [&](auto& p) {
      using T = typename std::remove_cvref_t<decltype(p)>::value_type;
      if (c == cells_.end()) c = cells_.emplace(c);
      update<T>(*c++, reinterpret_cast<std::byte*>(p.own()), p.size(), &p, gradients.find(&p)->buffer,
                coefficients);
    });
  }

 private:
  [[noreturn]] TENON_NOINLINE static void refuse(const leaf& parameter, int rank) {
    throw usage_error("optimiser: a parameter of shape " + describe(extents_of_leaf(parameter, rank)) +
                      " has no gradient; was the model part of the differentiated function?");
  }
  static constexpr int arrays = 2 + Rule::states, leaves = arrays + Rule::coefficients;

  struct cell {
    const void* parameter = nullptr;
    index size = -1;
    std::array<leaf, leaves> leaf_of;
    std::array<storage, Rule::states + 1> state;
    binding<Unit> bound;
  };

  template <class T, int... S, int... C>
  static auto trace_rule(std::integer_sequence<int, S...>, std::integer_sequence<int, C...>) {
    using vector = shape<named<'n'>>;
    return Rule::update(argument<0, T, vector>{}, argument<1, T, vector>{}, argument<2 + S, T, vector>{}...,
                        argument<arrays + C, T, shape<>>{}...);
  }
  template <class T>
  using traced = decltype(trace_rule<T>(std::make_integer_sequence<int, Rule::states>{},
                                        std::make_integer_sequence<int, Rule::coefficients>{}));
  template <class T>
  using rule_task = task<typename group_of<traced<T>>::graph_type, typename group_of<traced<T>>::roots,
                         derive::nothing, places<>>;

  /// States begin as zeros, and everything is bound.
  template <class T>
  TENON_COLD static void begin(cell& c, std::byte* w, index n, const void* parameter,
                               const storage& gradient) {
    using tables = leaf_tables<typename rule_task<T>::leaves>;
    const auto data_of = [&](int argument) -> std::byte* {
      return argument == 0 ? w : argument == 1 ? gradient.data() : c.state[std::size_t(argument - 2)].data();
    };
    c.parameter = parameter;
    c.size = n;
    for (int s = 0; s < Rule::states; ++s) {
      c.state[std::size_t(s)] = storage(n * index(sizeof(T)));
      std::memset(c.state[std::size_t(s)].data(), 0, std::size_t(n) * sizeof(T));
    }
    const leaf* pointers[leaves + 1]{};
    for (int k = 0; k < tables::n; ++k) {
      leaf& l = c.leaf_of[std::size_t(tables::argument[k])];
      if (tables::argument[k] < arrays) {
        l.data = data_of(tables::argument[k]);
        l.extent[0] = n;
        l.stride[0] = 1;
      }
      pointers[k] = &l;
    }
    rule_task<T>::template plans_type<Unit>::resolve(c.bound, pointers);
    std::byte* to[1 + Rule::states];
    for (int o = 0; o <= Rule::states; ++o) to[o] = data_of(o == 0 ? 0 : o + 1);
    c.bound.place(to);
  }

  template <class T>
  static void update(cell& c, std::byte* w, index n, const void* parameter, const storage& gradient,
                     const numbers& coefficients) {
    using tables = leaf_tables<typename rule_task<T>::leaves>;
    for (int i = 0; i < Rule::coefficients; ++i) {
      const T value = static_cast<T>(coefficients[std::size_t(i)]);
      std::memcpy(c.leaf_of[std::size_t(arrays + i)].number, &value, sizeof(T));
    }
    if (c.parameter != parameter || c.size != n) begin<T>(c, w, n, parameter, gradient);
    for (int k = 0; k < tables::n; ++k)
      if (tables::argument[k] < 2) c.bound.move_leaf(k, tables::argument[k] == 0 ? w : gradient.data());
    c.bound.move_output(0, w);
    c.bound.run();
  }

  std::list<cell> cells_;  // one for each parameter, in their order
};

}  // namespace tenon::detail

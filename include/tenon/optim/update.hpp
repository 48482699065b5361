// How optimisers change parameters: a rule, written in the library's operators, traced once per dtype and run
// as one fused kernel over each parameter, in place.
#pragma once

#include <memory>
#include <vector>

#include "tenon/autodiff/gradients.hpp"
#include "tenon/symbol/executor.hpp"

namespace tenon::detail {

/// The update of all parameters of one model by one rule.
///
/// Rule::update(w, g, s, c) gives a group of the new parameter and the new states; s is a list of
/// Rule::states arrays like w that begin as zeros, c a list of Rule::coefficients numbers.
template <class Rule, class Unit>
class updater {
 public:
  using numbers = std::array<double, Rule::coefficients>;

  /// Checks everything, then changes every parameter of the model. Throws usage_error and changes nothing
  /// where a parameter has no gradient.
  template <class Model>
  void step(Model& model, const model_gradients& gradients, const numbers& c) {
    for_each_parameter(model, [&](auto& p) {
      if (gradients.find(&p) == nullptr)
        throw usage_error("optimiser: a parameter of shape " + describe(extents_of_leaf(p.record(), p.rank)) +
                          " has no gradient; was the model part of the differentiated function?");
    });
    std::size_t k = 0;
    for_each_parameter(model, [&](auto& p) {
      if (k == cells_.size()) cells_.push_back(std::make_unique<cell>());
      using T = typename std::remove_cvref_t<decltype(p)>::value_type;
      update<T>(*cells_[k++], reinterpret_cast<std::byte*>(p.own()), p.size(), &p, gradients.find(&p)->buffer,
                c);
    });
  }

 private:
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

  template <class T>
  static void update(cell& c, std::byte* w, index n, const void* parameter, const storage& gradient,
                     const numbers& coefficients) {
    using tables = leaf_tables<typename rule_task<T>::leaves>;
    for (int i = 0; i < Rule::coefficients; ++i) {
      const T value = static_cast<T>(coefficients[std::size_t(i)]);
      std::memcpy(c.leaf_of[std::size_t(arrays + i)].number, &value, sizeof(T));
    }
    const auto data_of = [&](int argument) -> std::byte* {
      return argument == 0 ? w : argument == 1 ? gradient.data() : c.state[std::size_t(argument - 2)].data();
    };
    if (c.parameter != parameter || c.size != n) {
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
    for (int k = 0; k < tables::n; ++k)
      if (tables::argument[k] < 2) c.bound.move_leaf(k, data_of(tables::argument[k]));
    c.bound.move_output(0, w);
    c.bound.run();
  }

  std::vector<std::unique_ptr<cell>> cells_;
};

}  // namespace tenon::detail

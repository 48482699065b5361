// update(ex, opt): an optimiser's step on the variables of an executor, by the multipliers of their attributes.
//
//   auto ex = simple_bind(loss, cpu(0), extent_of<"batch"> = 32, attr<"b"> = {.lr_mult = 2, .wd_mult = 0});
//   optim::sgd opt{.lr = 0.1, .momentum = 0.9, .weight_decay = 1e-4};
//   ex.forward(mode::train, arg<"x"> = x);   ex.backward();   update(ex, opt);
#pragma once

#include "tenon/optim/sgd.hpp"
#include "tenon/symbol/training.hpp"

namespace tenon {

/// An optimiser: it has a learning rate, and makes steps.
template <class O>
concept optimiser = requires(O& o) {
  o.lr;
  o.next([](auto&, const auto&) {});
};

/// Changes every variable that has a gradient, and whose request is not null, by an optimiser: one launch
/// over all, with the learning rate times a variable's lr_mult and the weight decay times its wd_mult. The
/// optimiser keeps what it remembers of variables by their place in the graph, so one object trains one
/// graph; models in it are trained by `opt.step(model, ex.gradients())` of another one. Throws usage_error
/// before backward() and for variables that are shared by ref(), and then changes nothing.
template <class G, class R, class V, class O, class U, optimiser Optimiser>
void update(executor<G, R, V, O, U>& ex, Optimiser& opt) {
  using E = executor<G, R, V, O, U>;
  using names = typename E::leaf_names;
  if (!ex.has_gradients()) throw usage_error("update: no gradient was computed; call backward() first");
  const auto changes = [&](int k) {
    return names::named[k] && E::gradient_of(k) >= 0 && ex.request_of(k) != grad_req::null;
  };
  const std::string shared = detail::listed<names>([&](int k) { return changes(k) && ex.is_shared(k); });
  if (!shared.empty())
    throw usage_error("update: " + shared +
                      " shared by ref() cannot be updated; change the arrays themselves");
  opt.next([&](auto& rule, const auto& numbers) {
    bool chosen[names::n + 1]{};
    int rows = 0;
    const auto put = [&]<int k>(std::integral_constant<int, k>) {
      if constexpr (names::named[k] && E::gradient_of(k) >= 0) {
        using T = typename detail::leaf_traits<at<k, typename E::leaf_types>>::element_type;
        chosen[rows] = changes(k);
        if (chosen[rows]) detail::change_cell<k>(ex, [](auto& w) { (void)w.own(); });  // held by nobody else
        const std::byte* const g = chosen[rows] ? ex.gradient_buffer(E::gradient_of(k)).data() : nullptr;
        rule.template put_array<T>(rows, names::texts + k, ex.elements_of(k), ex.data_of(k), g);
        rule.rows.scale(rows++, ex.attributes_of(k).lr_mult, ex.attributes_of(k).wd_mult);
      }
    };
    [&]<int... K>(std::integer_sequence<int, K...>) { (put(std::integral_constant<int, K>{}), ...); }
    (std::make_integer_sequence<int, names::n>{});
    rule.rows.run_chosen(
        rows, [&](int r) { return chosen[r]; }, numbers.data());
  });
}

}  // namespace tenon

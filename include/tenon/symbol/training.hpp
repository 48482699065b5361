// Variables of executors that are trained: how they begin, and how gradients change them.
#pragma once

#include <cmath>

#include "tenon/array/random.hpp"
#include "tenon/symbol/executor.hpp"

namespace tenon {

namespace detail {

template <class T>
void fill_initial(T* to, const extents& shape, index n, const initial& how, generator& g) {
  const auto write = [&](const auto& random, double scale, double shift) {
    for (index i = 0; i < n; ++i) to[i] = static_cast<T>(scale * double(random.flat()[i]) + shift);
  };
  const double in = shape.rank > 0 ? double(shape[0].size) : 1,
               out = shape.rank > 0 ? double(shape[shape.rank - 1].size) : 1;
  const double glorot = std::sqrt(6 / std::max(in + out, 1.0));
  switch (how.how) {
    case initial::kind::none:
      return;
    case initial::kind::constant:
      for (index i = 0; i < n; ++i) to[i] = static_cast<T>(how.a);
      return;
    case initial::kind::uniform:
      return write(uniform<double>(g, n), how.b - how.a, how.a);
    case initial::kind::normal:
      return write(normal<double>(g, n), how.b, how.a);
    case initial::kind::glorot_uniform:
      return write(uniform<double>(g, n), 2 * glorot, -glorot);
    case initial::kind::glorot_normal:
      return write(normal<double>(g, n), glorot / std::sqrt(3.0), 0);
  }
}

/// The array behind leaf K as a tensor that holds the buffer alone where it can, and back.
template <int K, class Executor, class F>
void change_cell(Executor& ex, F&& f) {
  using L = leaf_traits<at<K, typename Executor::leaf_types>>;
  using Tensor = basic_tensor<typename L::element_type, typename L::shape_type>;
  if (ex.is_shared(K))
    throw usage_error(std::string("update: \"") + Executor::leaf_names::text(K) +
                      "\" is shared by ref(); change the array itself");
  leaf cell = ex.take_cell(K);
  Tensor w = [&] {
    if constexpr (Tensor::inside) {
      return Tensor::gathered(cell);
    } else {
      argument_expression<typename L::element_type, typename L::shape_type> e;
      e.leaves[0] = std::move(cell);
      return Tensor(std::move(e));
    }
  }();
  // whatever f throws, the executor has its array
  struct give_back {
    Executor& ex;
    Tensor& w;
    leaf& cell;
    ~give_back() {
      if constexpr (Tensor::inside)  // into the cell's own memory, if nobody else holds it
        if (cell.buffer.references() == 1 && !cell.buffer.pinned() && cell.data == cell.buffer.data()) {
          std::memcpy(cell.buffer.data(), w.flat(), std::size_t(w.size()) * sizeof(*w.flat()));
          ex.return_cell(K, std::move(cell));
          return;
        }
      ex.return_cell(K, w.captured());
    }
  } guard{ex, w, cell};
  f(w);
}

}  // namespace detail

/// Gives every floating-point variable and state that has an initialiser (attr<"w"> = {.init = ...}) its
/// first values, in the order of list_arguments, then of list_auxiliary_states. Throws usage_error where one
/// of them has no array yet; see simple_bind.
template <class G, class R, class V, class O, class U>
void initialise(executor<G, R, V, O, U>& ex, generator& g) {
  using E = executor<G, R, V, O, U>;
  using names = typename E::leaf_names;
  const auto starts = [&](int k) {
    return names::named[k] && names::floating[k] && ex.attributes_of(k).init.how != initial::kind::none;
  };
  const std::string missing = detail::listed<names>([&](int k) { return starts(k) && !ex.is_given(k); });
  if (!missing.empty()) throw usage_error("initialise: no array was given for " + missing);
  [&]<int... K>(std::integer_sequence<int, K...>) {
    const auto one = [&]<int k>(std::integral_constant<int, k>) {
      if constexpr (names::named[k] && names::floating[k]) {
        if (!starts(k)) return;
        detail::change_cell<k>(ex, [&](auto& w) {
          extents shape;
          for (const index n : w.shape()) shape[shape.rank++] = static_dim(n);
          detail::fill_initial(w.own(), shape, w.size(), ex.attributes_of(k).init, g);
        });
      }
    };
    (one(std::integral_constant<int, K>{}), ...);
  }
  (std::make_integer_sequence<int, names::n>{});
}

/// Calls f(w, gradient, attributes) for each variable that has a gradient, in the order of list_arguments;
/// what f assigns to w is the variable's new value:
///
///   update(ex, [](auto& w, const auto& g, const variable_attributes& a) { w -= float(0.1 * a.lr_mult) * g;
///   });
///
/// Throws usage_error before backward(), and for a variable that is shared by ref().
template <class G, class R, class V, class O, class U, class F>
void update(executor<G, R, V, O, U>& ex, F&& f) {
  using E = executor<G, R, V, O, U>;
  using names = typename E::leaf_names;
  if (!ex.has_gradients()) throw usage_error("update: no gradient was computed; call backward() first");
  [&]<int... K>(std::integer_sequence<int, K...>) {
    const auto one = [&]<int k>(std::integral_constant<int, k>) {
      if constexpr (names::named[k] && E::gradient_of(k) >= 0) {
        using L = detail::leaf_traits<at<k, typename E::leaf_types>>;
        if (ex.request_of(k) == grad_req::null) return;
        const auto gradient = basic_tensor<typename L::element_type, typename L::shape_type>::on(
            ex.gradient_buffer(E::gradient_of(k)), ex.gradient_shape(E::gradient_of(k)));
        detail::change_cell<k>(ex, [&](auto& w) { f(w, gradient, ex.attributes_of(k)); });
      }
    };
    (one(std::integral_constant<int, K>{}), ...);
  }
  (std::make_integer_sequence<int, names::n>{});
}

}  // namespace tenon

// Layers: dense, activations as types, and sequential, which checks widths between layers at compile time.
#pragma once

#include "tenon/nn/parameter.hpp"
#include "tenon/ops/composite.hpp"

namespace tenon::nn {

namespace detail {
template <extent Name>
struct layer_name {
  using type = spelled<Name>;
};
template <>
struct layer_name<extent(0)> {
  using type = void;
};
}  // namespace detail

/// y = x W + b: [..., In] -> [..., Out] for x of rank 2. Weights of a named layer are told apart from those
/// of an equal layer that reads the same input: nn::dense<64, 64, "query">.
template <index In, index Out, extent Name = extent(0), class T = float>
struct dense {
  basic_parameter<T, shape<tenon::size<In>, tenon::size<Out>>, typename detail::layer_name<Name>::type>
      weight;
  basic_parameter<T, shape<tenon::size<Out>>, typename detail::layer_name<Name>::type> bias;

  auto operator()(const auto& x) const { return matmul(x, weight) + bias; }
};

/// Activations as layers without parameters, elementwise.
struct relu {
  auto operator()(const auto& x) const { return tenon::relu(x); }
};
struct tanh {
  auto operator()(const auto& x) const { return tenon::tanh(x); }
};
struct sigmoid {
  auto operator()(const auto& x) const { return tenon::sigmoid(x); }
};
/// Along the last axis.
struct softmax {
  auto operator()(const auto& x) const { return tenon::softmax(x); }
};

namespace detail {
template <int I, class Layer>
struct sequential_part {
  Layer layer;
};
template <class Indices, class... Layers>
struct sequential_parts;
template <int... I, class... Layers>
struct sequential_parts<std::integer_sequence<int, I...>, Layers...> : sequential_part<I, Layers>... {};
template <int I, class Layer>
const Layer& part(const sequential_part<I, Layer>& p) {
  return p.layer;
}
template <int I, class Layer>
Layer& part(sequential_part<I, Layer>& p) {
  return p.layer;
}
}  // namespace detail

/// Layers one after the other. layer<I>() is the I-th.
template <class... Layers>
struct sequential
    : detail::sequential_parts<std::make_integer_sequence<int, int(sizeof...(Layers))>, Layers...> {
  static constexpr int size = sizeof...(Layers);

  template <int I>
  const auto& layer() const {
    return detail::part<I>(*this);
  }
  template <int I>
  auto& layer() {
    return detail::part<I>(*this);
  }

  auto operator()(const auto& x) const { return run<0>(x); }

  /// The layers, for parameters to be found.
  template <class F>
  void members(F&& f) const {
    each(f, std::make_integer_sequence<int, size>{});
  }
  template <class F>
  void members(F&& f) {
    each(f, std::make_integer_sequence<int, size>{});
  }

 private:
  template <int I, class X>
  auto run(const X& x) const {
    if constexpr (I == size)
      return x;
    else
      return run<I + 1>(layer<I>()(x));
  }
  template <class F, int... I>
  void each(F& f, std::integer_sequence<int, I...>) const {
    f(layer<I>()...);
  }
  template <class F, int... I>
  void each(F& f, std::integer_sequence<int, I...>) {
    f(layer<I>()...);
  }
};

}  // namespace tenon::nn

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

/// The last extent of a shape where it is a number, else -1.
template <class Shape>
inline constexpr index last_extent = -1;
template <class D, class... More>
inline constexpr index last_extent<shape<D, More...>> =
    tenon::detail::static_size<at<int(sizeof...(More)), list<D, More...>>>;
/// A layer that takes In features, on an input of a shape.
template <index In, class Shape>
struct layer_on_shape {
  static_assert(In < 0,
                "tenon: nn::dense: the last axis of the input has another extent than the layer takes");
};
}  // namespace detail

/// y = x W + b: [..., In] -> [..., Out] for x of rank 2. Weights of a named layer are told apart from those
/// of an equal layer that reads the same input: nn::dense<64, 64, "query">.
template <index In, index Out, extent Name = extent(0), class T = float>
struct dense {
  basic_parameter<T, shape<tenon::size<In>, tenon::size<Out>>, typename detail::layer_name<Name>::type>
      weight;
  basic_parameter<T, shape<tenon::size<Out>>, typename detail::layer_name<Name>::type> bias;

  static constexpr index takes = In, gives = Out;

  template <class X>
  auto operator()(const X& x) const {
    using S = typename tenon::detail::operand_as<0, X>::type::shape_type;
    if constexpr (detail::last_extent<S> < 0 || detail::last_extent<S> == In) {
      return matmul(x, weight) + bias;
    } else {
      (void)detail::layer_on_shape<In, S>{};
      return tenon::detail::as_expression<0>(bias);
    }
  }
};

/// Activations as layers without parameters, elementwise.
struct relu {
  static constexpr bool keeps_width = true;
  auto operator()(const auto& x) const { return tenon::relu(x); }
};
struct tanh {
  static constexpr bool keeps_width = true;
  auto operator()(const auto& x) const { return tenon::tanh(x); }
};
struct sigmoid {
  static constexpr bool keeps_width = true;
  auto operator()(const auto& x) const { return tenon::sigmoid(x); }
};
/// Along the last axis.
struct softmax {
  static constexpr bool keeps_width = true;
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

/// The first layer that takes another width than the one before it gives, -1 if there is none. Layers say
/// what they take and give as `takes` and `gives`; others are not asked.
struct layer_misfit {
  int layer = -1;
  index given = 0;
};
struct layer_widths {
  index takes = 0, gives = 0;  // 0: unknown
  bool keeps = false;
};
template <class Layer>
constexpr layer_widths widths_of() {
  layer_widths w;
  if constexpr (requires { Layer::takes; }) w.takes = Layer::takes;
  if constexpr (requires { Layer::gives; }) w.gives = Layer::gives;
  if constexpr (requires { Layer::keeps_width; }) w.keeps = Layer::keeps_width;
  return w;
}
template <class... Layers>
constexpr layer_misfit first_misfit() {
  constexpr layer_widths w[sizeof...(Layers) + 1] = {widths_of<Layers>()..., {}};
  index given = 0;
  for (int i = 0; i < int(sizeof...(Layers)); ++i) {
    if (given > 0 && w[i].takes > 0 && w[i].takes != given) return {i, given};
    if (!w[i].keeps) given = w[i].gives;
  }
  return {};
}
/// Layer number I of a sequence, on what the layer before it gives.
template <int I, class Layer, index Given>
struct layer_on {
  static_assert(I < 0, "tenon: nn::sequential: a layer takes another width than the layer before it gives");
};

}  // namespace detail

/// Layers one after the other. layer<I>() is the I-th. Layers that say which width they take and give, as
/// dense does by `takes` and `gives`, are checked against their neighbours.
template <class... Layers>
struct sequential
    : detail::sequential_parts<std::make_integer_sequence<int, int(sizeof...(Layers))>, Layers...> {
  static constexpr int size = sizeof...(Layers);
  static constexpr detail::layer_misfit misfit = detail::first_misfit<Layers...>();

  template <int I>
  const auto& layer() const {
    return detail::part<I>(*this);
  }
  template <int I>
  auto& layer() {
    return detail::part<I>(*this);
  }

  auto operator()(const auto& x) const {
    if constexpr (misfit.layer >= 0) {
      (void)detail::layer_on<misfit.layer, at<misfit.layer, list<Layers...>>, misfit.given>{};
      return tenon::detail::as_expression<0>(x);
    } else {
      return run<0>(x);
    }
  }

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

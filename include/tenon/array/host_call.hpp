// host_call: a function of the program's own as a node of a graph. It is called with arrays each time the
// graph is evaluated, between kernels; nothing of it fuses and it has no derivatives.
#pragma once

#include "tenon/array/tensor.hpp"

namespace tenon {

namespace detail {

/// What the operand of a host_call points at: how to call, then the callable.
struct host_function {
  void (*call)(const host_function*, const opaque_launch&);
};
template <class F>
struct host_callable : host_function {
  F f;
  explicit host_callable(F given) : f(std::move(given)) {}
};

/// A copy of an operand as the tensor that the function takes.
template <class Tensor>
Tensor tensor_of_access(const array_access& a) {
  extents e;
  for (int k = 0; k < a.rank; ++k) e[e.rank++] = {a.extent[k], a.extent[k]};
  storage buffer(a.size() * index(sizeof(typename Tensor::value_type)));
  array_access to = a;
  to.data = buffer.data();
  index step = 1;
  for (int k = a.rank - 1; k >= 0; --k) {
    to.stride[k] = step;
    step *= a.extent[k];
  }
  copy_elements(a, to);
  return Tensor::on(std::move(buffer), e);
}

template <class X>
inline constexpr bool is_tensor = false;
template <class T, class Shape>
inline constexpr bool is_tensor<basic_tensor<T, Shape>> = true;

template <class F, class R, class... A>
struct host_thunk {
  template <std::size_t... K>
  static R result(const F& f, const opaque_launch& l, std::index_sequence<K...>) {
    return f(tensor_of_access<A>(l.in[K + 1])...);
  }
  static void call(const host_function* h, const opaque_launch& l) {
    const R r = result(static_cast<const host_callable<F>*>(h)->f, l, std::index_sequence_for<A...>{});
    array_access from = l.out;
    for (int k = 0; k < l.out.rank; ++k)
      if (r.extent(k) != l.out.extent[k])
        throw shape_error("host_call: axis " + std::to_string(k) +
                          " of what the function returned has extent " + std::to_string(r.extent(k)) +
                          ", expected " + std::to_string(l.out.extent[k]));
    from.data = reinterpret_cast<std::byte*>(const_cast<typename R::value_type*>(r.flat()));
    copy_elements(from, l.out);
  }
};

/// Where each extent of a result is from: its size, or -1 - k for axis k of the first operand.
template <class Result, class First>
struct result_extents;
template <class... D, class... E>
struct result_extents<shape<D...>, shape<E...>> {
  static constexpr int rank = int(sizeof...(D));
  template <class X>
  static constexpr index from(int axis) {
    if constexpr (static_size<X> >= 0) {
      return static_size<X>;
    } else {
      constexpr bool same[] = {std::is_same_v<X, E>..., false};
      if (axis < int(sizeof...(E)) && same[axis]) return -1 - axis;
      for (int k = 0; k < int(sizeof...(E)); ++k)
        if (same[k] && is_named_dim<X>) return -1 - k;
      return -100;
    }
  }
  struct axes {
    index at[sizeof...(D) + 1];
  };
  static constexpr axes compute() {
    int k = 0;
    return {{from<D>(k++)..., 0}};
  }
  static constexpr axes value = compute();
  static constexpr bool known() {
    for (int k = 0; k < rank; ++k)
      if (value.at[k] == -100) return false;
    return true;
  }
};

}  // namespace detail

/// A call of a host function; Extents says where the result's shape is from.
template <int Arity, dtype Result, class Extents>
struct host_call_op : op_defaults {
  static constexpr auto name = "host_call";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = Arity + 1;
  static constexpr int places = 0;  // the function
  static constexpr bool smooth = false;
  static constexpr yields gives = yields::attribute;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    extents r;
    for (int k = 0; k < Extents::rank; ++k) {
      const index from = Extents::value.at[k];
      r[r.rank++] = from >= 0 ? static_dim(from) : q.in[1][int(-1 - from)];
    }
    return r;
  }
  static void run(const opaque_launch& l) {
    const auto* h = reinterpret_cast<const detail::host_function*>(l.in[0].data);
    h->call(h, l);
  }
};

namespace detail {
template <class F, class R, class First, class... More, class... X>
auto host_node(F f, const X&... x) {
  using from = result_extents<typename R::shape_type, typename First::shape_type>;
  static_assert(from::known(),
                "tenon: host_call: extents of the result have to be static, or those of the first operand");
  auto* made = new host_callable<F>(std::move(f));
  made->call = &host_thunk<F, R, First, More...>::call;
  // no elements, and of a shape that is not small: expressions hold small leaves' elements, not what owns
  // them
  using none = shape<size<most_small_elements + 1>, size<0>>;
  expression<graph<node<slot<0, std::uint64_t, none>>>, 0, std::uint64_t, none> function;
  leaf l;
  l.extent[0] = most_small_elements + 1;
  l.stride[1] = 1;
  try {
    l.buffer = storage::foreign(made, made, [](void* p) { delete static_cast<host_callable<F>*>(p); });
  } catch (...) {
    delete made;
    throw;
  }
  l.data = made;
  set_leaf(function, 0, std::move(l));
  constexpr dtype type = dtype_of<typename R::value_type>;
  return apply<with<host_call_op<int(sizeof...(X)), type, from>, static_cast<index>(type)>>(
      std::move(function), x...);
}
}  // namespace detail

/// f(x...) as a node: f is called on the host, with one or two operands as tensors, each time the result is
/// evaluated, and returns a tensor, whose extents are static or those of the first operand. It must give
/// equal results for equal operands. It is copied, and may be called by whichever thread evaluates. No
/// derivatives: through it nothing flows. Exceptions of f reach who evaluates; the target of the evaluation
/// is then as it was.
template <class F, tensor_like... X>
requires(sizeof...(X) == 1 || sizeof...(X) == 2) auto host_call(F f, const X&... x) {
  using namespace detail;
  using types = list<basic_tensor<typename operand_as<0, const X&>::type::value_type,
                                  typename operand_as<0, const X&>::type::shape_type>...>;
  return [&]<class... A>(list<A...>) {
    using first = at<0, list<A...>>;
    static_assert(std::is_invocable_v<const F&, A...>,
                  "tenon: host_call: the function cannot be called with these operands as tensors");
    using R = std::remove_cvref_t<std::invoke_result_t<const F&, A...>>;
    static_assert(is_tensor<R>, "tenon: host_call: the function has to return a tensor");
    constexpr bool one_dtype = (std::is_same_v<typename A::value_type, typename first::value_type> && ...);
    static_assert(one_dtype,
                  "tenon: host_call: operands have to share a dtype; convert one with astype<T>(x)");
    if constexpr (is_tensor<R> && one_dtype) return host_node<F, R, A...>(std::move(f), x...);
  }(types{});
}

}  // namespace tenon

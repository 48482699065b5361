// host_call: a function of the program's own as a node of a graph. It is called with arrays each time the
// graph is evaluated, between kernels; nothing of it fuses and it has no derivatives.
//
// A node has few operands, of one dtype, and one result. So several operands are first laid one behind the other in an
// array of bytes, each with its extents before it, and several results come in one, of which each is a part.
#pragma once

#include <tuple>

#include "tenon/array/host_operands.hpp"

namespace tenon {

namespace detail {

/// What the first operand of a host_call points at: how to call, then the callable.
struct host_function {
  void (*call)(const host_function*, const opaque_launch&);
};
template <class F>
struct host_callable : host_function {
  F f;
  explicit host_callable(F given) : f(std::move(given)) {}
};

template <class X>
inline constexpr bool is_tensor = false;
template <class T, class Shape>
inline constexpr bool is_tensor<basic_tensor<T, Shape>> = true;

/// Where each extent of a result is from: its size, or -1 - k for axis k of an operand.
template <class Result, class Like>
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
  static constexpr extents of(const extents& like) {
    extents r;
    for (int k = 0; k < rank; ++k)
      r[r.rank++] = value.at[k] >= 0 ? static_dim(value.at[k]) : like[int(-1 - value.at[k])];
    return r;
  }
};

/// What a function returns, whose extents are those of an operand of shape Like, or static.
template <class Like, class... R>
struct host_results {
  template <int K>
  using result = at<K, list<R...>>;
  template <int K>
  using extents_from = result_extents<typename result<K>::shape_type, Like>;
  static constexpr int n = int(sizeof...(R));
  static constexpr bool known = (result_extents<typename R::shape_type, Like>::known() && ...);
  static constexpr dtype type = n == 1 ? dtype_of<typename result<0>::value_type> : dtype::uint8;

  /// Of the node: those of the one result, or bytes for all.
  static constexpr extents shape(const extents& like) {
    if constexpr (n == 1) {
      return extents_from<0>::of(like);
    } else {
      dim bytes = static_dim(0);
      const auto add = [&](const extents& e, index size) {
        bytes = longer(bytes, in_bytes(e, size), fixed_extents(e));
      };
      (add(result_extents<typename R::shape_type, Like>::of(like), index(sizeof(typename R::value_type))),
       ...);
      extents r;
      r[r.rank++] = bytes;
      return r;
    }
  }
  /// Where result K is in the node's array.
  template <int K>
  static array_access part(const array_access& whole, const extents& like) {
    if constexpr (n == 1) {
      return whole;
    } else {
      index offset = 0;
      int k = 0;
      const auto skip = [&](const extents& e, index size) { offset += k++ < K ? in_bytes(e, size) : 0; };
      (skip(result_extents<typename R::shape_type, Like>::of(like), index(sizeof(typename R::value_type))),
       ...);
      return row_major_at(whole.data + offset, dtype_of<typename result<K>::value_type>,
                          extents_from<K>::of(like));
    }
  }
};

/// The operands that a function takes, and how it is called with them.
template <class F, class Results, class... A>
struct host_thunk {
  static constexpr bool packed = sizeof...(A) > 1;
  static constexpr index widest = [] {
    index most = 1;
    for (const index size : {index(sizeof(typename A::value_type))...}) most = size > most ? size : most;
    return most;
  }();

  static auto arguments(const array_access& given) {
    if constexpr (packed) {
      std::byte* at = given.data;
      return std::tuple<A...>{next_tensor<A, widest>(at)...};  // in order, as braces have it
    } else {
      return std::tuple<A...>{tensor_of_access<A>(given)...};
    }
  }
  template <int K, class R>
  static void check(const R& r, const array_access& to) {
    for (int k = 0; k < to.rank; ++k)
      if (r.extent(k) != to.extent[k])
        throw shape_error("host_call: axis " + std::to_string(k) + " of " +
                          (Results::n == 1 ? "what" : "result " + std::to_string(K) + " that") +
                          " the function returned has extent " + std::to_string(r.extent(k)) + ", expected " +
                          std::to_string(to.extent[k]));
  }
  template <class R>
  static void store(const R& r, const array_access& to) {
    array_access from = to;
    from.data = reinterpret_cast<std::byte*>(const_cast<typename R::value_type*>(r.flat()));
    row_major(sizes_of(to), from.stride);
    copy_elements(from, to);
  }
  static void call(const host_function* h, const opaque_launch& l) {
    const auto r = std::apply(static_cast<const host_callable<F>*>(h)->f, arguments(l.in[1]));
    const extents like = sizes_of(l.in[packed ? 2 : 1]);
    const auto each = [&](const auto&... result) {
      [&]<int... K>(std::integer_sequence<int, K...>) {
        (check<K>(result, Results::template part<K>(l.out, like)), ...);
        (store(result, Results::template part<K>(l.out, like)), ...);
      }
      (std::make_integer_sequence<int, Results::n>{});
    };
    if constexpr (Results::n == 1)
      each(r);
    else
      std::apply(each, r);
  }
};

}  // namespace detail

/// A call of a host function: with one operand, or with several that lie in bytes, and then one that only
/// lends its extents.
template <class Results, bool Packed>
struct host_call_op : op_defaults {
  static constexpr auto name = "host_call";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = Packed ? 3 : 2;
  static constexpr int places = 0;  // the function
  static constexpr int shape_only = Packed ? 2 : -1;
  static constexpr bool smooth = false;
  static constexpr yields gives = yields::attribute;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    return Results::shape(q.in[arity - 1]);
  }
  static void run(const opaque_launch& l) {
    const auto* h = reinterpret_cast<const detail::host_function*>(l.in[0].data);
    h->call(h, l);
  }
};

/// Result K of a function that gives several.
template <class Results, int K>
struct host_result_op : op_defaults {
  static constexpr auto name = "host_result";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr int places = 0;
  static constexpr int shape_only = 1;
  static constexpr bool computes = false;
  static constexpr bool smooth = false;
  static constexpr yields gives = yields::attribute;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    return Results::template extents_from<K>::of(q.in[1]);
  }
  static void run(const opaque_launch& l) {
    detail::copy_elements(Results::template part<K>(l.in[0], detail::sizes_of(l.in[1])), l.out);
  }
};

namespace detail {

/// What a function returns, as a list.
template <class R>
struct host_returns {
  using type = list<R>;
};
template <class... R>
struct host_returns<std::tuple<R...>> {
  using type = list<R...>;
};
template <class L>
inline constexpr bool all_tensors = false;
template <class... R>
inline constexpr bool all_tensors<list<R...>> = sizeof...(R) > 0 && (is_tensor<R> && ...);

/// The first operand that has all extents of the results which are not static; -1: there is none.
template <class Returns, class... A>
struct host_like;
template <class... R, class... A>
struct host_like<list<R...>, A...> {
  static constexpr int find() {
    constexpr bool known[] = {host_results<typename A::shape_type, R...>::known...};
    for (int k = 0; k < int(sizeof...(A)); ++k)
      if (known[k]) return k;
    return -1;
  }
  template <int K>
  using results = host_results<typename at<K, list<A...>>::shape_type, R...>;
};

/// The function as an array of no elements, whose memory it is.
template <class F, class Thunk>
auto function_leaf(F f) {
  auto* made = new host_callable<F>(std::move(f));
  made->call = &Thunk::call;
  // of a shape that is not small: expressions hold small leaves' elements, not what owns them
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
  return function;
}

template <index Widest, class Before, class X, class... More>
auto packed_operands(const Before& before, const X& x, const More&... more) {
  auto all = apply<with<host_operands_op<Widest>, static_cast<index>(dtype::uint8)>>(Before(before), x);
  if constexpr (sizeof...(More) == 0)
    return all;
  else
    return packed_operands<Widest>(all, more...);
}

template <class Returns, class... A, class F, class... X>
auto host_node(F f, const X&... x) {
  using like = host_like<Returns, A...>;
  constexpr int from = like::find();
  static_assert(
      from >= 0,
      "tenon: host_call: extents of the results have to be static, or those of one of the operands");
  if constexpr (from >= 0) {
    using results = typename like::template results<from>;
    using thunk = host_thunk<F, results, A...>;
    using op = with<host_call_op<results, thunk::packed>, static_cast<index>(results::type)>;
    const auto function = function_leaf<F, thunk>(std::move(f));
    const auto& lends = std::get<from>(std::tie(x...));
    auto called = [&] {
      if constexpr (thunk::packed)
        return apply<op>(std::remove_cvref_t<decltype(function)>(function),
                         packed_operands<thunk::widest>(function, x...), lends);
      else
        return apply<op>(std::remove_cvref_t<decltype(function)>(function), x...);
    }();
    if constexpr (results::n == 1) {
      return called;
    } else {
      return [&]<int... K>(std::integer_sequence<int, K...>) {
        if constexpr (decltype(called)::traced) {
          return std::make_tuple(
              apply<with<host_result_op<results, K>,
                         static_cast<index>(dtype_of<typename results::template result<K>::value_type>)>>(
                  decltype(called)(called), lends)...);
        } else {
          const auto all = eval(called);
          return std::make_tuple(eval(
              apply<with<host_result_op<results, K>,
                         static_cast<index>(dtype_of<typename results::template result<K>::value_type>)>>(
                  all, lends))...);
        }
      }
      (std::make_integer_sequence<int, results::n>{});
    }
  }
}
}  // namespace detail

/// f(x...) as a node: f is called on the host with the operands as tensors, of any dtypes and ranks, each
/// time the result is evaluated. It returns a tensor, or a std::tuple of them; their extents are static or
/// those of one of the operands. It must give equal results for equal operands. It is copied, and may be
/// called by whichever thread evaluates. No derivatives: through it nothing flows. Exceptions of f reach who
/// evaluates; the target of the evaluation is then as it was.
///
/// Several results are a std::tuple: of arrays, computed at once; where something is traced, of expressions,
/// and f runs once for each that is read.
template <class F, tensor_like... X>
requires(sizeof...(X) > 0) auto host_call(F f, const X&... x) {
  using namespace detail;
  using types = list<basic_tensor<typename operand_as<0, const X&>::type::value_type,
                                  typename operand_as<0, const X&>::type::shape_type>...>;
  return [&]<class... A>(list<A...>) {
    static_assert(std::is_invocable_v<const F&, A...>,
                  "tenon: host_call: the function cannot be called with these operands as tensors");
    using returns = typename host_returns<std::remove_cvref_t<std::invoke_result_t<const F&, A...>>>::type;
    static_assert(all_tensors<returns>,
                  "tenon: host_call: the function has to return a tensor, or a tuple of them");
    if constexpr (all_tensors<returns>) return host_node<returns, A...>(std::move(f), x...);
  }(types{});
}

}  // namespace tenon

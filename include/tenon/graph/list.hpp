// Type lists with indexing and identity in constant time: what the passes use at their two typed ends.
#pragma once

#include <cstdint>
#include <utility>

namespace tenon {

template <class... T>
struct list {
  static constexpr int size = sizeof...(T);
};

namespace detail {

/// X without reference and const.
///
/// nvcc's host front end keeps every name of a type beside the type (an alias template, a `using` in a
/// function, a concept's arguments), walks what it kept as a tree, and a chain of operands doubles that with
/// each residual add: over 60 s at 20 of them. So the front end (graph/, ops/) names types by members of
/// class templates, as here, and its functions contain no `using` of an operand's type: 50 adds in 4.5 s.
template <class X>
struct bare {
  using type = X;
};
template <class X>
struct bare<const X> {
  using type = X;
};
template <class X>
struct bare<X&> : bare<X> {};
template <class X>
struct bare<X&&> : bare<X> {};

/// The identity of a type as a value, so that constant evaluations compare numbers instead of types: a 64-bit
/// hash (FNV-1a) of its name. Addresses of template members would do but for g++, which takes no two of them
/// for different under -fsanitize=undefined.
using type_id = std::uint64_t;

template <class T>
constexpr type_id hash_of_name() {
#if defined(_MSC_VER)
  const char* name = __FUNCSIG__;
#else
  const char* name = __PRETTY_FUNCTION__;
#endif
  type_id h = 14695981039346656037ULL;
  for (; *name != 0; ++name) h = (h ^ static_cast<unsigned char>(*name)) * 1099511628211ULL;
  return h == 0 ? 1 : h;  // 0 ends lists
}
template <class T>
struct identity {
  static constexpr type_id id = hash_of_name<T>();
};

template <int I, class T>
struct indexed {
  using type = T;
};
template <class Indices, class... T>
struct indexer;
template <int... I, class... T>
struct indexer<std::integer_sequence<int, I...>, T...> : indexed<I, T>... {};
template <int I, class T>
indexed<I, T> select(const indexed<I, T>*);

template <class List>
struct index_list;
template <template <class...> class List, class... T>
struct index_list<List<T...>> {
  using type = indexer<std::make_integer_sequence<int, sizeof...(T)>, T...>;
};

}  // namespace detail

/// The I-th type of any pack-like template.
template <int I, class List>
using at = typename decltype(detail::select<I>(
    static_cast<typename detail::index_list<List>::type*>(nullptr)))::type;

/// Where T stands in a list; -1 when it does not.
template <class T, class List>
struct position;
template <class T, class... U>
struct position<T, list<U...>> {
  static constexpr int find() {
    constexpr detail::type_id ids[] = {detail::identity<U>::id..., 0};
    for (int i = 0; ids[i] != 0; ++i)
      if (ids[i] == detail::identity<T>::id) return i;
    return -1;
  }
  static constexpr int value = find();
};

/// The types of several lists as one list.
template <class... Lists>
struct flattened {
  using type = list<>;
};
template <class... A>
struct flattened<list<A...>> {
  using type = list<A...>;
};
template <class... A, class... B, class... Rest>
struct flattened<list<A...>, list<B...>, Rest...> : flattened<list<A..., B...>, Rest...> {};
template <class... A, class... B, class... C, class... D, class... Rest>
struct flattened<list<A...>, list<B...>, list<C...>, list<D...>, Rest...>
    : flattened<list<A..., B..., C..., D...>, Rest...> {};

namespace detail {
template <class List>
struct unique_types;
template <class... T>
struct unique_types<list<T...>> {
  struct kept {
    int at[sizeof...(T) + 1]{};
    int n = 0;
  };
  static constexpr kept compute() {
    constexpr type_id ids[] = {identity<T>::id..., 0};
    kept k;
    for (int i = 0; ids[i] != 0; ++i) {
      bool seen = false;
      for (int j = 0; j < k.n && !seen; ++j) seen = ids[k.at[j]] == ids[i];
      if (!seen) k.at[k.n++] = i;
    }
    return k;
  }
  static constexpr kept keep = compute();
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> {
    using type = list<at<keep.at[I], list<T...>>...>;
  };
  using type = typename make<std::make_integer_sequence<int, keep.n>>::type;
};
}  // namespace detail

/// The types of a list, each once, in order of first appearance.
template <class List>
using distinct = typename detail::unique_types<List>::type;

}  // namespace tenon

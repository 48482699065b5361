// Elements of a tensor or a view chosen by a mask or by arrays of places: x[mask], x[places], x.at(i, j).
// Read, they are values; assigned to, they write through.
//
// A mask of m axes chooses along the first m axes of x, and n arrays of places, broadcast against each other,
// along the first n; each chosen block keeps the other axes. In a slice, x.slice(all, places), one array of
// places or a mask of one axis chooses along its axis, and its axes stand there. All places are checked when the selection is
// made, so before anything is written. Where a place is given twice, the last element that is assigned stays.
#pragma once

#include <vector>

#include "tenon/array/view.hpp"
#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// The blocks that are chosen: where they are, in bytes, and the extents that they stand under.
struct chosen_blocks {
  std::vector<index> offset;
  extents lead{};
  bool distinct = false;  // none is chosen twice
};

/// The blocks where a mask is true, row-major. Counted first, so that each part knows where its own begin.
inline chosen_blocks blocks_of_mask(const array_access& x, const array_access& mask) {
  for (int k = 0; k < mask.rank; ++k)
    if (mask.extent[k] != x.extent[k])
      throw shape_error("mask: its axis " + std::to_string(k) + " has extent " +
                        std::to_string(mask.extent[k]) + ", expected " + std::to_string(x.extent[k]));
  chosen_blocks r;
  const int inner = mask.rank - 1;
  const index size = size_of(x.type), n = inner < 0 ? 1 : mask.extent[inner];
  const index step = inner < 0 ? 0 : x.stride[inner] * size, mask_step = inner < 0 ? 0 : mask.stride[inner];
  outer_walk<2> lines;
  for (int k = 0; k < inner; ++k) lines.add(mask.extent[k], {mask.stride[k], x.stride[k] * size});
  if (n > 0) {
    const line_parts parts(lines.count, n);
    const auto each = [&](index part, auto f) {
      parts.each(part, [&](index begin, index end, index first, index length) {
        lines.each(begin, end, [&](const index* at) {
          f(mask.data + at[0] + first * mask_step, at[1] + first * step, length);
        });
      });
    };
    const auto begins = sums_of_counts(parts.count, line_parts::most / 4, [&](index part) {
      index found = 0;
      each(part, [&](const std::byte* m, index, index length) {
        for (index i = 0; i < length; ++i) found += m[i * mask_step] != std::byte(0) ? 1 : 0;
      });
      return found;
    });
    r.offset.resize(static_cast<std::size_t>(begins.back()));
    share(parts.count, line_parts::most, [&](index begin, index end) {
      index* to = r.offset.data() + begins[std::size_t(begin)];
      for (index part = begin; part < end; ++part)
        each(part, [&](const std::byte* m, index offset, index length) {
          to = kept_places(
              to, length, [&](index i) { return m[i * mask_step] != std::byte(0); },
              [&](index i) { return offset + i * step; });
        });
    });
  }
  r.distinct = true;
  r.lead.rank = 1;
  r.lead[0] = static_dim(index(r.offset.size()));
  return r;
}

/// The blocks at places along the first axes, one array of places for each.
/// Errors number the axes from `first_axis` on.
inline chosen_blocks blocks_at(const array_access& x, const array_access* places, int n, int first_axis = 0) {
  shape_scope scope;
  chosen_blocks r;
  for (int k = 0; k < n; ++k) {
    extents e;
    for (int i = 0; i < places[k].rank; ++i) e[e.rank++] = {dyn_code, places[k].extent[i]};
    r.lead = k == 0 ? e : broadcast_extents(scope, r.lead, e);
  }
  if (scope.error != misfit::none)
    throw shape_error("places: extents " + std::to_string(scope.left.size) + " and " +
                      std::to_string(scope.right.size) + " do not fit");
  index extent[max_rank]{};
  array_access at_lead[max_rank];  // with stride 0 where they broadcast
  for (int i = 0; i < r.lead.rank; ++i) extent[i] = r.lead[i].size;
  for (int k = 0; k < n; ++k) {
    at_lead[k] = places[k];
    at_lead[k].rank = r.lead.rank;
    for (int i = 0; i < r.lead.rank; ++i) {
      const int own = i - (r.lead.rank - places[k].rank);
      at_lead[k].extent[i] = extent[i];
      at_lead[k].stride[i] = own < 0 || places[k].extent[own] == 1 ? 0 : places[k].stride[own];
    }
  }
  index total = 1;
  for (int i = 0; i < r.lead.rank; ++i) total *= extent[i];
  r.offset.assign(static_cast<std::size_t>(total), 0);
  bool outside = false;
  for (int k = 0; k < n && total > 0; ++k)
    outside |= add_places(r.offset.data(), at_lead[k], x.extent[k], x.stride[k] * size_of(x.type));
  if (outside)  // the first one is named
    each_place(extent, r.lead.rank, [&](const index* at) {
      for (int k = 0; k < n; ++k) check_index(place_at(at_lead[k], at), x.extent[k], first_axis + k);
    });
  return r;
}

/// The blocks along one axis, at places or where a mask is true, for each place along the axes before it.
inline chosen_blocks blocks_along(const array_access& x, int axis, const array_access& chooser, bool mask,
                                  int axis_in_errors) {
  array_access line;
  line.data = x.data;
  line.type = x.type;
  line.rank = 1;
  line.extent[0] = x.extent[axis];
  line.stride[0] = x.stride[axis];
  chosen_blocks along = mask ? blocks_of_mask(line, chooser) : blocks_at(line, &chooser, 1, axis_in_errors);
  if (axis == 0) return along;
  chosen_blocks r;
  r.distinct = along.distinct;
  outer_walk<1> before;
  for (int k = 0; k < axis; ++k) {
    before.add(x.extent[k], {x.stride[k] * size_of(x.type)});
    r.lead[r.lead.rank++] = static_dim(x.extent[k]);
  }
  for (int k = 0; k < along.lead.rank; ++k) r.lead[r.lead.rank++] = along.lead[k];
  const auto count = static_cast<index>(along.offset.size());
  r.offset.resize(static_cast<std::size_t>(before.count * count));
  share(before.count, count, [&](index begin, index end) {
    index* to = r.offset.data() + begin * count;
    before.each(begin, end, [&](const index* at) {
      for (const index o : along.offset) *to++ = at[0] + o;
    });
  });
  return r;
}

/// One chosen block, without a place in memory, and the same among values, which are row-major. Blocks that
/// may be chosen twice are written in order.
inline void move_blocks(const array_access& x, int chosen, const std::vector<index>& offset,
                        std::byte* values, bool write, bool distinct) {
  array_access block = without_axes(x, 0, chosen, x.data), value = block;
  index bytes = size_of(x.type);
  for (int k = block.rank - 1; k >= 0; --k) {
    value.stride[k] = bytes / size_of(x.type);
    bytes *= block.extent[k];
  }
  const bool one = bytes == size_of(x.type);
  const auto move = [&](index begin, index end) {
    if (one)
      return with_element_size(bytes, [&]<index Size>() {
        const index* const at = offset.data();
        std::byte* const first = values;
        if (write)
          for (index i = begin; i < end; ++i) move_element<Size>(x.data + at[i], first + i * Size);
        else
          for (index i = begin; i < end; ++i) move_element<Size>(first + i * Size, x.data + at[i]);
      });
    array_access there = block, here = value;
    for (index i = begin; i < end; ++i) {
      there.data = x.data + offset[std::size_t(i)];
      here.data = values + i * bytes;
      write ? copy_elements(here, there) : copy_elements(there, here);
    }
  };
  const auto count = static_cast<index>(offset.size());
  if (write && !distinct)
    move(0, count);
  else
    share(count, one ? 1 : 10 + bytes / 16, move);
}

/// The array behind an operand, under its strides, without a copy where it is in memory.
template <class X>
leaf leaf_of(X&& x) {
  auto e = as_expression<0>(static_cast<X&&>(x));
  static_assert(
      !decltype(e)::symbolic,
      "tenon: masks and places of x[...] hold values; in a traced function say where, take or gather_nd");
  if constexpr (decltype(e)::is_leaf)
    return leaf_at(e, 0);
  else
    return evaluated_leaf<decltype(e), this_unit>(e);
}

/// The extents of a selection: those of the choice, then those of x that are not chosen along.
template <class Lead, class Shape, int Chosen>
struct selection_shape;
template <class... L, class... D>
struct selection_shape<shape<L...>, shape<D...>, 0> {
  using type = shape<L..., D...>;
};
template <class... L, class First, class... D, int Chosen>
requires(Chosen > 0) struct selection_shape<shape<L...>, shape<First, D...>, Chosen>
    : selection_shape<shape<L...>, shape<D...>, Chosen - 1> {
};

/// What choosing by operands P from an array of shape Shape gives.
template <class Shape, class... P>
struct choice {
  using first = typename operand_as<0, at<0, list<P...>>>::type;
  static constexpr bool mask = std::is_same_v<typename first::value_type, bool>;
  static_assert(!mask || sizeof...(P) == 1, "tenon: one mask stands alone");
  static_assert(mask || (is_integer(dtype_of<typename operand_as<0, P>::type::value_type>) && ...),
                "tenon: places are integers");
  static constexpr int chosen = mask ? rank_of<typename first::shape_type> : int(sizeof...(P));
  static_assert(chosen <= Shape::rank, "tenon: more axes are chosen along than the array has");
  template <class... S>
  struct joined : result_shape<add_op, S...> {};  // as operands of a sum broadcast
  template <class... S>
  struct fold;
  template <class A>
  struct fold<A> {
    using type = A;
  };
  template <class A, class B, class... More>
  struct fold<A, B, More...> : fold<typename joined<A, B>::type, More...> {};
  template <bool Mask, class... S>
  struct lead {
    using type = typename fold<S...>::type;
  };
  template <class... S>
  struct lead<true, S...> {
    using type = shape<dyn_size>;
  };
  using shape_type =
      typename selection_shape<typename lead<mask, typename operand_as<0, P>::type::shape_type...>::type,
                               Shape, chosen>::type;
};

}  // namespace detail

/// Chosen elements of a tensor, to be written to; the tensor's buffer is not shared with copies meanwhile.
template <element T, class Shape>
class basic_selection {
 public:
  using value_type = T;
  using shape_type = Shape;
  static constexpr int rank = Shape::rank;

  basic_selection(leaf base, int base_rank, int chosen, detail::chosen_blocks blocks)
      : base_(std::move(base)),
        base_rank_(base_rank),
        chosen_(chosen),
        distinct_(blocks.distinct),
        offset_(std::move(blocks.offset)) {
    int k = 0;
    for (; k < blocks.lead.rank; ++k) extent_[k] = blocks.lead[k].size;
    for (int i = chosen; i < base_rank; ++i) extent_[k++] = base_.extent[i];
    base_.buffer.pin();
  }
  basic_selection(const basic_selection& other)
      : base_(other.base_),
        base_rank_(other.base_rank_),
        chosen_(other.chosen_),
        distinct_(other.distinct_),
        offset_(other.offset_) {
    std::memcpy(extent_, other.extent_, sizeof extent_);
    base_.buffer.pin();
  }
  basic_selection& operator=(const basic_selection& other) { return *this = detail::as_expression<0>(other); }
  ~basic_selection() { base_.buffer.unpin(); }

  index extent(int axis) const { return extent_[detail::check_axis(axis, rank)]; }
  std::array<index, rank> shape() const {
    std::array<index, rank> e{};
    std::copy_n(extent_, rank, e.begin());
    return e;
  }
  index size() const {
    index n = 1;
    for (int k = 0; k < rank; ++k) n *= extent_[k];
    return n;
  }
  /// The elements, in memory of their own.
  leaf gathered() const {
    leaf made;
    index count = 1;
    for (int k = rank - 1; k >= 0; --k) {
      made.extent[k] = extent_[k];
      made.stride[k] = count;
      count *= extent_[k];
    }
    made.buffer = storage(count * index(sizeof(T)));
    made.data = made.buffer.data();
    if (count > 0) detail::move_blocks(base(), chosen_, offset_, made.buffer.data(), false, distinct_);
    return made;
  }
  auto operator+() const { return basic_tensor<T, Shape>(*this); }

  /// Writes through, a value that broadcasts to the selection's shape. Overlapping operands are read first.
  template <class E, class Unit = this_unit>
  requires tensor_like<E> basic_selection& operator=(E&& value) {
    using V = typename detail::operand_types<E>::type;
    static_assert(std::is_same_v<V, T> || std::is_same_v<V, weak_number>,
                  "tenon: the value has another dtype than the selection; convert it with astype<T>(x)");
    write<Unit>(broadcast_like(static_cast<E&&>(value), extents_only()));
    return *this;
  }
  template <plain_number V, class Unit = this_unit>
  basic_selection& operator=(V value) {
    static_assert(detail::floats_fit(dtype_of<T>, &detail::dtype_of_operand<V>, 1) &&
                      detail::booleans_fit(dtype_of<T>, &detail::dtype_of_operand<V>, 1),
                  "tenon: this number cannot be an element of the selection; convert it");
    write<Unit>(broadcast_like(detail::scalar_leaf<T>(value), extents_only()));
    return *this;
  }
  /// Each chosen element is read once and written once: x[places] += 1 adds 1 where a place is given twice;
  /// scatter_add adds 2.
  template <class E, class Unit = this_unit>
  requires operands<E, basic_selection> basic_selection& operator+=(E&& e) {
    return *this = *this + static_cast<E&&>(e);
  }
  template <class E, class Unit = this_unit>
  requires operands<E, basic_selection> basic_selection& operator-=(E&& e) {
    return *this = *this - static_cast<E&&>(e);
  }
  template <class E, class Unit = this_unit>
  requires operands<E, basic_selection> basic_selection& operator*=(E&& e) {
    return *this = *this * static_cast<E&&>(e);
  }
  template <class E, class Unit = this_unit>
  requires operands<E, basic_selection> basic_selection& operator/=(E&& e) {
    return *this = *this / static_cast<E&&>(e);
  }

 private:
  array_access base() const { return detail::access(base_, base_rank_, dtype_of<T>); }
  /// An operand of which only the shape is read.
  auto extents_only() const {
    static const T none[1]{};
    expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape> e;
    leaf l;
    l.data = none;
    for (int k = 0; k < rank; ++k) l.extent[k] = extent_[k];
    detail::set_leaf(e, 0, std::move(l));
    return e;
  }
  template <class Unit, class E>
  void write(const E& e) {
    const leaf value = detail::evaluated_leaf<E, Unit>(e);
    if (size() > 0)
      detail::move_blocks(base(), chosen_, offset_, static_cast<std::byte*>(const_cast<void*>(value.first())),
                          true, distinct_);
  }

  leaf base_;
  int base_rank_, chosen_;
  bool distinct_;
  std::vector<index> offset_;
  index extent_[max_rank]{};
};

namespace detail {

template <class T, class Shape>
struct operand_traits<basic_selection<T, Shape>> {
  static constexpr bool is_operand = true;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape>;
  };
  static void read(leaf& to, const basic_selection<T, Shape>& s) { to = s.gathered(); }
};

/// What operands choose of a tensor. They are read, and let go of, before the tensor makes its buffer its
/// own: in x[x > 0] = 0 the mask shares it until then.
template <class Tensor, class... P>
auto select(Tensor& x, P&&... places) {
  using T = typename Tensor::value_type;
  using C = choice<typename Tensor::shape_type, P...>;
  const leaf held[] = {leaf_of(static_cast<P&&>(places))...};
  const int ranks[] = {rank_of<typename operand_as<0, P>::type::shape_type>...};
  constexpr dtype types[] = {dtype_of<typename operand_as<0, P>::type::value_type>...};
  array_access at[sizeof...(P)];
  for (std::size_t k = 0; k < sizeof...(P); ++k) at[k] = access(held[k], ranks[k], types[k]);
  leaf base;
  if constexpr (std::is_const_v<Tensor>)
    base = x.record();
  else
    base = x.target();
  const array_access whole = access(base, Tensor::rank, dtype_of<T>);
  chosen_blocks blocks = C::mask ? blocks_of_mask(whole, at[0]) : blocks_at(whole, at, int(sizeof...(P)));
  return basic_selection<T, typename C::shape_type>(std::move(base), Tensor::rank, C::chosen,
                                                    std::move(blocks));
}

/// The index of a slice that holds places or is a mask; which of the slice's axes, and of its operand's, it
/// is for; and the slice's shape where its axes stand there.
template <class First, class... More>
const auto& chooser_among(const First& first, const More&... more) {
  if constexpr (tensor_like<First>)
    return first;
  else
    return chooser_among(more...);
}
template <class I>
const auto& index_beside_chooser(const I& i) {
  if constexpr (tensor_like<I>)
    return all;
  else
    return i;
}
template <int Rank, bool Result, class... I>
constexpr int axis_of_chooser() {
  const bool choosing[] = {tensor_like<I>...};
  const int axes[] = {std::is_same_v<I, ellipsis_t>  ? Rank - sliced_axes<I...>
                      : std::is_same_v<I, newaxis_t> ? int(Result)
                                                     : int(!Result || !std::is_convertible_v<I, index>)...};
  int axis = 0;
  for (int i = 0; !choosing[i]; ++i) axis += axes[i];
  return axis;
}
template <class Before, class Shape, class Lead, int Axis>
struct shape_with_choice;
template <class... B, class First, class... D, class Lead, int Axis>
struct shape_with_choice<shape<B...>, shape<First, D...>, Lead, Axis>
    : shape_with_choice<shape<B..., First>, shape<D...>, Lead, Axis - 1> {};
template <class... B, class First, class... D, class... L>
struct shape_with_choice<shape<B...>, shape<First, D...>, shape<L...>, 0> {
  using type = shape<B..., L..., D...>;
};

template <class Source, class... I>
auto chosen_in_slice(Source& x, const I&... which) {
  static_assert(
      (0 + ... + int(tensor_like<I>)) == 1,
      "tenon: a slice takes one array of places or mask; x.at(i, j) takes places along several axes");
  using T = typename Source::value_type;
  using S = typename sliced_shape<shape<>, typename Source::shape_type, plain_index<I>...>::type;
  const auto& chooser = chooser_among(which...);
  using P = std::remove_cvref_t<decltype(chooser)>;
  using V = typename operand_as<0, P>::type;
  constexpr bool mask = std::is_same_v<typename V::value_type, bool>;
  constexpr int rank = rank_of<typename V::shape_type>;
  static_assert(mask || is_integer(dtype_of<typename V::value_type>), "tenon: places are integers");
  static_assert(!mask || rank == 1, "tenon: a mask in a slice has one axis; x[mask] takes others");
  constexpr int axis = axis_of_chooser<Source::rank, true, I...>();
  using R = typename shape_with_choice<
      shape<>, S, std::conditional_t<mask, shape<dyn_size>, typename V::shape_type>, axis>::type;
  leaf held = leaf_of(chooser);  // let go of, as in select
  constexpr bool of_view = requires { x.as_leaf(); };
  const auto blocks_of = [&](const leaf& base) {
    return blocks_along(access(base, S::rank, dtype_of<T>), axis,
                        access(held, rank, dtype_of<typename V::value_type>), mask,
                        axis_of_chooser<Source::rank, false, I...>());
  };
  const auto part = [&](const leaf& whole) {
    return slice_leaf(whole, Source::rank, int(sizeof(T)), index_beside_chooser(which)...);
  };
  const auto made = [&](leaf base) {
    chosen_blocks blocks = blocks_of(base);
    return basic_selection<T, R>(std::move(base), S::rank, axis + 1, std::move(blocks));
  };
  if constexpr (of_view) {
    if constexpr (Source::writable)
      return made(part(x.as_leaf()));
    else
      return +made(part(x.as_leaf()));
  } else if constexpr (std::is_const_v<Source>) {
    return +made(part(x.record()));
  } else {
    return made(part(x.target()));
  }
}

template <class View, class... P>
auto chosen_in_view(const View& v, P&&... places) {
  using T = typename View::value_type;
  using C = choice<typename View::shape_type, P...>;
  const leaf held[] = {leaf_of(static_cast<P&&>(places))...};
  const int ranks[] = {rank_of<typename operand_as<0, P>::type::shape_type>...};
  constexpr dtype types[] = {dtype_of<typename operand_as<0, P>::type::value_type>...};
  array_access at[sizeof...(P)];
  for (std::size_t k = 0; k < sizeof...(P); ++k) at[k] = access(held[k], ranks[k], types[k]);
  const array_access whole = access(v.as_leaf(), View::rank, dtype_of<T>);
  chosen_blocks blocks = C::mask ? blocks_of_mask(whole, at[0]) : blocks_at(whole, at, int(sizeof...(P)));
  basic_selection<T, typename C::shape_type> chosen(v.as_leaf(), View::rank, C::chosen, std::move(blocks));
  if constexpr (View::writable)
    return chosen;
  else
    return +chosen;
}

}  // namespace detail
}  // namespace tenon

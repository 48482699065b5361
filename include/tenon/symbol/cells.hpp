// The arrays behind an executor's variables: how they are given, what is known of them, which are missing.
#pragma once

#include "tenon/symbol/given.hpp"
#include "tenon/symbol/inference.hpp"

namespace tenon::detail {

/// One array as an expression.
template <class T, class Shape>
using argument_expression = expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape>;

/// A member that is as new once its owner was moved from.
template <class T, bool = std::is_class_v<T>>
struct renewed_by_move : T {
  renewed_by_move() : T{} {}
  renewed_by_move(renewed_by_move&& other) : T(std::exchange(static_cast<T&>(other), T{})) {}
  renewed_by_move& operator=(renewed_by_move&& other) {
    static_cast<T&>(*this) = std::exchange(static_cast<T&>(other), T{});
    return *this;
  }
};
template <class T>
struct renewed_by_move<T, false> {
  T value{};
  renewed_by_move() = default;
  renewed_by_move(renewed_by_move&& other) noexcept : value(std::exchange(other.value, T{})) {}
  renewed_by_move& operator=(renewed_by_move&& other) noexcept {
    return *this = std::exchange(other.value, T{});
  }
  renewed_by_move& operator=(T v) noexcept {
    value = v;
    return *this;
  }
  operator T() const { return value; }
};

/// A cell for each leaf of a graph. `Of` has the graph, its roots and the members that they belong to.
template <class Of, class Unit>
class argument_cells {
 public:
  using tables = named_leaf_tables<typename leaves_of<typename Of::graph_type>::type>;
  using predict_task = outputs_task<Of>;
  static constexpr int leaf_count = tables::n;

  bool is_given(int k) const { return given_[std::size_t(k)]; }
  bool is_shared(int k) const { return shared_[std::size_t(k)].tensor != nullptr; }
  leaf cell(int k) const {
    return is_shared(k) ? shared_[std::size_t(k)].record(shared_[std::size_t(k)].tensor)
                        : cells_[std::size_t(k)];
  }
  /// The elements of an array that the executor holds by itself, and how many there are.
  std::byte* data_of(int k) {
    return static_cast<std::byte*>(const_cast<void*>(cells_[std::size_t(k)].first()));
  }
  index elements_of(int k) const { return elements(k); }
  const variable_attributes& attributes_of(int k) const { return attributes_[std::size_t(k)]; }
  grad_req request_of(int k) const { return requests_[std::size_t(k)]; }

 protected:
  using leaf_extents = std::array<extents, std::size_t(leaf_count) + 1>;

  /// The arrays that the expression captured, and parameters of models.
  template <class Group>
  void take_own(const Group& g) {
    int own = 0;
    for (int k = 0; k < leaf_count; ++k)
      if (tables::own[k]) {
        if constexpr (graph_info<typename Of::graph_type>::leaves > 0) {
          leaf l = leaf_at(g, own++);
          if (tables::parameter[k])
            l = parameter_records<typename predict_task::leaves>::reader[k].record(l.parameter);
          cells_[std::size_t(k)] = std::move(l);
          given_[std::size_t(k)] = true;
        }
      }
  }

  template <int K>
  auto value_of(const char* who) const {
    using L = leaf_traits<at<K, typename predict_task::leaves>>;
    if (!given_[std::size_t(K)])
      throw usage_error(std::string(who) + ": \"" + tables::text(K) + "\" was not given yet");
    argument_expression<typename L::element_type, typename L::shape_type> e;
    set_leaf(e, 0, cell(K));
    return basic_tensor<typename L::element_type, typename L::shape_type>(e);
  }

  // ---- taking arguments -----------------------------------------------------------------------------------

  template <class Name, class T, class Shape>
  void take(const char* who, named_value<Name, basic_tensor<T, Shape>> v) {
    (void)sizeof(typename tables::template by_name<Name>::check);
    if constexpr (tables::template by_name<Name>::value >= 0) {
      constexpr int k = tables::template by_name<Name>::leaf;
      using L = leaf_traits<at<k, typename predict_task::leaves>>;
      static_assert(std::is_same_v<T, typename L::element_type>,
                    "tenon: the argument has another dtype than the variable; convert it with astype<T>(x)");
      constexpr bool fits = assignable<typename L::shape_type, Shape>::value();
      (void)value_fits_target<fits, typename L::shape_type, Shape>{};
      if (tables::state[k] && v.shared != nullptr)
        throw usage_error(std::string(who) + ": the state \"" + tables::text(k) +
                          "\" is copied or moved, not taken by ref(); read it with aux<...>()");
      leaf l = v.shared != nullptr ? v.shared->lent() : v.own.captured();
      tables::check(who, k, l.extent, tables::rank[k]);
      if (v.shared != nullptr) {
        shared_[std::size_t(k)] = {v.shared, &record_of<basic_tensor<T, Shape>>,
                                   &is_recorded<basic_tensor<T, Shape>>};
      } else {
        shared_[std::size_t(k)] = {};
      }
      cells_[std::size_t(k)] = std::move(l);
      given_[std::size_t(k)] = true;
      capacity_[std::size_t(k)] = 0;
    }
  }
  template <class Name, class E>
  void take(const char*, const named_expression<Name, E>&) {
    static_assert(
        !std::is_same_v<E, E>,
        "tenon: an executor's arguments are arrays; compose(e, arg<...> = f) puts an expression in");
  }
  template <class Name>
  void take(const char*, const named_shape<Name>&) {
    static_assert(!std::is_same_v<Name, Name>,
                  "tenon: an array is needed here; shapes are for simple_bind, reshape and infer_shape");
  }
  template <class Name>
  void take(const char*, const named_size<Name>&) {
    static_assert(!std::is_same_v<Name, Name>,
                  "tenon: extents follow from arrays here; extent_of<...> is for simple_bind and reshape");
  }
  template <class Name>
  void take(const char*, const named_attributes<Name>& a) {
    (void)sizeof(typename tables::template by_name<Name>::check);
    constexpr int k = tables::template by_name<Name>::leaf;
    attributes_[std::size_t(k)] = a.value;
    if (a.value.grad != grad_req::inherit) requests_[std::size_t(k)] = a.value.grad;
  }
  template <grad_req R, extent... Names>
  void take(const char*, const requests_t<R, Names...>&) {
    if constexpr (sizeof...(Names) == 0)
      requests_.fill(R);
    else
      ((requests_[std::size_t(tables::template leaf_of<Names, false>())] = R), ...);
  }

  template <class X>
  void take(const char*, const X&) {
    (void)sizeof(arguments_are_named<!std::is_same_v<X, X>>);
  }

  template <class Tensor>
  static leaf record_of(const void* t) {
    return static_cast<const Tensor*>(t)->lent();
  }
  /// Whether a record says where the tensor's elements are: it may have got another buffer or other extents.
  template <class Tensor>
  static bool is_recorded(const void* t, const leaf& l) {
    const Tensor& x = *static_cast<const Tensor*>(t);
    bool same = x.flat() == l.data;
    for (int a = 0; a < Tensor::rank; ++a) same = same && x.shape()[std::size_t(a)] == l.extent[a];
    return same;
  }

  /// The extents of all leaves, from arrays that stay and from what is given here.
  template <class Stays, class... Given>
  void infer(const char* who, leaf_extents& found, Stays stays, const Given&... given) const {
    const bool fits = shape_problems<predict_task, Unit>::solve(
        who,
        [&](shape_solver& s) {
          for (int k = 0; k < leaf_count; ++k)
            if (given_[std::size_t(k)] && stays(k)) s.give(k, cell(k).extent, tables::rank[k]);
          (give_shape<tables>(s, given), ...);
        },
        [&](const shape_solver& s) {
          for (int k = 0; k < leaf_count; ++k) found[std::size_t(k)] = s.of_leaf(k);
        });
    if (!fits) throw_misfit(who);
  }
  /// Zeros of a shape behind leaf k, in its own memory where that suffices.
  void set_zeros(int k, const extents& shape) {
    leaf& c = cells_[std::size_t(k)];
    const index bytes = bytes_of(shape, tables::type[k]);
    index& capacity = capacity_[std::size_t(k)];
    if (!c.buffer || c.buffer.references() > 1 || c.buffer.pinned() || capacity < bytes) {
      c.buffer = storage(bytes);
      capacity = bytes;
    }
    std::memset(c.buffer.data(), 0, std::size_t(bytes));
    c.data = c.buffer.data();
    for (int a = 0; a < shape.rank; ++a) c.extent[a] = shape[a].size;
    row_major(shape, c.stride);
    given_[std::size_t(k)] = true;
  }

  index elements(int k) const {
    index n = 1;
    for (int a = 0; a < tables::rank[k]; ++a) n *= cells_[std::size_t(k)].extent[a];
    return n;
  }
  static bool sized(const extents& e) { return shape_solver::known(e); }
  [[noreturn]] TENON_COLD void throw_missing() const {
    const auto missing = [&](int k) { return !given_[std::size_t(k)]; };
    for (int k = 0; k < leaf_count; ++k)
      if (tables::own[k] && missing(k)) throw usage_error("forward: this executor was moved from");
    int n = 0;
    for (int k = 0; k < leaf_count; ++k) n += missing(k);
    throw usage_error(std::string("forward: the variable") + (n > 1 ? "s " : " ") + listed<tables>(missing) +
                      (n > 1 ? " have" : " has") + " no value");
  }

  struct shared_cell {
    const void* tensor = nullptr;
    leaf (*record)(const void*) = nullptr;
    bool (*is_recorded)(const void*, const leaf&) = nullptr;
  };
  std::array<leaf, std::size_t(leaf_count) + 1> cells_;
  renewed_by_move<std::array<bool, std::size_t(leaf_count) + 1>> given_;
  std::array<shared_cell, std::size_t(leaf_count) + 1> shared_{};
  std::array<index, std::size_t(leaf_count) + 1> capacity_{};  // bytes of cells that were allocated here
  std::array<grad_req, std::size_t(leaf_count) + 1> requests_{};
  std::array<variable_attributes, std::size_t(leaf_count) + 1> attributes_{};
};

}  // namespace tenon::detail

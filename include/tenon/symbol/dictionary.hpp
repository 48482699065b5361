// Executors by names that run time knows: dictionaries of arguments, gradients, states and outputs, and
// parameters from elsewhere.
#pragma once

#include "tenon/array/any_tensor.hpp"
#include "tenon/symbol/executor.hpp"

namespace tenon {

/// Arrays by name, in order.
using named_arrays = std::vector<std::pair<std::string, any_tensor>>;

/// What copy_params_from does where names do not agree.
struct copy_options {
  bool allow_missing = false;  // variables that no array is given for keep theirs
  bool ignore_extra = false;   // arrays that no variable is named like are left out
};

namespace detail {

inline any_tensor array_of(const leaf& l, dtype type, int rank) {
  // cells are row-major unless they were borrowed; a strided one is copied
  index step = 1;
  bool dense = static_cast<bool>(l.buffer) && !l.buffer.pinned() && l.data == l.buffer.data();
  index n = 1;
  for (int a = rank - 1; a >= 0; --a) {
    dense = dense && (l.extent[a] == 1 || l.stride[a] == step);
    step *= l.extent[a];
    n *= l.extent[a];
  }
  const std::span<const index> shape{l.extent, std::size_t(rank)};
  if (dense) return any_tensor::on(l.buffer, type, shape);
  storage copy(n * size_of(type));
  index at[max_rank]{};
  for (index i = 0; i < n; ++i) {
    index offset = 0;
    for (int a = 0; a < rank; ++a) offset += at[a] * l.stride[a];
    std::memcpy(copy.data() + i * size_of(type),
                static_cast<const std::byte*>(l.first()) + offset * size_of(type),
                std::size_t(size_of(type)));
    for (int a = rank - 1; a >= 0 && ++at[a] == l.extent[a]; --a) at[a] = 0;
  }
  return any_tensor::on(std::move(copy), type, shape);
}

template <class Executor>
named_arrays cells_of(const Executor& ex, bool states) {
  using names = typename Executor::leaf_names;
  named_arrays r;
  for (int k = 0; k < names::n; ++k)
    if (names::named[k] && names::state[k] == states)
      r.emplace_back(names::text(k),
                     ex.is_given(k) ? array_of(ex.cell(k), names::type[k], names::rank[k]) : any_tensor());
  return r;
}

/// The leaf of a name; -1 where there is none.
template <class Names>
int leaf_named(const std::string& name) {
  for (int k = 0; k < Names::n; ++k)
    if (Names::named[k] && name == Names::text(k)) return k;
  return -1;
}
template <class Names>
std::string all_variables() {
  return listed<Names>([](int k) { return Names::named[k]; });
}

/// Throws where an array is none for leaf k: dtype_error, shape_error.
template <class Names>
void check_array(const char* who, int k, const any_tensor& a) {
  if (a.type() != Names::type[k])
    throw dtype_error(std::string(who) + ": \"" + Names::text(k) + "\" has dtype " + name_of(a.type()) +
                      ", expected " + name_of(Names::type[k]));
  Names::check(who, k, a.shape().data(), a.rank());
}
template <class Executor>
void put_array(Executor& ex, const char* who, int k, const any_tensor& a) {
  leaf l;
  record_array(l, a.buffer(), a.shape().data(), a.rank());
  ex.put(who, k, std::move(l));
}

}  // namespace detail

/// The values of all arguments, of dtype none where one was not given yet. Arrays share memory with the
/// executor until one of them is written to.
template <class G, class R, class V, class O, class U>
named_arrays arguments_of(const executor<G, R, V, O, U>& ex) {
  return detail::cells_of(ex, false);
}
/// The values of all states.
template <class G, class R, class V, class O, class U>
named_arrays states_of(const executor<G, R, V, O, U>& ex) {
  return detail::cells_of(ex, true);
}
/// The gradients of all variables that have one. Throws usage_error before backward().
template <class G, class R, class V, class O, class U>
named_arrays gradients_of(const executor<G, R, V, O, U>& ex) {
  using names = typename executor<G, R, V, O, U>::leaf_names;
  if (!ex.has_gradients()) throw usage_error("gradients: no gradient was computed; call backward() first");
  named_arrays r;
  for (int k = 0; k < names::n; ++k) {
    const int w = ex.gradient_of(k);
    if (!names::named[k] || w < 0 || ex.request_of(k) == grad_req::null) continue;
    const std::vector<index> shape = detail::sizes_of(ex.gradient_shape(w));
    r.emplace_back(names::text(k), any_tensor::on(ex.gradient_buffer(w), names::type[k], shape));
  }
  return r;
}
/// The outputs of the last forward pass, named as list_outputs has them.
template <class G, class R, class V, class O, class U>
named_arrays outputs_of(const executor<G, R, V, O, U>& ex) {
  const auto names = detail::output_names<typename executor<G, R, V, O, U>::members_type>();
  named_arrays r;
  std::apply([&](const auto&... t) { (r.emplace_back(std::string(names[r.size()]), any_tensor(t)), ...); },
             ex.all_outputs());
  return r;
}

/// Replaces an argument or state by its name. Throws usage_error for a name that the graph has not,
/// dtype_error and shape_error, and then changes nothing.
template <class G, class R, class V, class O, class U>
void set_argument(executor<G, R, V, O, U>& ex, const std::string& name, const any_tensor& a) {
  using names = typename executor<G, R, V, O, U>::leaf_names;
  const int k = detail::leaf_named<names>(name);
  if (k < 0)
    throw usage_error("set_argument: this graph has no variable \"" + name + "\"; it has " +
                      detail::all_variables<names>());
  detail::check_array<names>("set_argument", k, a);
  detail::put_array(ex, "set_argument", k, a);
}

/// Replaces arguments and states by arrays of their names. All checks come first: usage_error lists the
/// variables without an array and the arrays without a variable, unless options allow them; dtype_error and
/// shape_error name the variable. After an error nothing has changed.
template <class G, class R, class V, class O, class U>
void copy_params_from(executor<G, R, V, O, U>& ex, const named_arrays& params, copy_options options = {}) {
  using names = typename executor<G, R, V, O, U>::leaf_names;
  std::string extra, missing;
  bool found[names::n + 1]{};
  for (const auto& [name, array] : params) {
    const int k = detail::leaf_named<names>(name);
    if (k >= 0)
      found[k] = true;
    else
      extra += (extra.empty() ? "\"" : ", \"") + name + "\"";
  }
  missing = detail::listed<names>([&](int k) { return names::named[k] && !found[k]; });
  if (!missing.empty() && !options.allow_missing)
    throw usage_error("copy_params_from: there is no array for " + missing + "; see allow_missing");
  if (!extra.empty() && !options.ignore_extra)
    throw usage_error("copy_params_from: this graph has no variable " + extra + "; it has " +
                      detail::all_variables<names>() + "; see ignore_extra");
  for (const auto& [name, array] : params)
    if (const int k = detail::leaf_named<names>(name); k >= 0)
      detail::check_array<names>("copy_params_from", k, array);
  for (const auto& [name, array] : params)
    if (const int k = detail::leaf_named<names>(name); k >= 0)
      detail::put_array(ex, "copy_params_from", k, array);
}

}  // namespace tenon

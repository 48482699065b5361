// Whole models: initial weights, a summary, saving and loading.
#pragma once

#include <cmath>

#include "tenon/array/random.hpp"
#include "tenon/io/tensors.hpp"
#include "tenon/nn/parameter.hpp"

namespace tenon {

/// Fills a model's parameters: matrices Glorot-uniform (Glorot & Bengio, 2010), vectors with zeros.
template <class Model>
void initialise(Model& model, generator& g) {
  for_each_parameter(model, [&](auto& p) {
    using P = std::remove_cvref_t<decltype(p)>;
    using T = typename P::value_type;
    if constexpr (P::rank == 2) {
      const double limit = std::sqrt(6.0 / double(p.extent(0) + p.extent(1)));
      const auto u = uniform<T>(g, p.size());
      for (index i = 0; i < p.size(); ++i) p.own()[i] = static_cast<T>(limit * (2 * double(u.flat()[i]) - 1));
    } else {
      std::fill_n(p.own(), p.size(), T(0));
    }
  });
}

/// The number of trained elements of a model.
template <class Model>
index parameter_count(const Model& model) {
  index n = 0;
  for_each_parameter(model, [&](const auto& p) { n += p.size(); });
  return n;
}

/// A line for each parameter (its place, shape and size) and their sum, as text.
template <class Model>
std::string summary(const Model& model) {
  std::string text = "parameter  shape            elements\n";
  int k = 0;
  for_each_parameter(model, [&](const auto& p) {
    const auto pad = [](std::string s, std::size_t width) {
      return s.resize(std::max(s.size(), width), ' '), s;
    };
    std::string shape = detail::describe(detail::extents_of_leaf(p.record(), p.rank));
    text += pad(std::to_string(k++), 11) + pad(shape, 17) + std::to_string(p.size()) + "\n";
  });
  return text + "in all                      " + std::to_string(parameter_count(model)) + "\n";
}

namespace detail {
inline std::string parameter_entry(int k) { return "parameter_" + std::to_string(k); }

template <class T, class... D>
basic_tensor<T, shape<D...>> read_parameter(const std::vector<npz_entry>& entries, const std::string& name,
                                            const std::string& file, const basic_tensor<T, shape<D...>>&) {
  return basic_tensor<T, shape<D...>>(
      read_entry<T, (static_size<D> < 0 ? dyn : extent(static_size<D>))...>(entries, name, file));
}
}  // namespace detail

/// Writes a model's parameters, in order of declaration, as an .npz that numpy.load reads. All or nothing.
template <class Model>
void save(const Model& model, const std::string& path) {
  std::vector<npz_entry> entries;
  for_each_parameter(model, [&](const auto& p) {
    using P = std::remove_cvref_t<decltype(p)>;
    const typename P::base& t = p;
    entries.push_back(entry_of(detail::parameter_entry(int(entries.size())), t));
  });
  write_npz(path, entries);
}

/// Reads what save wrote. Throws io_error where an entry is missing or has another dtype or shape, and then
/// leaves the model as it was.
template <class Model>
void load(Model& model, const std::string& path, inflate_fn inflate = nullptr) {
  const std::vector<npz_entry> entries = read_npz(path, inflate);
  int k = 0;
  for_each_parameter(model, [&](auto& p) {
    (void)detail::read_parameter(entries, detail::parameter_entry(k++), path,
                                 static_cast<const typename std::remove_cvref_t<decltype(p)>::base&>(p));
  });
  k = 0;
  for_each_parameter(model, [&](auto& p) {
    using base = typename std::remove_cvref_t<decltype(p)>::base;
    static_cast<base&>(p) =
        detail::read_parameter(entries, detail::parameter_entry(k++), path, static_cast<const base&>(p));
  });
}

}  // namespace tenon

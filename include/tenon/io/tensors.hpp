// Tensors from CSV tables, and tensors to and from NumPy's archives (.npz).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/array/any_tensor.hpp"
#include "tenon/io/csv.hpp"
#include "tenon/io/npz.hpp"

namespace tenon {

/// The numbers of a table as T: [rows, columns]. usage_error, with row and column from 0, for a number that T
/// cannot hold: one out of range, or for an integer T a fraction or NaN.
template <element T = double>
requires(!complex_number<T>) tensor<T, dyn, dyn> to_tensor(const csv_table& table) {
  if (table.rows < 0 || table.columns < 0 ||
      table.values.size() != static_cast<std::size_t>(table.rows) * static_cast<std::size_t>(table.columns))
    throw shape_error("to_tensor: expected a table of " + std::to_string(table.rows) + " x " +
                      std::to_string(table.columns) + " numbers, got " + std::to_string(table.values.size()));
  auto x = tensor<T, dyn, dyn>::uninitialised({table.rows, table.columns});
  T* const to = x.own();
  for (index i = 0; i < x.size(); ++i) {
    const double v = table.values[static_cast<std::size_t>(i)];
    bool fits = true;
    if constexpr (math::real<T> && sizeof(T) < sizeof(double))
      fits = !std::isfinite(v) || std::abs(v) <= static_cast<double>(std::numeric_limits<T>::max());
    else if constexpr (!std::is_same_v<T, double>)  // the end of the range as a power of two, which is exact
      fits = v == std::floor(v) && v >= static_cast<double>(std::numeric_limits<T>::min()) &&
             v < 2 * static_cast<double>(std::numeric_limits<T>::max() / 2 + 1);
    if (!fits)
      throw usage_error("to_tensor: row " + std::to_string(i / table.columns) + ", column " +
                        std::to_string(i % table.columns) + ": expected a number that " +
                        name_of(dtype_of<T>) + " can hold, got " + std::to_string(v));
    to[i] = static_cast<T>(v);
  }
  return x;
}

namespace detail {

static_assert(std::endian::native == std::endian::little,
              "tenon: io/tensors.hpp copies little-endian numbers");

/// The descr of a dtype in an .npy file. NumPy has no bfloat16: "<V2" is what it makes of two bytes that it
/// does not know, and .npy files of it are neither written nor read.
constexpr const char* npy_descr(dtype d) {
  constexpr const char* descr[dtype_count] = {"",    "",    "|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2",
                                              "<u4", "<u8", "<f2", "<V2", "<f4", "<f8", "<c8", "<c16"};
  return descr[static_cast<int>(d)];
}

/// The dtype of a descr; none where tenon has no such dtype.
inline dtype npy_dtype(std::string_view descr) {
  for (int d = static_cast<int>(dtype::boolean); d < dtype_count; ++d)
    if (descr == npy_descr(static_cast<dtype>(d))) return static_cast<dtype>(d);
  return dtype::none;
}

/// An array as a file holds it, whatever the format: `type` is none, and the format's own name says more,
/// where tenon has no such dtype. The numbers are little-endian and without gaps.
struct stored_array {
  dtype type;
  std::string_view type_name;
  const std::vector<index>& shape;
  std::string_view data;
  bool fortran;
};

/// The one of these entries that has this name; else io_error.
template <class Entry>
const Entry& find_entry(const std::vector<Entry>& entries, const std::string& name, const std::string& file) {
  const Entry* found = nullptr;
  std::string others;
  for (const Entry& e : entries) {
    if (e.name == name) found = &e;
    if (others.size() < 200) others += (others.empty() ? "" : ", ") + in_quotes(e.name);
  }
  if (found == nullptr)
    throw_io(file + ": expected an entry " + in_quotes(name) + ", got " +
             (others.empty() ? "no entries" : others));
  return *found;
}

/// How errors name an entry of a file.
inline std::string entry_text(const std::string& name, const std::string& file) {
  return file + ": entry " + in_quotes(name);
}

/// io_error, in which `where` stands for the array, where dtype, shape or size in bytes are not as expected.
inline void check_entry(const stored_array& array, const std::string& where, dtype type,
                        const extent* expected, int rank) {
  const std::string entry = where + ": expected ";
  if (array.type != type || !extents_fit(array.shape, expected, rank))
    throw_io(entry + name_of(type) + " " + extents_text(expected, rank) + ", got " +
             (array.type == dtype::none ? in_quotes(array.type_name) : name_of(array.type)) + " " +
             extents_text(array.shape));
  const index bytes = npy_data_size(array.shape, size_of(type));
  if (bytes < 0 || static_cast<std::size_t>(bytes) != array.data.size())
    throw_io(entry + std::to_string(bytes) + " bytes of data, got " + std::to_string(array.data.size()));
}

/// Numbers whose first axis runs fastest, row by row.
template <class T>
void from_fortran(const T* from, T* to, const index* extents, int rank) {
  index count = 1, stride[max_rank]{}, at[max_rank]{};
  for (int k = 0; k < rank; ++k) {
    stride[k] = count;
    count *= extents[k];
  }
  index offset = 0;
  for (index i = 0; i < count; ++i) {
    to[i] = from[offset];
    for (int k = rank - 1; k >= 0; --k) {
      offset += stride[k];
      if (++at[k] < extents[k]) break;
      offset -= at[k] * stride[k];
      at[k] = 0;
    }
  }
}

/// The tensor that a file's array is, once check_entry has found it as expected.
template <element T, extent... E>
tensor<T, E...> stored_tensor(const stored_array& array, const std::string& where) {
  constexpr int rank = sizeof...(E);
  constexpr std::array<extent, rank> expected{E...};
  check_entry(array, where, dtype_of<T>, expected.data(), rank);
  std::array<index, rank> extents{};
  std::copy_n(array.shape.data(), rank, extents.data());
  auto t = tensor<T, E...>::uninitialised(extents);
  if constexpr (std::is_same_v<T, bool>) {  // a byte other than 0 and 1 is no bool
    for (std::size_t i = 0; i < array.data.size(); ++i) t.own()[i] = array.data[i] != 0;
  } else {
    std::memcpy(t.own(), array.data.data(), array.data.size());
  }
  if (array.fortran && rank > 1) {
    const auto columns_first = t;
    from_fortran(columns_first.flat(), t.own(), extents.data(), rank);
  }
  return t;
}

/// A file's array, whatever its dtype, with up to 8 axes; else io_error, in which `where` stands for it.
inline any_tensor any_of_stored(const stored_array& array, const std::string& where) {
  const auto rank = static_cast<int>(array.shape.size());
  const std::string got = in_quotes(array.type_name) + " " + extents_text(array.shape);
  if (array.type == dtype::none || rank > max_rank)
    throw_io(where + ": expected a dtype of tenon and at most " + std::to_string(max_rank) + " axes, got " +
             got);
  const index bytes = npy_data_size(array.shape, size_of(array.type));
  if (bytes < 0 || static_cast<std::size_t>(bytes) != array.data.size())
    throw_io(where + ": expected the data of " + got + ", got " + std::to_string(array.data.size()) +
             " bytes");
  storage buffer(bytes);
  if (array.fortran && rank > 1) {
    array_access from, to;
    from.data = reinterpret_cast<std::byte*>(const_cast<char*>(array.data.data()));
    from.type = array.type;
    from.rank = rank;
    index step = 1;
    for (int k = 0; k < rank; ++k) {
      from.extent[k] = array.shape[static_cast<std::size_t>(k)];
      from.stride[k] = step;
      step *= from.extent[k];
    }
    to = from;
    to.data = buffer.data();
    step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      to.stride[k] = step;
      step *= to.extent[k];
    }
    copy_elements(from, to);
  } else if (bytes > 0) {
    std::memcpy(buffer.data(), array.data.data(), array.data.size());
  }
  if (array.type == dtype::boolean)  // a byte other than 0 and 1 is no bool
    for (index i = 0; i < bytes; ++i) buffer.data()[i] = std::byte(buffer.data()[i] != std::byte(0));
  return any_tensor::on(std::move(buffer), array.type, array.shape);
}

}  // namespace detail

/// An array of an .npy file as one whose dtype and rank run time knows. io_error where tenon has no such
/// dtype or the array has more than 8 axes.
inline any_tensor to_any(const npy_array& array) {
  return detail::any_of_stored(
      {detail::npy_dtype(array.descr), array.descr, array.shape, array.data, array.fortran}, "to_any");
}
inline any_tensor to_any(const npz_entry& entry) {
  const npy_array& array = entry.array;
  return detail::any_of_stored(
      {detail::npy_dtype(array.descr), array.descr, array.shape, array.data, array.fortran}, entry.name);
}
/// The entry of this name; io_error, in which `file` stands for the archive, also where there is none.
inline any_tensor read_any(const std::vector<npz_entry>& entries, const std::string& name,
                           const std::string& file) {
  return to_any(detail::find_entry(entries, name, file));
}

/// A tensor as an entry of an archive.
template <element T, class S>
npz_entry entry_of(std::string name, const basic_tensor<T, S>& t) {
  npz_entry entry{std::move(name), {detail::npy_descr(dtype_of<T>), false, {}, {}}};
  for (int k = 0; k < S::rank; ++k) entry.array.shape.push_back(t.extent(k));
  entry.array.data.assign(reinterpret_cast<const char*>(t.flat()),
                          static_cast<std::size_t>(t.size()) * sizeof(T));
  return entry;
}

inline npz_entry entry_of(std::string name, const any_tensor& a) {
  npz_entry entry{std::move(name), {detail::npy_descr(a.type()), false, {}, {}}};
  entry.array.shape.assign(a.shape().begin(), a.shape().end());
  entry.array.data.assign(reinterpret_cast<const char*>(a.data()),
                          static_cast<std::size_t>(a.size() * size_of(a.type())));
  return entry;
}

/// The entry of this name as a tensor: read_entry<float, 784, dyn>(entries, "w", path). io_error, in which
/// `file` stands for the archive, where there is no such entry or where it has another dtype or shape; a name
/// among the extents takes any size, the same at each place.
template <element T, extent... E>
tensor<T, E...> read_entry(const std::vector<npz_entry>& entries, const std::string& name,
                           const std::string& file) {
  const npy_array& array = detail::find_entry(entries, name, file).array;
  return detail::stored_tensor<T, E...>(
      {detail::npy_dtype(array.descr), array.descr, array.shape, array.data, array.fortran},
      detail::entry_text(name, file));
}

/// Writes one array as numpy.save does, of a tensor, view or expression: write_npy("x.npy", x). In one step,
/// as write_file; errors as those of format_npy and write_file.
inline void write_npy(const std::string& path, const any_tensor& a) {
  write_file(path, format_npy(entry_of({}, a).array));
}

/// Reads one array that numpy.save wrote: read_npy<float, dyn, 784>("x.npy"). Errors as those of read_file
/// and parse_npy, and io_error for another dtype or shape than is said; a name among the extents takes any
/// size, the same at each place.
template <element T, extent... E>
tensor<T, E...> read_npy(const std::string& path) {
  const npy_array array = parse_npy(read_file(path), path);
  return detail::stored_tensor<T, E...>(
      {detail::npy_dtype(array.descr), array.descr, array.shape, array.data, array.fortran}, path);
}
/// The same whatever the dtype and shape are: read_npy("x.npy").
inline any_tensor read_npy(const std::string& path) {
  const npy_array array = parse_npy(read_file(path), path);
  return detail::any_of_stored(
      {detail::npy_dtype(array.descr), array.descr, array.shape, array.data, array.fortran}, path);
}

/// Writes an archive that numpy.load reads: write_npz(path, {entry_of("w", w), entry_of("b", b)}). In one
/// step, as write_file; errors as those of format_npz and write_file.
inline void write_npz(const std::string& path, const std::vector<npz_entry>& entries) {
  write_file(path, format_npz(entries));
}

/// Reads an archive; errors as those of read_file and parse_npz, and compressed entries need `inflate` as
/// there.
inline std::vector<npz_entry> read_npz(const std::string& path, inflate_fn inflate = nullptr) {
  return parse_npz(read_file(path), path, inflate);
}

}  // namespace tenon

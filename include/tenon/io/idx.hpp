// Tensors from and to IDX files, the format of the MNIST digits: one array of big-endian numbers.
// Source: http://yann.lecun.com/exdb/mnist/ (at the end), also
// https://www.fon.hum.uva.nl/praat/manual/IDX_file_format.html
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/array/create.hpp"
#include "tenon/core/config.hpp"
#include "tenon/core/error.hpp"
#include "tenon/io/file.hpp"
#include "tenon/io/npy.hpp"
#include "tenon/io/tensors.hpp"

namespace tenon {

/// The types of number that an IDX file may hold, with their codes.
enum class idx_type : std::uint8_t {
  uint8 = 0x08,
  int8 = 0x09,
  int16 = 0x0B,
  int32 = 0x0C,
  float32 = 0x0D,
  float64 = 0x0E
};

/// Uncompresses gzip data to at most `limit` bytes or throws io_error: gunzip of tenon/io/gzip.hpp.
using gunzip_fn = std::string (*)(std::string_view compressed, const std::string& name, std::size_t limit);

/// The dtypes that IDX files are read to: integers, float and double.
template <class T>
concept idx_element = element<T> && !std::is_same_v<T, bool> && std::is_arithmetic_v<T>;

namespace detail {

/// Calls f with a zero of the type; false where there is no such type.
template <class F>
bool with_idx_type(idx_type type, F f) {
  switch (type) {
    case idx_type::uint8:
      return f(std::uint8_t{}), true;
    case idx_type::int8:
      return f(std::int8_t{}), true;
    case idx_type::int16:
      return f(std::int16_t{}), true;
    case idx_type::int32:
      return f(std::int32_t{}), true;
    case idx_type::float32:
      return f(float{}), true;
    case idx_type::float64:
      return f(double{}), true;
  }
  return false;
}

inline const char* name_of_idx(idx_type type) {
  return type == idx_type::uint8     ? "uint8"
         : type == idx_type::int8    ? "int8"
         : type == idx_type::int16   ? "int16"
         : type == idx_type::int32   ? "int32"
         : type == idx_type::float32 ? "float32"
                                     : "float64";
}

/// Unsigned integers as wide as an IDX number.
template <std::size_t Bytes>
using idx_bits =
    std::conditional_t<Bytes == 1, std::uint8_t,
                       std::conditional_t<Bytes == 2, std::uint16_t,
                                          std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t>>>;

template <class S>
S get_big_endian(const char* from) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(S); ++i) bits = bits << 8 | static_cast<unsigned char>(from[i]);
  return std::bit_cast<S>(static_cast<idx_bits<sizeof(S)>>(bits));
}

template <class S>
void put_big_endian(char* to, S value) {
  const std::uint64_t bits = std::bit_cast<idx_bits<sizeof(S)>>(value);
  for (std::size_t i = 0; i < sizeof(S); ++i)
    to[i] = static_cast<char>(bits >> (8 * (sizeof(S) - 1 - i)) & 0xFF);
}

/// Whether To has this very number; NaN is one for any floating To, and -0 is 0 for an integer.
template <class To, class From>
bool converts(From v) {
  if constexpr (std::is_same_v<To, From>) {
    return true;
  } else if constexpr (std::is_integral_v<To> && std::is_integral_v<From>) {
    return std::in_range<To>(v);
  } else if constexpr (std::is_integral_v<To>) {  // the end of the range as a power of two, which is exact
    constexpr From end = 2 * static_cast<From>(std::numeric_limits<To>::max() / 2 + 1);
    return v == std::floor(v) && v >= static_cast<From>(std::numeric_limits<To>::min()) && v < end;
  } else if constexpr (std::is_integral_v<From>) {  // a float may round up to 2^63, which From does not have
    return converts<From>(static_cast<To>(v)) && static_cast<From>(static_cast<To>(v)) == v;
  } else {
    return !std::isfinite(v) || (std::abs(v) <= static_cast<From>(std::numeric_limits<To>::max()) &&
                                 static_cast<From>(static_cast<To>(v)) == v);
  }
}

template <class V>
std::string exact_text(V v) {
  char text[32];
  const auto [stop, status] = std::to_chars(text, text + sizeof(text), v);
  return {text, status == std::errc() ? stop : text};
}

/// The header of an IDX file, checked against the size of its data.
struct idx_header {
  idx_type type;
  std::vector<index> shape;
  std::string_view data;
};

inline idx_header parse_idx_header(std::string_view bytes, const std::string& name) {
  const auto fail = [&](const std::string& expected, const std::string& got) {
    throw_io(name + ": expected " + expected + ", got " + got);
  };
  if (bytes.size() < 4) fail("an IDX file", std::to_string(bytes.size()) + " bytes");
  if (bytes[0] != 0 || bytes[1] != 0) fail("an IDX file, which opens with two zeros", "other first bytes");
  idx_header header{static_cast<idx_type>(bytes[2]), {}, {}};
  std::size_t item = 0;
  if (!with_idx_type(header.type, [&](auto zero) { item = sizeof(zero); })) {
    fail("an IDX type from 8 to 14 but 10",
         std::to_string(static_cast<unsigned>(static_cast<unsigned char>(bytes[2]))));
  }
  const std::size_t rank = static_cast<unsigned char>(bytes[3]);
  if (bytes.size() < 4 + 4 * rank) {
    fail("an IDX header of " + std::to_string(4 + 4 * rank) + " bytes for " + std::to_string(rank) + " axes",
         std::to_string(bytes.size()));
  }
  for (std::size_t k = 0; k < rank; ++k)
    header.shape.push_back(static_cast<index>(get_big_endian<std::uint32_t>(bytes.data() + 4 + 4 * k)));
  header.data = bytes.substr(4 + 4 * rank);
  const std::string what = extents_text(header.shape) + " of " + name_of_idx(header.type);
  const index size = npy_data_size(header.shape, static_cast<index>(item));
  if (size < 0) fail("a size below 2^63 bytes", what);
  if (static_cast<std::uint64_t>(size) != header.data.size())
    fail(std::to_string(size) + " bytes of data for " + what, std::to_string(header.data.size()));
  return header;
}

}  // namespace detail

/// Reads the bytes of an IDX file; `name` stands for it in an io_error. Errors as those of read_idx.
template <idx_element T, extent... E>
tensor<T, E...> parse_idx(std::string_view bytes, const std::string& name) {
  constexpr int rank = sizeof...(E);
  constexpr std::array<extent, rank> expected{E...};
  const detail::idx_header header = detail::parse_idx_header(bytes, name);
  if (!detail::extents_fit(header.shape, expected.data(), rank)) {
    detail::throw_io(name + ": expected extents " + detail::extents_text(expected.data(), rank) + ", got " +
                     detail::extents_text(header.shape) + " of " + detail::name_of_idx(header.type));
  }
  std::array<index, rank> extents{};
  std::copy_n(header.shape.data(), rank, extents.data());
  auto t = tensor<T, E...>::uninitialised(extents);
  T* const to = t.own();
  detail::with_idx_type(header.type, [&](auto zero) {
    using S = decltype(zero);
    const char* from = header.data.data();
    for (index i = 0; i < t.size(); ++i, from += sizeof(S)) {
      const S v = detail::get_big_endian<S>(from);
      if (!detail::converts<T>(v)) {
        detail::throw_io(name + ": element " + std::to_string(i) + ": expected a number that " +
                         name_of(dtype_of<T>) + " can hold exactly, got " + detail::exact_text(v));
      }
      to[i] = static_cast<T>(v);
    }
  });
  return t;
}

/// Reads an IDX file: read_idx<float, "n", 28, 28>("train-images-idx3-ubyte.gz", gunzip), where gzip data
/// needs `inflate` (gunzip of tenon/io/gzip.hpp), plain data does not. io_error for other extents, where a
/// name takes any size, the same at each place; for a number that T cannot hold exactly; for more than
/// `limit` bytes uncompressed; and those of read_file.
template <idx_element T, extent... E>
tensor<T, E...> read_idx(const std::string& path, gunzip_fn inflate = nullptr,
                         std::size_t limit = std::size_t{1} << 30) {
  std::string bytes = read_file(path);
  if (bytes.starts_with("\x1f\x8b")) {
    if (inflate == nullptr) {
      detail::throw_io(path +
                       ": expected an IDX file, got gzip data (include tenon/io/gzip.hpp and pass gunzip)");
    }
    bytes = inflate(bytes, path, limit);
  }
  return parse_idx<T, E...>(bytes, path);
}

/// The type that numbers are written as unless another is asked for: that of T where the format has it, uint8
/// for bool, and int32 for other integers.
template <element T>
inline constexpr idx_type idx_type_of =
    std::is_same_v<T, bool> || std::is_same_v<T, std::uint8_t> ? idx_type::uint8
    : std::is_same_v<T, std::int8_t>                           ? idx_type::int8
    : std::is_same_v<T, std::int16_t>                          ? idx_type::int16
    : std::is_same_v<T, float>                                 ? idx_type::float32
    : std::is_same_v<T, double>                                ? idx_type::float64
                                                               : idx_type::int32;

/// The bytes of an IDX file with numbers of this type; usage_error for a number that the type cannot hold
/// exactly, and for an extent from 2^32 on.
template <element T, class S>
requires std::is_arithmetic_v<T> std::string format_idx(const basic_tensor<T, S>& t,
                                                        idx_type type = idx_type_of<T>) {
  std::string out(4 + 4 * static_cast<std::size_t>(S::rank), '\0');
  out[2] = static_cast<char>(type);
  out[3] = static_cast<char>(S::rank);
  for (int k = 0; k < S::rank; ++k) {
    if (t.extent(k) > index{0xFFFFFFFF}) {
      throw usage_error("format_idx: axis " + std::to_string(k) + ": expected an extent below 2^32, got " +
                        std::to_string(t.extent(k)));
    }
    detail::put_big_endian(out.data() + 4 + 4 * k, static_cast<std::uint32_t>(t.extent(k)));
  }
  const bool known = detail::with_idx_type(type, [&](auto zero) {
    using N = decltype(zero);
    const std::size_t start = out.size();
    out.resize(start + static_cast<std::size_t>(t.size()) * sizeof(N));
    const T* const from = t.flat();
    for (index i = 0; i < t.size(); ++i) {
      using V = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;
      const auto v = static_cast<V>(from[i]);
      if (!detail::converts<N>(v)) {
        throw usage_error("format_idx: element " + std::to_string(i) + ": expected a number that " +
                          detail::name_of_idx(type) + " can hold exactly, got " + detail::exact_text(v));
      }
      detail::put_big_endian(out.data() + start + static_cast<std::size_t>(i) * sizeof(N), static_cast<N>(v));
    }
  });
  if (!known)
    throw usage_error("format_idx: expected an IDX type, got " + std::to_string(static_cast<int>(type)));
  return out;
}

/// Writes an IDX file: write_idx(path, pixels, idx_type::uint8). In one step, as write_file; errors as those
/// of format_idx and write_file.
template <element T, class S>
requires std::is_arithmetic_v<T>
void write_idx(const std::string& path, const basic_tensor<T, S>& t, idx_type type = idx_type_of<T>) {
  write_file(path, format_idx(t, type));
}

}  // namespace tenon

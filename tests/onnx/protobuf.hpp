// Reading protocol buffers: the wire format, without a schema. A message is a sequence of fields, each a number
// (by which the schema names it) and a value: a varint, 4 or 8 bytes, or a counted sequence of bytes, which holds
// a string, another message or packed numbers. Whatever does not fit into the bytes that are there is an io_error.
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "tenon/core/error.hpp"

namespace onnx {

/// The fields of a message, one after the other.
class fields {
 public:
  explicit fields(std::string_view message) : rest_(message) {}

  /// Reads the next field; false at the end. Throws io_error for a field that is cut short or of no known
  /// form.
  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    number_ = key >> 3;
    form_ = int(key & 7);
    if (number_ == 0) refuse("a field has the number 0");
    if (form_ == 0)
      value_ = varint();
    else if (form_ == 1)
      value_ = fixed<std::uint64_t>();
    else if (form_ == 2)
      bytes_ = take(varint());
    else if (form_ == 5)
      value_ = fixed<std::uint32_t>();
    else
      refuse("a field is of no known form");
    return true;
  }

  std::uint64_t number() const { return number_; }

  std::string_view bytes() const {
    if (form_ != 2) refuse("a field that should hold bytes is a number");
    return bytes_;
  }
  std::int64_t integer() const {
    if (form_ != 0) refuse("a field that should hold an integer does not");
    return std::int64_t(value_);
  }
  float real() const {
    if (form_ != 5) refuse("a field that should hold a float does not");
    return std::bit_cast<float>(std::uint32_t(value_));
  }

  /// Calls f with each integer of a repeated field, which may be packed.
  template <class F>
  void integers(F f) const {
    if (form_ != 2) return f(integer());
    for (fields packed(bytes_); !packed.rest_.empty();) f(std::int64_t(packed.varint()));
  }
  /// Calls f with each number of a repeated field of T, float or double, which may be packed.
  template <class T, class F>
  void reals(F f) const {
    if (form_ != 2) {
      if (form_ != (sizeof(T) == 4 ? 5 : 1))
        refuse("a field that should hold floating-point numbers does not");
      return f(sizeof(T) == 4 ? T(std::bit_cast<float>(std::uint32_t(value_)))
                              : T(std::bit_cast<double>(value_)));
    }
    for (fields packed(bytes_); !packed.rest_.empty();) f(packed.fixed<T>());
  }

 private:
  std::string_view rest_, bytes_;
  std::uint64_t number_ = 0, value_ = 0;
  int form_ = 0;

  [[noreturn]] static void refuse(const char* why) { throw tenon::io_error(std::string("protobuf: ") + why); }

  std::string_view take(std::uint64_t n) {
    if (n > rest_.size()) refuse("the data ends within a field");
    const std::string_view taken = rest_.substr(0, std::size_t(n));
    rest_.remove_prefix(std::size_t(n));
    return taken;
  }
  /// Little-endian, as all machines here are.
  template <class T>
  T fixed() {
    T v;
    std::memcpy(&v, take(sizeof(T)).data(), sizeof(T));
    return v;
  }
  /// Seven bits a byte, the least first; the highest bit says that more follow.
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const unsigned char byte = static_cast<unsigned char>(take(1)[0]);
      v |= std::uint64_t(byte & 127) << shift;
      if (byte < 128) return v;
    }
    refuse("an integer has more than 10 bytes");
  }
};

}  // namespace onnx

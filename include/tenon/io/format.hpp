// Arrays as text, as NumPy 2.4 prints them: to_string, streams and, where the standard library has it,
// std::format.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <version>

#if defined(__cpp_lib_format)
#include <format>
#include <ranges>
#endif

#include "tenon/array/any_tensor.hpp"
#include "tenon/core/error.hpp"
#include "tenon/core/math.hpp"

namespace tenon {

/// How arrays are printed: NumPy's options of the same meaning.
struct print_options {
  /// Most digits after the point.
  int precision = 8;
  /// More elements than this are summarised: "..." stands for all but the ends of long axes.
  index threshold = 1000;
  /// Elements at each end of a summarised axis, at least 1.
  index edge_items = 3;
  /// Characters of a line; longer rows are wrapped.
  index line_width = 75;
  /// Whether small numbers, and large beside small ones, print as 0.00001 instead of 1.e-05. As in NumPy,
  /// numbers of 1e8 or more (of float32: 1e6) print as 1.e+08 all the same.
  bool suppress = false;
  /// What stands before a number that is not negative: '-' for nothing, '+', or ' '.
  char sign = '-';
  std::string nan = "nan";
  std::string inf = "inf";
};

namespace detail {

inline void check_print_options(const print_options& options) {
  const auto at_least = [](const char* name, index value, index least) {
    if (value < least)
      throw usage_error(std::string("print_options: expected ") + name + " >= " + std::to_string(least) +
                        ", got " + std::to_string(value));
  };
  at_least("precision", options.precision, 0);
  at_least("threshold", options.threshold, 0);
  at_least("edge_items", options.edge_items, 1);
  if (options.sign != '-' && options.sign != '+' && options.sign != ' ')
    throw usage_error(std::string("print_options: expected the sign '-', '+' or ' ', got '") + options.sign +
                      "'");
}

struct default_print_options {
  std::mutex guard;
  print_options options;
};
inline default_print_options& process_print_options() {
  static default_print_options held;
  return held;
}

// ---- which elements are shown, and where ------------------------------------------------------------------

/// The extents of an array, and whether it has more elements than are shown.
struct printed_shape {
  const index* extent;
  int rank;
  index edge_items;
  bool summarised;

  /// Whether "..." stands for elements in the middle of an axis.
  bool skips(int axis) const { return summarised && extent[axis] - edge_items > edge_items; }
  index shown(int axis) const { return skips(axis) ? 2 * edge_items : extent[axis]; }
};

/// The places of the shown elements below one of an axis, in the order in which they are printed.
inline void add_shown(std::vector<index>& places, const printed_shape& shape, int axis, index at) {
  if (axis == shape.rank) {
    places.push_back(at);
    return;
  }
  const index n = shape.extent[axis];
  for (index i = 0; i < shape.shown(axis); ++i) {
    const bool behind = shape.skips(axis) && i >= shape.edge_items;
    add_shown(places, shape, axis + 1, at * n + (behind ? n - 2 * shape.edge_items + i : i));
  }
}

/// The characters of UTF-8 text.
inline index characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

inline std::string repeated(char c, index n) {
  return std::string(static_cast<std::size_t>(std::max<index>(n, 0)), c);
}

/// Puts the words of an array's shown elements into brackets and lines.
class array_text {
 public:
  array_text(const std::vector<std::string>& words, const printed_shape& shape, index line_width)
      : word_(words.data()), shape_(shape), row_width_(std::max<index>(line_width, 0) - shape.rank) {
    block(0);
  }
  const std::string& text() const { return text_; }

 private:
  void block(int axis) {
    if (axis == shape_.rank) {
      text_ += *word_++;
      return;
    }
    const bool row = axis == shape_.rank - 1;
    text_ += '[';
    if (row) column_ = shape_.rank;
    for (index i = 0; i < shape_.shown(axis); ++i) {
      if (i > 0) separate(axis);
      if (i == shape_.edge_items && shape_.skips(axis)) {
        if (row)
          add("...");
        else
          text_ += "...";
        separate(axis);
      }
      if (row)
        add(*word_++);
      else
        block(axis + 1);
    }
    text_ += ']';
  }
  /// What stands between two parts along an axis: a space in a row, else a line and a blank one for each axis
  /// between.
  void separate(int axis) {
    const int axes_below = shape_.rank - 1 - axis;
    if (axes_below == 0) {
      text_ += ' ';
      ++column_;
    } else {
      text_ += repeated('\n', axes_below) + repeated(' ', axis + 1);
    }
  }
  void add(std::string_view word) {
    const index width = characters(word);
    if (column_ + width > row_width_ && column_ > shape_.rank) {
      while (text_.back() == ' ') text_.pop_back();
      text_ += '\n' + repeated(' ', shape_.rank);
      column_ = shape_.rank;
    }
    text_ += word;
    column_ += width;
  }

  const std::string* word_;
  const printed_shape& shape_;
  const index row_width_;  // without the brackets that may follow the last word
  index column_ = 0;
  std::string text_;
};

// ---- elements as words of one width -----------------------------------------------------------------------

inline std::string aligned_right(const std::string& text, index width) {
  return repeated(' ', width - characters(text)) + text;
}

/// A finite number: what stands before and after the point, and an exponent as in "+05".
struct number_text {
  std::string whole, fraction, exponent;
};

/// The shortest digits that read back as the same T or, given how many belong after the point, the number's
/// exact value rounded to them, half to even.
template <class T>
number_text digits_of(T value, bool scientific, index after_point = -1);

/// The digits of a 16-bit number: as few significant ones as read back as the same number, then zeros.
template <float_of_16_bits T>
number_text short_digits_of(T value, bool scientific) {
  const float magnitude = std::abs(static_cast<float>(value));
  char buffer[32];
  std::string_view text;
  for (int digits = 0;; ++digits) {
    const char* const end =
        std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific, digits).ptr;
    text = {buffer, static_cast<std::size_t>(end - buffer)};
    float back = 0;
    std::from_chars(buffer, end, back);
    if (T(back).bits() == T(magnitude).bits()) break;
  }
  const std::size_t e = text.find('e');
  number_text n;
  n.whole = text.substr(0, 1);
  n.fraction = e > 2 ? text.substr(2, e - 2) : "";
  n.exponent = text.substr(e + 1);
  if (!scientific) {
    int exponent = 0;
    std::from_chars(n.exponent.data() + (n.exponent[0] == '+'), n.exponent.data() + n.exponent.size(),
                    exponent);
    const std::string digits = n.whole + n.fraction;
    n.exponent.clear();
    if (exponent < 0) {
      n.whole = "0";
      n.fraction = repeated('0', -exponent - 1) + (magnitude == 0 ? "" : digits);
    } else {
      const auto length = static_cast<std::size_t>(exponent) + 1;
      n.whole = digits.substr(0, length) + repeated('0', index(length) - index(digits.size()));
      n.fraction = digits.size() > length ? digits.substr(length) : "";
    }
  }
  if (std::signbit(static_cast<float>(value))) n.whole.insert(0, 1, '-');
  return n;
}

template <class T>
number_text digits_of(T value, bool scientific, index after_point) {
  if constexpr (float_of_16_bits<T>) {
    if (after_point < 0) return short_digits_of(value, scientific);
    return digits_of(static_cast<float>(value), scientific, after_point);
  } else {
    char buffer[512];  // the smallest double takes 326 characters, the largest 309
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    char* const room = buffer + sizeof buffer;
    const T magnitude = std::abs(value);
    const char* const end = after_point < 0
                                ? std::to_chars(buffer, room, magnitude, format).ptr
                                : std::to_chars(buffer, room, magnitude, format, int(after_point)).ptr;
    std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    number_text n;
    if (const auto e = text.find('e'); e != std::string_view::npos) {
      n.exponent = text.substr(e + 1);
      text = text.substr(0, e);
    }
    if (const auto point = text.find('.'); point != std::string_view::npos) {
      n.fraction = text.substr(point + 1);
      text = text.substr(0, point);
    }
    if (std::signbit(value)) n.whole.push_back('-');  // GCC 12 warns of "-" + text
    n.whole.append(text);
    return n;
  }
}

/// The shortest digits, rounded where more than `precision` follow the point; no trailing zeros there.
template <class T>
number_text text_of_number(T value, bool scientific, index precision) {
  number_text n = digits_of(value, scientific);
  if (static_cast<index>(n.fraction.size()) > precision) n = digits_of(value, scientific, precision);
  n.fraction.erase(n.fraction.find_last_not_of('0') + 1);
  return n;
}

template <class T>
std::string text_of_nonfinite(T value, const print_options& options) {
  const bool nan = std::isnan(value);
  return (!nan && value < 0 ? "-" : options.sign == '+' ? "+" : "") + (nan ? options.nan : options.inf);
}

/// Whether an array of these numbers is printed with exponents. NumPy compares in T.
template <class T>
bool prints_exponents(const T* data, const std::vector<index>& shown, bool suppress) {
  T largest = T(0), smallest = T(0);
  for (const index i : shown) {
    const T v = math::abs(data[i]);
    if (!std::isfinite(v) || v == 0) continue;
    largest = std::max(largest, v);
    smallest = smallest == T(0) ? v : std::min(smallest, v);
  }
  constexpr T limit = sizeof(T) == 2 ? T(1e3f) : sizeof(T) == 4 ? T(1e6) : T(1e8);
  return largest >= limit || (!suppress && largest > 0 && (smallest < T(1e-4) || largest / smallest > 1000));
}

template <class T>
std::vector<std::string> float_words(const T* data, const std::vector<index>& shown,
                                     const print_options& options) {
  const bool scientific = prints_exponents(data, shown, options.suppress);
  index left = 0, right = 0, exponent = 0;
  bool any_minus = false, any_nan = false, any_inf = false, any_minus_inf = false;
  std::vector<number_text> numbers(shown.size());
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const T v = data[shown[k]];
    if (std::isfinite(v)) {
      numbers[k] = text_of_number(v, scientific, options.precision);
      if (options.sign == '+' && !std::signbit(v)) numbers[k].whole.insert(0, 1, '+');
      left = std::max(left, static_cast<index>(numbers[k].whole.size()));
      right = std::max(right, static_cast<index>(numbers[k].fraction.size()));
      exponent = std::max(exponent, static_cast<index>(numbers[k].exponent.size()));
      any_minus = any_minus || std::signbit(v);
    } else if (std::isnan(v)) {
      any_nan = true;
    } else {
      any_inf = true;
      any_minus_inf = any_minus_inf || v < 0;
    }
  }
  if (options.sign == ' ' && !any_minus) ++left;
  // Either makes room for both texts, and an infinity for its sign.
  index width = left + 1 + right + (scientific ? exponent + 1 : 0);
  if (any_nan || any_inf) {
    const bool signed_inf = options.sign != '-' || any_minus_inf;
    width = std::max({width, characters(options.nan), characters(options.inf) + signed_inf});
  }

  std::vector<std::string> words(shown.size());
  for (std::size_t k = 0; k < shown.size(); ++k) {
    number_text& n = numbers[k];
    std::string& word = words[k];
    if (n.whole.empty()) {
      word = text_of_nonfinite(data[shown[k]], options);
    } else {
      const index missing = right - static_cast<index>(n.fraction.size());
      if (scientific && missing > 0) {  // NumPy fills up with further digits, not zeros
        number_text exact = digits_of(data[shown[k]], true, right);
        n.whole.back() = exact.whole.back();
        n.fraction = std::move(exact.fraction);
        n.exponent = std::move(exact.exponent);
      }
      word = n.whole + '.' + n.fraction;
      if (scientific)
        word += 'e' + n.exponent.insert(1, repeated('0', exponent - static_cast<index>(n.exponent.size())));
      else
        word += repeated(' ', missing);
    }
    word = aligned_right(word, width);
  }
  return words;
}

/// Real and imaginary parts as arrays of their own, the second with signs and a j.
template <complex_number T>
std::vector<std::string> complex_words(const T* data, const std::vector<index>& shown,
                                       const print_options& options) {
  using R = decltype(T::re);
  std::vector<R> re(shown.size()), im(shown.size());
  std::vector<index> places(shown.size());
  for (std::size_t k = 0; k < shown.size(); ++k) {
    re[k] = data[shown[k]].re;
    im[k] = data[shown[k]].im;
    places[k] = static_cast<index>(k);
  }
  print_options with_sign = options;
  with_sign.sign = '+';
  std::vector<std::string> words = float_words(re.data(), places, options);
  const std::vector<std::string> imaginary = float_words(im.data(), places, with_sign);
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const std::size_t end = imaginary[k].find_last_not_of(' ') + 1;
    words[k] += imaginary[k].substr(0, end) + 'j' + imaginary[k].substr(end);
  }
  return words;
}

template <class T>
std::vector<std::string> integer_words(const T* data, const std::vector<index>& shown, char sign) {
  std::vector<std::string> words(shown.size());
  index width = 0;
  bool any_minus = false;
  for (std::size_t k = 0; k < shown.size(); ++k) {
    words[k] = std::to_string(data[shown[k]]);
    const bool minus = words[k][0] == '-';
    if (sign == '+' && !minus) words[k].insert(0, 1, '+');
    width = std::max(width, static_cast<index>(words[k].size()));
    any_minus = any_minus || minus;
  }
  if (sign == ' ' && !any_minus) ++width;
  for (std::string& word : words) word = aligned_right(word, width);
  return words;
}

/// As numpy.array2string(a, ...).
template <class T>
std::string text_of_array(const T* data, const index* extent, int rank, const print_options& options) {
  check_print_options(options);
  index size = 1;
  for (int k = 0; k < rank; ++k) size *= extent[k];
  if (size == 0) return "[]";
  const printed_shape shape{extent, rank, options.edge_items, size > options.threshold};
  std::vector<index> shown;
  add_shown(shown, shape, 0, 0);
  std::vector<std::string> words;
  if constexpr (std::is_same_v<T, bool>)
    for (const index i : shown) words.push_back(data[i] ? rank > 0 ? " True" : "True" : "False");
  else if constexpr (std::is_integral_v<T>)
    words = integer_words(data, shown, options.sign);
  else if constexpr (complex_number<T>)
    words = complex_words(data, shown, options);
  else
    words = float_words(data, shown, options);
  return array_text(words, shape, options.line_width).text();
}

/// As str(a) of an array without axes: the number itself, with all its digits, whatever the options are.
template <class T>
std::string text_of_scalar(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "True" : "False";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (complex_number<T>) {
    const auto part = [](auto v) {
      std::string text = text_of_scalar(v);
      if (text.ends_with(".0")) text.resize(text.size() - 2);
      return text;
    };
    const std::string imaginary = part(value.im) + 'j';
    if (value.re == 0 && !std::signbit(value.re)) return imaginary;
    return '(' + part(value.re) + (imaginary[0] == '-' ? "" : "+") + imaginary + ')';
  } else {
    if (!std::isfinite(static_cast<double>(value))) return text_of_nonfinite(value, {});
    const double magnitude = std::abs(static_cast<double>(value));
    constexpr double limit = sizeof(T) == 2 ? 1e3 : sizeof(T) == 4 ? 1e6 : 1e16;
    const bool scientific = magnitude != 0 && (magnitude < 1e-4 || magnitude >= limit);
    number_text n = digits_of(value, scientific);
    if (scientific) return n.whole + (n.fraction.empty() ? "" : ".") + n.fraction + 'e' + n.exponent;
    return n.whole + '.' + (n.fraction.empty() ? "0" : n.fraction);
  }
}

template <class X>
constexpr bool has_printable_value() {
  using E = typename operand_as<0, X>::type;
  return !E::symbolic && element<typename E::value_type>;
}

}  // namespace detail

/// What can be printed: tensors, views, parameters and expressions of them; neither symbols nor
/// `constant<2>`, which has no dtype yet.
template <class X>
concept printable = tensor_like<X> && detail::has_printable_value<X>();

/// Sets the options of the whole process, for to_string(x), streams and std::format. Any thread may call it
/// at any time: a lock guards them, and each text is made with one whole set of them.
inline void set_print_options(print_options options) {
  detail::check_print_options(options);
  detail::default_print_options& held = detail::process_print_options();
  const std::lock_guard lock(held.guard);
  held.options = std::move(options);
}

/// The options of the process.
inline print_options get_print_options() {
  detail::default_print_options& held = detail::process_print_options();
  const std::lock_guard lock(held.guard);
  return held.options;
}

/// The text of x as numpy.array2string makes it with these options; a lazy expression is evaluated.
template <printable X, class Unit = this_unit>
std::string to_string(const X& x, const print_options& options) {
  const auto value = eval<const X&, Unit>(x);
  return detail::text_of_array(value.data(), value.shape().data(), value.rank, options);
}

/// The text of x as str(x) makes it: with the process's options or, of a single number without axes, the
/// number itself with all its digits.
template <printable X, class Unit = this_unit>
std::string to_string(const X& x) {
  const auto value = eval<const X&, Unit>(x);
  if constexpr (value.rank == 0)
    return detail::text_of_scalar(*value.data());
  else
    return detail::text_of_array(value.data(), value.shape().data(), value.rank, get_print_options());
}

/// Writes to_string(x).
template <printable X, class Unit = this_unit>
std::ostream& operator<<(std::ostream& out, const X& x) {
  return out << tenon::to_string<X, Unit>(x);
}

/// The same of an array whose dtype run time knows.
template <class Unit = this_unit>
std::string to_string(const any_tensor& a, const print_options& options) {
  if (a.type() == dtype::none) return "none";
  return detail::with_type(a.type(), [&]<class T>(T) {
    return detail::text_of_array(reinterpret_cast<const T*>(a.data()), a.shape().data(), a.rank(), options);
  });
}
template <class Unit = this_unit>
std::string to_string(const any_tensor& a) {
  if (a.rank() > 0 || a.type() == dtype::none) return to_string<Unit>(a, get_print_options());
  return detail::with_type(
      a.type(), [&]<class T>(T) { return detail::text_of_scalar(*reinterpret_cast<const T*>(a.data())); });
}
template <class Unit = this_unit>
std::ostream& operator<<(std::ostream& out, const any_tensor& a) {
  return out << to_string<Unit>(a);
}

}  // namespace tenon

#if defined(__cpp_lib_format)

/// std::format("{}", x) is to_string(x); "{:.3}" sets the precision.
template <tenon::printable X>
struct std::formatter<X, char> {
  constexpr auto parse(std::format_parse_context& context) {
    auto at = context.begin();
    if (at != context.end() && *at == '.') {
      precision_ = 0;
      const auto first = ++at;
      for (; at != context.end() && *at >= '0' && *at <= '9' && precision_ < 10000; ++at)
        precision_ = 10 * precision_ + (*at - '0');
      if (at == first) throw std::format_error("tenon: expected digits after the '.' of an array's format");
    }
    if (at != context.end() && *at != '}')
      throw std::format_error("tenon: expected a precision such as {:.3} as an array's format");
    return at;
  }

  template <class Context, class Unit = tenon::this_unit>
  auto format(const X& x, Context& context) const {
    return std::ranges::copy(text<Unit>(x), context.out()).out;
  }

 private:
  template <class Unit>
  std::string text(const X& x) const {
    if (precision_ < 0) return tenon::to_string<X, Unit>(x);
    tenon::print_options options = tenon::get_print_options();
    options.precision = precision_;
    return tenon::to_string<X, Unit>(x, options);
  }

  int precision_ = -1;  // the process's
};

#if defined(__cpp_lib_format_ranges)
/// An array is a range of its elements, which std::format would print by itself.
template <std::ranges::input_range X>
requires std::same_as<X, std::remove_cvref_t<X>> && tenon::printable<X>
constexpr std::range_format std::format_kind<X> = std::range_format::disabled;
#endif

#endif

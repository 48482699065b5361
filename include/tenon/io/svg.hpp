// Line charts as SVG text: loss curves and the like, without a plotting program.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/core/config.hpp"
#include "tenon/core/error.hpp"

namespace tenon {

namespace detail {

/// A coordinate to a tenth of a pixel, or a number with `decimals` digits after the point.
inline std::string svg_number(double value, int decimals = 1, bool trim = true) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals);
  std::string out(buffer, end.ptr);
  if (trim && out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

/// The length of the UTF-8 sequence that text opens with, or 0 where it is not one that XML may hold.
inline std::size_t xml_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F) ||
                       (lead == 0xEF && byte(1) == 0xBF && byte(2) > 0xBD);
  return overlong || outside ? 0 : length;
}

/// Text for XML: markup escaped, control characters as spaces, other bytes that are no UTF-8 as U+FFFD.
inline std::string xml_escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = xml_character(text);
    const char c = text[0];
    if (length == 0) {
      out += static_cast<unsigned char>(c) < 0x80 ? " " : "\xEF\xBF\xBD";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

/// Pixels that text takes at a font size, estimated: no font is at hand here.
inline double svg_text_width(std::string_view text, double font_size) {
  const auto characters = std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return 0.58 * font_size * static_cast<double>(characters);
}

/// Numbers too large for the arithmetic of an axis are gaps, as NaN is.
inline bool svg_drawable(double value) { return std::abs(value) <= 1e290; }

/// An axis: its range, and ticks at multiples of 1, 2 or 5 times a power of ten.
class svg_axis {
 public:
  void add(double value) {
    if (!svg_drawable(value)) return;
    low_ = empty_ ? value : std::min(low_, value);
    high_ = empty_ ? value : std::max(high_, value);
    whole_ = whole_ && value == std::floor(value);
    empty_ = false;
  }

  /// Chooses about `count` steps; `widen` moves the ends out to ticks.
  void choose_ticks(int count, bool widen) {
    if (empty_) high_ = 1;
    const double largest = std::max(std::abs(low_), std::abs(high_));
    if (high_ - low_ <= largest * 1e-11 || high_ - low_ < 1e-290) {  // one value: no step would be seen
      const double half = largest < 1e-289 ? 0.5 : largest * 0.05;
      low_ -= half;
      high_ += half;
    }
    const double raw = (high_ - low_) / count;
    step_ = std::pow(10.0, std::floor(std::log10(raw)));
    const double digit = raw / step_;
    step_ *= digit <= 1.001 ? 1 : digit <= 2.001 ? 2 : digit <= 5.001 ? 5 : 10;
    if (whole_ && !empty_ && !widen) step_ = std::max(step_, 1.0);
    if (widen) {
      low_ = std::floor(low_ / step_ + 1e-9) * step_;
      high_ = std::ceil(high_ / step_ - 1e-9) * step_;
    }
    const double first = std::ceil(low_ / step_ - 1e-9);
    for (double n = first; n * step_ <= high_ + step_ * 1e-9 && n < first + 100; ++n)
      ticks_.push_back(n * step_);
  }

  const std::vector<double>& ticks() const { return ticks_; }

  /// Where a value lies, 0 at the low end and 1 at the high end.
  double place(double value) const { return (value - low_) / (high_ - low_); }

  /// The text of a tick: as many digits as tell it from its neighbours.
  std::string label(double tick) const {
    const double largest = std::max(std::abs(low_), std::abs(high_));
    const int step_power = static_cast<int>(std::floor(std::log10(step_) + 1e-9));
    std::string out;
    if (std::abs(tick) < step_ / 2) {
      out = "0";
    } else if (largest >= 1e6 || step_ < 1e-4) {
      char buffer[64];
      const int digits =
          std::clamp(static_cast<int>(std::floor(std::log10(std::abs(tick)) + 1e-9)) - step_power, 0, 17);
      const auto end =
          std::to_chars(buffer, buffer + sizeof buffer, tick, std::chars_format::scientific, digits);
      out.assign(buffer, end.ptr);
      const std::size_t exponent = out.find('e') + 2;  // 1e+07 becomes 1e7, and 1e-07 becomes 1e-7
      if (out[exponent] == '0') out.erase(exponent, 1);
      if (out[exponent - 1] == '+') out.erase(exponent - 1, 1);
    } else {
      out = svg_number(tick, std::max(0, -step_power), false);
    }
    for (std::size_t at = 0; (at = out.find('-', at)) != std::string::npos; at += 3)
      out.replace(at, 1, "\u2212");
    return out;
  }

 private:
  double low_ = 0;
  double high_ = 0;
  double step_ = 1;
  bool empty_ = true;
  bool whole_ = true;
  std::vector<double> ticks_;
};

}  // namespace detail

/// A line chart. Values that are not finite (or beyond 1e290) leave gaps.
class svg_plot {
 public:
  explicit svg_plot(std::string title, std::string x_label = {}, std::string y_label = {})
      : title_(std::move(title)), x_label_(std::move(x_label)), y_label_(std::move(y_label)) {}

  /// Adds a series over 0, 1, 2, ...; one with an empty name is not in the legend.
  svg_plot& line(std::string name, std::vector<double> y) {
    std::vector<double> x(y.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    return line(std::move(name), std::move(x), std::move(y));
  }

  /// Adds a series through the points (x, y) in their order; usage_error where x and y differ in length.
  svg_plot& line(std::string name, std::vector<double> x, std::vector<double> y) {
    if (x.size() != y.size()) {
      throw usage_error("svg_plot::line: expected as many x as y, got " + std::to_string(x.size()) + " and " +
                        std::to_string(y.size()));
    }
    lines_.push_back({std::move(name), std::move(x), std::move(y)});
    return *this;
  }

  /// Sets width and height in pixels, 640 x 400 at first; usage_error outside 200 to 10000.
  svg_plot& size(int width, int height) {
    if (width < 200 || height < 200 || width > 10000 || height > 10000) {
      throw usage_error("svg_plot::size: expected 200 to 10000 pixels, got " + std::to_string(width) + " x " +
                        std::to_string(height));
    }
    width_ = width;
    height_ = height;
    return *this;
  }

  int width() const { return width_; }
  int height() const { return height_; }
  const std::string& title() const { return title_; }

  /// The chart as an SVG file.
  std::string str() const;

  /// The chart as an SVG group, for a document that holds several.
  std::string group() const {
    detail::svg_axis x_axis;
    detail::svg_axis y_axis;
    for (const series& s : lines_) {
      for (std::size_t i = 0; i < s.x.size(); ++i) {
        if (!detail::svg_drawable(s.x[i]) || !detail::svg_drawable(s.y[i])) continue;
        x_axis.add(s.x[i]);
        y_axis.add(s.y[i]);
      }
    }
    x_axis.choose_ticks(std::max(2, width_ / 90), false);
    y_axis.choose_ticks(std::max(2, height_ / 70), true);

    std::string out;
    frame f;
    out += title_and_legend(f);
    double widest = 0;
    for (const double tick : y_axis.ticks()) {
      widest = std::max(widest, detail::svg_text_width(y_axis.label(tick), tick_size));
    }
    f.left = 16 + widest + 8 + (y_label_.empty() ? 0 : 22);
    f.right = width_ - 24;
    f.bottom = height_ - 34 - (x_label_.empty() ? 0 : 20);
    f.top = std::min(f.top, f.bottom - 60);  // a legend of many rows must not turn the chart upside down
    out += axes(f, x_axis, y_axis);
    for (std::size_t i = 0; i < lines_.size(); ++i) out += curve(f, x_axis, y_axis, i);
    return out;
  }

 private:
  struct series {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
  };
  /// The rectangle that the curves are in, in pixels.
  struct frame {
    double left = 0;
    double right = 0;
    double top = 0;
    double bottom = 0;
  };

  static constexpr double tick_size = 12;
  static constexpr double label_size = 13;
  static constexpr double title_size = 16;
  static constexpr double margin = 16;

  /// Okabe and Ito's palette for all kinds of colour vision, less its yellow, which is lost on white.
  static std::string_view colour(std::size_t i) {
    static constexpr std::array<std::string_view, 7> palette = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                                "#E69F00", "#56B4E9", "#000000"};
    return palette[i % palette.size()];
  }
  /// From the eighth line on colours come again, with dashes.
  static std::string stroke(std::size_t i) {
    std::string out = "stroke=\"" + std::string(colour(i)) + "\" stroke-width=\"2\"";
    if (i / 7 % 3 == 1) out += " stroke-dasharray=\"7 4\"";
    if (i / 7 % 3 == 2) out += " stroke-dasharray=\"2 4\"";
    return out;
  }

  static std::string text(double x, double y, double size, std::string_view style, std::string_view content) {
    return "<text x=\"" + detail::svg_number(x) + "\" y=\"" + detail::svg_number(y) + "\" font-size=\"" +
           detail::svg_number(size) + "\" " + std::string(style) + ">" + detail::xml_escape(content) +
           "</text>\n";
  }
  static std::string rule(double x1, double y1, double x2, double y2, std::string_view style) {
    return "<line x1=\"" + detail::svg_number(x1) + "\" y1=\"" + detail::svg_number(y1) + "\" x2=\"" +
           detail::svg_number(x2) + "\" y2=\"" + detail::svg_number(y2) + "\" " + std::string(style) + "/>\n";
  }

  /// Title, then the legend in rows above the curves, where it covers none of them; sets the frame's top.
  std::string title_and_legend(frame& f) const {
    std::string out;
    double y = 14;
    if (!title_.empty()) {
      out += text(margin, y + 14, title_size, "font-weight=\"600\" fill=\"#222\"", title_);
      y += 28;
    }
    double x = margin;
    bool any = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].name.empty()) continue;
      const double space = 30 + detail::svg_text_width(lines_[i].name, label_size) + 18;
      if (any && x + space > width_ - margin) {
        x = margin;
        y += 20;
      }
      out += rule(x, y + 8, x + 22, y + 8, stroke(i));
      out += text(x + 29, y + 12.5, label_size, "fill=\"#333\"", lines_[i].name);
      x += space;
      any = true;
    }
    f.top = y + (any ? 20 : 0) + 10;
    return out;
  }

  std::string axes(const frame& f, const detail::svg_axis& x_axis, const detail::svg_axis& y_axis) const {
    std::string out;
    for (const double tick : y_axis.ticks()) {
      const double y = f.bottom - y_axis.place(tick) * (f.bottom - f.top);
      out += rule(f.left, y, f.right, y, "stroke=\"#e4e4e4\"");
      out += text(f.left - 8, y + 4, tick_size, "text-anchor=\"end\" fill=\"#555\"", y_axis.label(tick));
    }
    for (const double tick : x_axis.ticks()) {
      const double x = f.left + x_axis.place(tick) * (f.right - f.left);
      out += rule(x, f.bottom, x, f.bottom + 5, "stroke=\"#888\"");
      out += text(x, f.bottom + 19, tick_size, "text-anchor=\"middle\" fill=\"#555\"", x_axis.label(tick));
    }
    out += rule(f.left, f.bottom, f.right, f.bottom, "stroke=\"#888\"");
    if (!x_label_.empty()) {
      out += text((f.left + f.right) / 2, height_ - 14, label_size, "text-anchor=\"middle\" fill=\"#333\"",
                  x_label_);
    }
    if (!y_label_.empty()) {
      const double middle = (f.top + f.bottom) / 2;
      out += text(22, middle, label_size,
                  "text-anchor=\"middle\" fill=\"#333\" transform=\"rotate(-90 22 " +
                      detail::svg_number(middle) + ")\"",
                  y_label_);
    }
    return out;
  }

  std::string curve(const frame& f, const detail::svg_axis& x_axis, const detail::svg_axis& y_axis,
                    std::size_t i) const {
    const series& s = lines_[i];
    std::string path;
    std::string dots;
    std::string last;
    std::size_t run = 0;  // points since the last gap
    for (std::size_t p = 0; p <= s.x.size(); ++p) {
      if (p == s.x.size() || !detail::svg_drawable(s.x[p]) || !detail::svg_drawable(s.y[p])) {
        if (run == 1) dots += "M" + last + "h0";  // a point alone: round caps make it a dot
        run = 0;
        continue;
      }
      const double x = f.left + x_axis.place(s.x[p]) * (f.right - f.left);
      const double y = f.bottom - y_axis.place(s.y[p]) * (f.bottom - f.top);
      std::string point = detail::svg_number(x) + " " + detail::svg_number(y);
      ++run;
      if (run > 1 && point == last) continue;
      path += (run == 1 ? "M" : "L") + point;
      last = std::move(point);
    }
    std::string out;
    const std::string common = "\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\" ";
    if (!path.empty()) out += "<path d=\"" + path + common + stroke(i) + "/>\n";
    if (!dots.empty()) {
      out +=
          "<path d=\"" + dots + common + "stroke=\"" + std::string(colour(i)) + "\" stroke-width=\"5\"/>\n";
    }
    return out;
  }

  std::string title_;
  std::string x_label_;
  std::string y_label_;
  int width_ = 640;
  int height_ = 400;
  std::vector<series> lines_;
};

/// An SVG file of several charts, row by row with so many columns; usage_error where there is no chart or
/// column.
inline std::string svg_document(const std::vector<svg_plot>& plots, index columns = 1) {
  if (plots.empty() || columns < 1) {
    throw usage_error("svg_document: expected at least one chart and one column, got " +
                      std::to_string(plots.size()) + " and " + std::to_string(columns));
  }
  int cell_width = 0;
  int cell_height = 0;
  for (const svg_plot& plot : plots) {
    cell_width = std::max(cell_width, plot.width());
    cell_height = std::max(cell_height, plot.height());
  }
  const auto count = static_cast<index>(plots.size());
  columns = std::min(columns, count);
  const std::string width = std::to_string(columns * cell_width);
  const std::string height = std::to_string((count + columns - 1) / columns * cell_height);
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
      "\" viewBox=\"0 0 " + width + " " + height +
      "\" role=\"img\" font-family=\"Inter, Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<title>" +
      detail::xml_escape(plots.front().title()) +
      "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  for (index i = 0; i < count; ++i) {
    out += "<g transform=\"translate(" + std::to_string(i % columns * cell_width) + " " +
           std::to_string(i / columns * cell_height) + ")\">\n" + plots[static_cast<std::size_t>(i)].group() +
           "</g>\n";
  }
  return out + "</svg>\n";
}

inline std::string svg_plot::str() const { return svg_document({*this}); }

}  // namespace tenon

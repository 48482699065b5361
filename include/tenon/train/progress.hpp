// A progress bar for long loops: a line that redraws itself on a terminal, a few plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include "tenon/core/config.hpp"

namespace tenon {

namespace detail {

inline bool is_terminal(std::FILE* file) {
#if defined(_WIN32)
  return _isatty(_fileno(file)) != 0;
#else
  return isatty(fileno(file)) != 0;
#endif
}

/// Text cut to `width` characters (UTF-8 stays whole), control characters as spaces.
inline std::string fit(std::string_view text, std::size_t width) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80 && width-- == 0) break;
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return out;
}

/// How many characters a UTF-8 text has.
inline std::size_t text_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return width;
}

/// Seconds as m:ss or h:mm:ss.
inline std::string clock_text(double seconds) {
  const auto total = seconds > 0 && seconds < 3.6e9 ? static_cast<long long>(seconds) : 0;
  const auto two = [](long long n) { return (n < 10 ? ":0" : ":") + std::to_string(n); };
  if (total < 3600) return std::to_string(total / 60) + two(total % 60);
  return std::to_string(total / 3600) + two(total / 60 % 60) + two(total % 60);
}

/// How far a loop is: of `total` steps (unknown where 0) `done` took `seconds`.
struct progress_state {
  index total = 0;
  index done = 0;
  double seconds = 0;

  double fraction() const {
    if (total <= 0 || done <= 0) return 0;
    return done >= total ? 1 : static_cast<double>(done) / static_cast<double>(total);
  }
  std::string percent() const { return std::to_string(static_cast<int>(fraction() * 100 + 1e-9)) + "%"; }
  /// Elapsed, and what is left at the speed so far.
  std::string times() const {
    const double f = fraction();
    if (f <= 0 || f >= 1) return clock_text(seconds);
    return clock_text(seconds) + ", " + clock_text(seconds * (1 - f) / f) + " left";
  }
};

/// The line for a terminal, at most 79 characters: title, bar, percent, times, note.
inline std::string progress_bar(std::string_view title, const progress_state& state, std::string_view note) {
  constexpr std::size_t bar_width = 20;
  std::string out = fit(title, 20);
  if (state.total > 0) {
    const auto full = static_cast<std::size_t>(state.fraction() * bar_width);
    out += " [" + std::string(full, '#') + std::string(bar_width - full, '-') + "] ";
    out += std::string(4 - state.percent().size(), ' ') + state.percent() + "  ";
  } else {
    out += "  " + std::to_string(state.done) + "  ";
  }
  out += state.times();
  if (!note.empty()) out += "  " + std::string(note);
  return fit(out, 79);
}

/// The line for a file or a pipe: title, percent, count, times, note.
inline std::string progress_text(std::string_view title, const progress_state& state, std::string_view note) {
  std::string out = std::string(title) + ": ";
  if (state.total > 0) out += state.percent() + " (";
  out += std::to_string(state.done);
  if (state.total > 0) out += " of " + std::to_string(state.total) + ")";
  out += ", " + state.times();
  if (!note.empty()) out += ", " + std::string(note);
  return fit(out, std::string::npos);
}

}  // namespace detail

/// Shows how far a loop is. On a terminal one line is redrawn at most ten times a second; elsewhere a plain
/// line comes with each tenth of the way and at the end. For one thread.
class progress {
 public:
  /// `total` steps are to be done, 0 where that is unknown; `out` must outlive this.
  progress(std::string title, index total, std::FILE* out = stderr)
      : title_(std::move(title)), out_(out), terminal_(detail::is_terminal(out)), start_(clock::now()) {
    state_.total = total > 0 ? total : 0;
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  /// Leaves the line, if one is drawn, so that what follows starts on its own.
  ~progress() {
    if (drawn_ > 0) std::fputc('\n', out_);
  }

  /// From now on nothing is printed, or is again.
  void quiet(bool on = true) { quiet_ = on; }

  /// `done` steps of the total are done; the note, such as the loss, comes last on the line.
  void update(index done, std::string_view note = {}) {
    state_.done = done;
    if (quiet_ || finished_) return;
    const clock::time_point now = clock::now();
    if (terminal_) {
      if (drawn_ > 0 && now - last_ < std::chrono::milliseconds(100)) return;
      last_ = now;
      state_.seconds = std::chrono::duration<double>(now - start_).count();
      draw(note);
      return;
    }
    const int tenth = static_cast<int>(state_.fraction() * 10 + 1e-9);
    if (tenth <= tenth_ || tenth == 10) return;  // finish prints the last one
    tenth_ = tenth;
    state_.seconds = std::chrono::duration<double>(now - start_).count();
    print(note);
  }

  /// Prints the last line, at the last update's count; later calls do nothing.
  void finish(std::string_view note = {}) {
    if (std::exchange(finished_, true) || quiet_) return;
    state_.seconds = std::chrono::duration<double>(clock::now() - start_).count();
    if (!terminal_) return print(note);
    draw(note);
    std::fputc('\n', out_);
    drawn_ = 0;
  }

 private:
  using clock = std::chrono::steady_clock;

  void draw(std::string_view note) {
    std::string line = detail::progress_bar(title_, state_, note);
    const std::size_t width = detail::text_width(line);
    if (width < drawn_) line.append(drawn_ - width, ' ');  // over what is left of a longer line
    drawn_ = width;
    line.insert(line.begin(), '\r');
    std::fwrite(line.data(), 1, line.size(), out_);
    std::fflush(out_);
  }

  void print(std::string_view note) {
    const std::string line = detail::progress_text(title_, state_, note) + "\n";
    std::fwrite(line.data(), 1, line.size(), out_);
    std::fflush(out_);
  }

  std::string title_;
  std::FILE* out_;
  bool terminal_;
  bool quiet_ = false;
  bool finished_ = false;
  int tenth_ = 0;
  std::size_t drawn_ = 0;
  detail::progress_state state_;
  clock::time_point start_;
  clock::time_point last_;
};

}  // namespace tenon

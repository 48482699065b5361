// The progress bar: its lines, and what reaches a file and a terminal.
#include "tenon/train/progress.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#if defined(__linux__)
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#endif

namespace {

using tenon::detail::progress_bar;
using tenon::detail::progress_text;
using state = tenon::detail::progress_state;

/// What a use of a progress bar prints into a file.
template <class F>
std::string printed(F use) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  use(file);
  std::rewind(file);
  std::string text(100000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

std::size_t count(const std::string& text, char c) {
  std::size_t n = 0;
  for (const char d : text) n += d == c ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("progress: times") {
  CHECK(tenon::detail::clock_text(0) == "0:00");
  CHECK(tenon::detail::clock_text(9.9) == "0:09");
  CHECK(tenon::detail::clock_text(754) == "12:34");
  CHECK(tenon::detail::clock_text(3600) == "1:00:00");
  CHECK(tenon::detail::clock_text(36125) == "10:02:05");
  CHECK(tenon::detail::clock_text(-1) == "0:00");
}

TEST_CASE("progress: the line for a terminal") {
  CHECK(progress_bar("train", state{100, 0, 0}, "") == "train [--------------------]   0%  0:00");
  CHECK(progress_bar("train", state{100, 25, 10}, "loss 0.5") ==
        "train [#####---------------]  25%  0:10, 0:30 left  loss 0.5");
  CHECK(progress_bar("train", state{100, 29, 10}, "").find(" 29% ") != std::string::npos);
  CHECK(progress_bar("train", state{100, 250, 61}, "") == "train [####################] 100%  1:01");
  CHECK(progress_bar("scan", state{0, 12, 61}, "") == "scan  12  1:01");
  const std::string wide = progress_bar(std::string(50, 't'), state{3, 1, 100000}, std::string(200, 'n'));
  CHECK(wide.size() == 79);
  CHECK(
      wide.starts_with(std::string(20, 't') + " [######--------------]  33%  27:46:40, 55:33:20 left  nnn"));
}

TEST_CASE("progress: text is cut between characters, without control characters") {
  CHECK(tenon::detail::fit("a\nb\x1b[1m", 80) == "a b [1m");
  CHECK(tenon::detail::fit("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4\xc3\xb6");
  CHECK(tenon::detail::text_width("\xc3\xa4"
                                  "b") == 2);
}

TEST_CASE("progress: the line for a file") {
  CHECK(progress_text("train", state{200, 50, 10}, "loss 0.5") ==
        "train: 25% (50 of 200), 0:10, 0:30 left, loss 0.5");
  CHECK(progress_text("scan", state{0, 12, 61}, "") == "scan: 12, 1:01");
}

TEST_CASE("progress: a file gets a line at each tenth") {
  const std::string text = printed([](std::FILE* file) {
    tenon::progress bar("train", 1000, file);
    for (int i = 0; i <= 1000; ++i) bar.update(i, "x");
    bar.finish("loss 0.1");
    bar.finish("again");
    bar.update(1000);
  });
  CHECK(count(text, '\n') == 10);
  CHECK(count(text, '\r') == 0);
  CHECK(text.starts_with("train: 10% (100 of 1000), 0:00, 0:00 left, x\ntrain: 20% (200 of 1000)"));
  CHECK(text.ends_with(
      "train: 90% (900 of 1000), 0:00, 0:00 left, x\ntrain: 100% (1000 of 1000), 0:00, loss 0.1\n"));
}

TEST_CASE("progress: few steps, an early end, an unknown total, silence") {
  CHECK(printed([](std::FILE* file) {
          tenon::progress bar("a", 3, file);
          for (int i = 1; i <= 2; ++i) bar.update(i);
          bar.finish();
        }) ==
        "a: 33% (1 of 3), 0:00, 0:00 left\na: 66% (2 of 3), 0:00, 0:00 left\na: 66% (2 of 3), 0:00, 0:00 "
        "left\n");
  CHECK(printed([](std::FILE* file) {
          tenon::progress bar("a", 0, file);
          for (int i = 1; i <= 50; ++i) bar.update(i);
          bar.finish();
        }) == "a: 50, 0:00\n");
  CHECK(printed([](std::FILE* file) {
          tenon::progress bar("a", 10, file);
          bar.quiet();
          for (int i = 1; i <= 10; ++i) bar.update(i);
          bar.finish();
        }).empty());
  CHECK(printed([](std::FILE* file) { tenon::progress bar("a", 10, file); }).empty());
}

#if defined(__linux__)
TEST_CASE("progress: a terminal gets one line that is redrawn at most ten times a second") {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE(grantpt(master) == 0);
  REQUIRE(unlockpt(master) == 0);
  std::FILE* terminal = std::fopen(ptsname(master), "r+");
  REQUIRE(terminal != nullptr);
  // All that was printed up to the end of the line; a terminal may hand it over in parts.
  const auto received = [&] {
    std::string text;
    char part[4096];
    while (!text.ends_with('\n')) {
      const auto size = read(master, part, sizeof part);
      if (size <= 0) break;
      text.append(part, static_cast<std::size_t>(size));
    }
    return text;
  };
  {
    tenon::progress bar("train", 1000, terminal);
    bar.update(1, "a long note");
    bar.update(1000);
    bar.finish();
  }
  std::fflush(terminal);
  // The second update came too soon to be drawn. Spaces cover the rest of the longer first line.
  CHECK(received() ==
        "\rtrain [--------------------]   0%  0:00, 0:00 left  a long note"
        "\rtrain [####################] 100%  0:00                        \r\n");
  {
    tenon::progress bar("train", 1000, terminal);
    for (int i = 1; i <= 30; ++i) bar.update(i);
    bar.finish();
  }
  std::fflush(terminal);
  CHECK(count(received(), '\r') < 10);
  {
    tenon::progress bar("cut", 10, terminal);
    bar.update(5);
  }
  std::fflush(terminal);
  CHECK(received() == "\rcut [##########----------]  50%  0:00, 0:00 left\r\n");
  std::fclose(terminal);
  close(master);
}
#endif

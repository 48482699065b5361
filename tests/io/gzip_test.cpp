// gzip and deflate, where the tests are built with zlib.
#include <doctest/doctest.h>

#if defined(TENON_TEST_GZIP)

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tenon/io/gzip.hpp"
#include "tenon/io/npz.hpp"

namespace {

template <std::size_t N>
std::string bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const tenon::io_error& e) {
    return e.what();
  }
  return "no error";
}

// Python: gzip.compress(b"a,b\n1,2\n", mtime=0)
const std::string golden = bytes(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03K\xd4I\xe2\x32\xd4\x31\xe2\x02\x00{\x07\x97\n\x08\x00\x00\x00");

std::string sample(std::size_t size) {
  std::string text;
  for (std::uint32_t x = 7; text.size() < size; x = x * 1664525u + 1013904223u)
    text += static_cast<char>(x >> 28);
  return text;
}

// clang-format off
// NumPy 2.4: numpy.savez_compressed of weight, 40 float32 zeros, and step, the int64 7.
const std::string npz_deflated = bytes(
    "PK\x03\x04-\x00\x00\x00\x08\x00\x00\x00!\x00\x0eH\x9f\xc7\xff\xff\xff\xff\xff\xff\xff\xff\n\x00\x14"
    "\x00weight.npy\x01\x00\x10\x00 \x01\x00\x00\x00\x00\x00\x00H\x00\x00\x00\x00\x00\x00\x00\x9b\xec\x17"
    "\xea\x1b\x10\xc9\xc8P\xc6P\xad\x9e\x92Z\x9c\\\xa4n\xa5\xa0n\x93""f\xa2\xae\xa3\xa0\x9e\x96_TR\x94"
    "\x98\x17\x9f_\x94\x92\n\x12wK\xcc)N\x05\x8a\x17g$\x16\xa4\x02\xf9\x1a&\x06:\x9a:\n\xb5\n\xe4\x03."
    "\x86""A\x0e\x00PK\x03\x04-\x00\x00\x00\x08\x00\x00\x00!\x00#\xb8\xf0l\xff\xff\xff\xff\xff\xff\xff"
    "\xff\x08\x00\x14\x00step.npy\x01\x00\x10\x00\x88\x00\x00\x00\x00\x00\x00\x00""F\x00\x00\x00\x00\x00"
    "\x00\x00\x9b\xec\x17\xea\x1b\x10\xc9\xc8P\xc6P\xad\x9e\x92Z\x9c\\\xa4n\xa5\xa0n\x93i\xa1\xae\xa3\xa0"
    "\x9e\x96_TR\x94\x98\x17\x9f_\x94\x92\n\x12wK\xcc)N\x05\x8a\x17g$\x16\xa4\x02\xf9\x1a\x9a:\n\xb5\n"
    "\x14\x01.v\x06\x08\x00\x00PK\x01\x02-\x03-\x00\x00\x00\x08\x00\x00\x00!\x00\x0eH\x9f\xc7H\x00\x00"
    "\x00 \x01\x00\x00\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00weight.npy"
    "PK\x01\x02-\x03-\x00\x00\x00\x08\x00\x00\x00!\x00#\xb8\xf0lF\x00\x00\x00\x88\x00\x00\x00\x08\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x84\x00\x00\x00step.npyPK\x05\x06\x00\x00\x00\x00\x02"
    "\x00\x02\x00n\x00\x00\x00\x04\x01\x00\x00\x00\x00");
// clang-format on

}  // namespace

TEST_CASE("gzip: what another program wrote") { CHECK(tenon::gunzip(golden, "g") == "a,b\n1,2\n"); }

TEST_CASE("gzip: round trips") {
  for (const std::size_t size : {0, 1, 100, 4095, 4096, 4097, 300000}) {
    const std::string text = sample(size);
    const std::string packed = tenon::gzip(text);
    CHECK(tenon::gunzip(packed, "g") == text);
    CHECK((size < 1000 || packed.size() < size));
    CHECK(packed == tenon::gzip(text));
  }
}

TEST_CASE("gzip: several members and zero padding") {
  CHECK(tenon::gunzip(tenon::gzip("ab") + tenon::gzip("") + tenon::gzip(sample(9000)), "g") ==
        "ab" + sample(9000));
  CHECK(tenon::gunzip(tenon::gzip("ab") + std::string(512, '\0'), "g") == "ab");
  const std::string one = tenon::gzip("ab");
  CHECK(error_of([&] { tenon::gunzip(one + "junk", "a.gz"); }) ==
        "a.gz: expected gzip data at byte " + std::to_string(one.size()) + ", got other bytes");
}

TEST_CASE("gzip: broken data") {
  CHECK(error_of([] { tenon::gunzip("", "a.gz"); }) == "a.gz: expected gzip data at byte 0, got the end");
  CHECK(error_of([] { tenon::gunzip("PK", "a.gz"); }) ==
        "a.gz: expected gzip data at byte 0, got other bytes");
  for (std::size_t size = 2; size < golden.size(); ++size) {
    CHECK(error_of([&] { tenon::gunzip(golden.substr(0, size), "a.gz"); }) ==
          "a.gz: the compressed data is truncated: expected more after byte " + std::to_string(size) +
              ", got the end");
  }
  std::string wrong = golden;
  wrong[golden.size() - 8] ^= 1;
  CHECK(error_of([&] { tenon::gunzip(wrong, "a.gz"); }) ==
        "a.gz: the compressed data is corrupt near byte 24: incorrect data check");
}

TEST_CASE("gzip: the limit holds over all members") {
  const std::string packed = tenon::gzip(std::string(100000, 'x'));
  CHECK(tenon::gunzip(packed, "g", 100000).size() == 100000);
  CHECK(tenon::gunzip(packed, "g", ~std::size_t{0}).size() == 100000);
  CHECK(error_of([&] { tenon::gunzip(packed, "a.gz", 99999); }) ==
        "a.gz: expected at most 99999 bytes uncompressed, got more");
  CHECK(error_of([&] { tenon::gunzip(packed + packed, "a.gz", 100001); }) ==
        "a.gz: expected at most 100001 bytes uncompressed, got more");
  CHECK(tenon::gunzip(tenon::gzip(""), "g", 0).empty());
}

TEST_CASE("gzip: files, and csv compressed or not") {
  const std::string path = "tenon_gzip_test.csv.gz";
  tenon::write_file(path, golden);
  CHECK(tenon::read_gzip_file(path) == "a,b\n1,2\n");
  CHECK(tenon::read_csv_gz(path).values == std::vector<double>{1, 2});
  CHECK(error_of([&] { tenon::read_csv(path); }) ==
        path + ": expected text, got gzip data (read_csv_gz in tenon/io/gzip.hpp reads it)");
  tenon::write_file(path, "3,4\n");
  CHECK(tenon::read_csv_gz(path).values == std::vector<double>{3, 4});
  CHECK(error_of([&] { tenon::read_gzip_file(path); }) ==
        path + ": expected gzip data at byte 0, got other bytes");
  tenon::write_file(path, tenon::gzip("1,2\nx,3\n"));
  CHECK(error_of([&] { tenon::read_csv_gz(path); }) == path + ":2:1: expected a number, got \"x\"");
  std::remove(path.c_str());
}

TEST_CASE("gzip: raw deflate") {
  const std::string raw = golden.substr(10, golden.size() - 18);
  CHECK(tenon::inflate_raw(raw, 8, "e") == "a,b\n1,2\n");
  CHECK(error_of([&] { tenon::inflate_raw(raw, 9, "e"); }) == "e: expected 9 bytes uncompressed, got 8");
  CHECK(error_of([&] { tenon::inflate_raw(raw, 7, "e"); }) ==
        "e: expected at most 7 bytes uncompressed, got more");
  CHECK(error_of([&] { tenon::inflate_raw(raw + "x", 8, "e"); }) ==
        "e: expected the compressed data to end at byte " + std::to_string(raw.size() + 1) +
            ", got its end at byte " + std::to_string(raw.size()));
}

TEST_CASE("gzip: reads what numpy.savez_compressed wrote") {
  const std::vector<tenon::npz_entry> entries = tenon::parse_npz(npz_deflated, "m.npz", tenon::inflate_raw);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "weight");
  CHECK(entries[0].array.descr == "<f4");
  CHECK(entries[0].array.shape == std::vector<tenon::index>{40});
  CHECK(entries[0].array.data == std::string(160, '\0'));
  CHECK(entries[1].name == "step");
  CHECK(entries[1].array.data == std::string("\7\0\0\0\0\0\0\0", 8));
  CHECK(error_of([] { tenon::parse_npz(npz_deflated, "m.npz"); }) ==
        "m.npz:weight.npy: expected a stored entry, got a compressed one (include tenon/io/gzip.hpp and pass "
        "inflate_raw)");
}

TEST_CASE("gzip: changed data is read or refused, never more") {
  std::uint64_t state = 3;
  const auto random = [&](std::size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  const std::string packed = tenon::gzip(sample(600)) + tenon::gzip(std::string(5000, 'x'));
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = i % 2 == 0 ? packed : npz_deflated;
    for (std::size_t n = random(3) + 1; n > 0; --n) {
      const std::size_t at = random(text.size());
      if (random(8) == 0) {
        text.resize(at + 1);
      } else {
        text[at] = static_cast<char>(random(256));
      }
    }
    try {
      if (i % 2 == 0) {
        const std::string out = tenon::gunzip(text, "g", 20000);
        CHECK(out.size() <= 20000);
      } else {
        tenon::parse_npz(text, "g", tenon::inflate_raw);
      }
    } catch (const tenon::io_error& e) {
      CHECK(std::string_view(e.what()).find('\n') == std::string_view::npos);
      ++refused;
    }
  }
  CHECK(refused > 1000);
}

#else

TEST_CASE("gzip: skipped, these tests are built without zlib") { CHECK(true); }

#endif

// Tensors from tables, and through archives and back.
#include "tenon/io/tensors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#if defined(TENON_TEST_GZIP)
#include "tenon/io/gzip.hpp"
#endif

namespace {

using tenon::dyn;
using tenon::entry_of;
using tenon::npz_entry;
using tenon::read_entry;
using tenon::tensor;
using tenon::to_tensor;

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

template <class E, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no such error";
}

using vec = std::vector<double>;

}  // namespace

TEST_CASE("to_tensor: a table as doubles, floats and integers") {
  const auto table = tenon::parse_csv("a,b,c\n1,2.5,3\n4,-5,6\n", "t.csv");
  const auto x = to_tensor(table);
  static_assert(std::is_same_v<std::remove_const_t<decltype(x)>, tensor<double, dyn, dyn>>);
  CHECK(x.extent(0) == 2);
  CHECK(values(x) == vec{1, 2.5, 3, 4, -5, 6});
  CHECK(values(to_tensor<float>(table)) == values(x));
  CHECK(error_of<tenon::usage_error>([&] { to_tensor<int>(table); }) ==
        "to_tensor: row 0, column 1: expected a number that int32 can hold, got 2.500000");
  CHECK(values(to_tensor<std::int64_t>(tenon::parse_csv("0,1\n7,-1\n", "t.csv"))) == vec{0, 1, 7, -1});
  CHECK(values(to_tensor<bool>(tenon::parse_csv("0,1\n", "t.csv"))) == vec{0, 1});
}

TEST_CASE("to_tensor: the ends of each dtype") {
  const auto one = [](double v) { return tenon::csv_table{1, 1, {}, {v}}; };
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  CHECK(to_tensor<int>(one(2147483647.0)).item() == 2147483647);
  CHECK(to_tensor<int>(one(-2147483648.0)).item() == -2147483647 - 1);
  CHECK_THROWS_AS(to_tensor<int>(one(2147483648.0)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<int>(one(-2147483649.0)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<int>(one(nan)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<int>(one(inf)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<std::int64_t>(one(0x1p63)), tenon::usage_error);
  CHECK(to_tensor<std::int64_t>(one(-0x1p63)).item() == std::numeric_limits<std::int64_t>::min());
  CHECK_THROWS_AS(to_tensor<bool>(one(2)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<bool>(one(-1)), tenon::usage_error);
  CHECK_THROWS_AS(to_tensor<float>(one(1e39)), tenon::usage_error);
  CHECK(std::isnan(to_tensor<float>(one(nan)).item()));
  CHECK(std::isinf(to_tensor<float>(one(inf)).item()));
  CHECK_THROWS_AS(to_tensor(tenon::csv_table{2, 2, {}, {1}}), tenon::shape_error);
}

TEST_CASE("npz: every dtype through a file and back") {
  const std::string path = "tenon_tensors_test.npz";
  const tensor<float, 2, 3> w{{1, 2, 3}, {4, 5, 6.5f}};
  const auto b = tenon::full<double, "batch">(0.1, 4);
  const tensor<std::int64_t> step = std::int64_t(1) << 40;
  const tensor<bool, 3> mask{true, false, true};
  const tensor<int, 2> labels{-7, 8};
  tenon::write_npz(path,
                   {entry_of("layer.w", w), entry_of("b", b), entry_of("step", step), entry_of("mask", mask),
                    entry_of("labels", labels), entry_of("none", tenon::zeros<float>(0, 5))});
  const auto entries = tenon::read_npz(path);
  std::remove(path.c_str());
  CHECK(entries[0].array.descr == "<f4");
  CHECK(entries[3].array.descr == "|b1");
  const auto w2 = read_entry<float, 2, 3>(entries, "layer.w", path);
  static_assert(std::is_same_v<std::remove_const_t<decltype(w2)>, tensor<float, 2, 3>>);
  CHECK(values(w2) == values(w));
  CHECK(values(read_entry<float, dyn, "in">(entries, "layer.w", path)) == values(w));
  CHECK(values(read_entry<double, "rows">(entries, "b", path)) == values(b));
  CHECK(read_entry<std::int64_t>(entries, "step", path).item() == std::int64_t(1) << 40);
  CHECK(values(read_entry<bool, 3>(entries, "mask", path)) == vec{1, 0, 1});
  CHECK(values(read_entry<int, dyn>(entries, "labels", path)) == vec{-7, 8});
  CHECK(read_entry<float, dyn, 5>(entries, "none", path).shape() == std::array<tenon::index, 2>{0, 5});
  CHECK_THROWS_AS(tenon::read_npz(path), tenon::io_error);
  CHECK_THROWS_AS(tenon::write_npz("no/such/folder/a.npz", {}), tenon::io_error);
  CHECK_THROWS_AS(tenon::write_npz(path, {entry_of("a", w), entry_of("a", w)}), tenon::usage_error);
}

TEST_CASE("npz: a tensor changed after entry_of") {
  tensor<float, 2> x{1, 2};
  const npz_entry entry = entry_of("x", x);
  x(0) = 9;
  CHECK(values(read_entry<float, 2>({entry}, "x", "m.npz")) == vec{1, 2});
}

TEST_CASE("npz: Fortran order") {
  npz_entry entry = entry_of("x", tensor<int, 6>{0, 1, 2, 3, 4, 5});
  entry.array.fortran = true;
  CHECK(values(read_entry<int, 6>({entry}, "x", "m.npz")) == vec{0, 1, 2, 3, 4, 5});
  entry.array.shape = {2, 3};
  CHECK(values(read_entry<int, 2, 3>({entry}, "x", "m.npz")) == vec{0, 2, 4, 1, 3, 5});
  // numpy.arange(24).reshape(2, 3, 4, order='F')
  entry = entry_of("x", tenon::arange<int>(0, 24));
  entry.array.fortran = true;
  entry.array.shape = {2, 3, 4};
  const auto x = read_entry<int, 2, dyn, 4>({entry}, "x", "m.npz");
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) CHECK(x(i, j, k) == i + 2 * j + 6 * k);
  entry.array.shape = {0, 24};
  entry.array.data.clear();
  CHECK(read_entry<int, dyn, 24>({entry}, "x", "m.npz").size() == 0);
}

TEST_CASE("npz: bytes other than 0 and 1 are true") {
  npz_entry entry = entry_of("x", tensor<bool, 3>{true, false, true});
  entry.array.data = std::string("\x02\x00\xff", 3);
  CHECK(values(read_entry<bool, 3>({entry}, "x", "m.npz")) == vec{1, 0, 1});
}

TEST_CASE("npz: an entry that does not fit") {
  const tensor<double, 3, 4> x;
  std::vector<npz_entry> entries{entry_of("x", x), entry_of("y", tensor<float, 2>())};
  const auto error = [](auto f) { return error_of<tenon::io_error>(f); };
  CHECK(error([&] { read_entry<float, 784, 10>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float32 [784, 10], got float64 [3, 4]");
  CHECK(error([&] { read_entry<double, "in", 5>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [in, 5], got float64 [3, 4]");
  CHECK(error([&] { read_entry<double, dyn>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [?], got float64 [3, 4]");
  CHECK(error([&] { read_entry<double>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [], got float64 [3, 4]");
  CHECK(error([&] { read_entry<double, "n", "n">(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [n, n], got float64 [3, 4]");
  CHECK(error([&] { read_entry<float, 2>(entries, "z", "m.npz"); }) ==
        "m.npz: expected an entry \"z\", got \"x\", \"y\"");
  CHECK(error([&] { read_entry<float, 2>({}, "z", "m.npz"); }) ==
        "m.npz: expected an entry \"z\", got no entries");
  entries[0].array.descr = "<f2";
  CHECK(error([&] { read_entry<double, 3, 4>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [3, 4], got float16 [3, 4]");
  entries[0].array.descr = "<f3";
  CHECK(error([&] { read_entry<double, 3, 4>(entries, "x", "m.npz"); }) ==
        "m.npz: entry \"x\": expected float64 [3, 4], got \"<f3\" [3, 4]");
  entries[1].array.data.pop_back();
  CHECK(error([&] { read_entry<float, 2>(entries, "y", "m.npz"); }) ==
        "m.npz: entry \"y\": expected 8 bytes of data, got 7");
}

TEST_CASE("npz: every dtype comes back as it was written") {
  const auto check = []<class T>(T) {
    INFO(std::string(tenon::name_of(tenon::dtype_of<T>)));
    tensor<T, 3> x{T(0), T(1), T(100)};
    const auto entries = tenon::parse_npz(tenon::format_npz({entry_of("x", x)}), "m.npz");
    const auto back = read_entry<T, 3>(entries, "x", "m.npz");
    for (int i = 0; i < 3; ++i) CHECK(T(back(i)) == T(x(i)));
  };
  check(bool());
  check(std::int8_t());
  check(std::int16_t());
  check(std::int32_t());
  check(std::int64_t());
  check(std::uint8_t());
  check(std::uint16_t());
  check(std::uint32_t());
  check(std::uint64_t());
  check(tenon::float16());
  check(tenon::complex64());
  check(tenon::complex128());
  CHECK(error_of<tenon::usage_error>([] {
          (void)tenon::format_npz({entry_of("x", tensor<tenon::bfloat16, 2>())});
        }).find("<V2") != std::string::npos);
}

#if defined(TENON_TEST_GZIP) && defined(TENON_TEST_DATA)
TEST_CASE("to_tensor: the e-mails of the examples") {
  tenon::csv_options options;
  options.words = {"nonspam", "spam"};
  const auto table = tenon::read_csv_gz(TENON_TEST_DATA "/spambase.csv.gz", options);
  const auto x = to_tensor<float>(table);
  CHECK(x.extent(0) == 4601);
  CHECK(x.extent(1) == 58);
  double spam = 0;
  for (tenon::index r = 0; r < x.extent(0); ++r) spam += x(r, 57);
  CHECK(spam == 1813);
  CHECK(table.header.back() == "type");
  CHECK(x(0, 56) == 278);
}
#endif

// Files of one array: .npy, against the bytes that numpy.save writes, and CSV text.
#include <tenon/array/create.hpp>
#include <tenon/array/view.hpp>
#include <tenon/io/csv_writing.hpp>
#include <tenon/io/tensors.hpp>
#include <tenon/ops/shape.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <limits>
#include <string>

#include "../support.hpp"

using namespace tenon;
using test::thrown;
using test::values;
using test::vec;

namespace {
const std::string path = "tenon_array_files_test.tmp";

/// What numpy.save (2.4) wrote of [[1, 2, 3], [4, 5, 6]].
std::string saved(const std::string& descr, const std::string& order, const std::string& data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': (2, 3), }";
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00v\x00", 10) + header + "\n" + data;
}
const std::string rows = saved("<i2", "False", std::string("\1\0\2\0\3\0\4\0\5\0\6\0", 12));
const std::string columns = saved(">i2", "True", std::string("\0\1\0\4\0\2\0\5\0\3\0\6", 12));
}  // namespace

TEST_CASE("write_npy writes what numpy.save writes, of tensors, views and expressions") {
  const tensor<std::int16_t, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  write_npy(path, x);
  CHECK(read_file(path) == rows);
  const tensor<std::int16_t, dyn, dyn> wide{{0, 1, 2, 3}, {0, 4, 5, 6}};
  write_npy(path, wide.slice(all, range(1, 4)));
  CHECK(read_file(path) == rows);
  write_npy(path, wide.slice(all, range(1, 4)) * 2 - x);
  CHECK(read_file(path) == rows);
  write_npy(path, transpose(x));
  CHECK(values(read_npy<std::int16_t, 3, 2>(path)) == vec{1, 4, 2, 5, 3, 6});
  write_npy(path, tensor<double>(3.5));
  CHECK(read_npy<double>(path).item() == 3.5);
  std::remove(path.c_str());
}

TEST_CASE("read_npy: rows or columns first, either end first, as said or as it is") {
  for (const std::string& bytes : {rows, columns}) {
    write_file(path, bytes);
    CHECK(values(read_npy<std::int16_t, dyn, 3>(path)) == vec{1, 2, 3, 4, 5, 6});
    CHECK(values(read_npy<std::int16_t, "n", "m">(path)) == vec{1, 2, 3, 4, 5, 6});
    const any_tensor any = read_npy(path);
    CHECK(any.text() == "int16 [2, 3]");
    CHECK(values(any.as<std::int16_t, 2, 3>()) == vec{1, 2, 3, 4, 5, 6});
  }
  CHECK(thrown<io_error>([] { read_npy<float, dyn, 3>(path); }) ==
        path + ": expected float32 [?, 3], got int16 [2, 3]");
  CHECK(thrown<io_error>([] { read_npy<std::int16_t, "n", "n">(path); }) ==
        path + ": expected int16 [n, n], got int16 [2, 3]");
  std::remove(path.c_str());
  CHECK(test::contains(thrown<io_error>([] { read_npy(path); }), path));
}

TEST_CASE("format_csv: the fewest digits that give the number again") {
  CHECK(format_csv(tensor<double, 2, 2>{{1, 0.1}, {-1e300, 1.0 / 3}}) ==
        "1,0.1\n-1e+300,0.3333333333333333\n");
  CHECK(format_csv(tensor<float, 3>{0.1f, 16777216.f, -0.f}) == "0.1\n16777216\n-0\n");
  CHECK(format_csv(tensor<std::int64_t, 1>{std::numeric_limits<std::int64_t>::min()}) ==
        "-9223372036854775808\n");
  CHECK(format_csv(tensor<std::uint8_t, 1, 2>{{0, 255}}, {}, ';') == "0;255\n");
  CHECK(format_csv(tensor<bool, 2>{true, false}) == "1\n0\n");
  CHECK(format_csv(tensor<float16, 1>{0.25f}) == "0.25\n");
  CHECK(format_csv(tensor<float, dyn, dyn>{{1, 2}, {3, 4}}.slice(all, 1) * 2.f) == "4\n8\n");
  CHECK(format_csv(zeros<float>(0, 2), {"a", "b"}) == "a,b\n");
  CHECK(format_csv(zeros<float>(1, 1), {"say \"x, y\""}) == "\"say \"\"x, y\"\"\"\n0\n");
}

TEST_CASE("CSV files come back as they were, with their header") {
  const auto x = from_function<double>([](auto i, auto j) { return 1.0 / (1 + i + 7 * j); }, 20, 3);
  const std::vector<std::string> names{"a b", "c,\nd", "\"e\""};
  write_csv(path, x, names);
  const csv_table table = read_csv(path);
  CHECK(table.header == names);
  CHECK(values(to_tensor(table)) == values(x));
  CHECK(format_csv(table) == read_file(path));
  write_csv(path, table, '\t');
  csv_options tabs;
  tabs.delimiter = '\t';
  CHECK(values(to_tensor(read_csv(path, tabs))) == values(x));
  const double inf = std::numeric_limits<double>::infinity();
  write_csv(path, tensor<double, 2>{inf, -inf});
  csv_options any;
  any.allow_nan = true;
  CHECK(values(to_tensor(read_csv(path, any))) == vec{inf, -inf});
  std::remove(path.c_str());
}

TEST_CASE("what no CSV text is made of") {
  CHECK(thrown<shape_error>([] { format_csv(zeros<float>(1, 2, 3)); }) ==
        "format_csv: expected an array of 1 or 2 axes, got float32 [1, 2, 3]");
  CHECK(thrown<shape_error>([] { format_csv(any_tensor()); }) != "");
  CHECK(thrown<dtype_error>([] { format_csv(zeros<complex64>(2)); }) ==
        "format_csv: expected real numbers, got complex64 [2]");
  CHECK(thrown<usage_error>([] { format_csv(zeros<float>(1, 2), {"a"}); }) ==
        "format_csv: expected 2 names in the header, got 1");
  for (const char bad : {'1', '-', '"', '\n', 'e', '.'})
    CHECK(thrown<usage_error>([&] { format_csv(zeros<float>(1), {}, bad); }) != "");
  CHECK(thrown<shape_error>([] { format_csv(csv_table{2, 2, {}, {1}}); }) != "");
}

// Arrays whose dtype and rank run time knows: to and from tensors, files and text.
#include <tenon/array/any_tensor.hpp>
#include <tenon/io/format.hpp>
#include <tenon/io/safetensors.hpp>
#include <tenon/ops/complex.hpp>

#include "../support.hpp"

#include <cmath>
#include <limits>
#include <sstream>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

TEST_CASE("one checked call gives a typed tensor on the same buffer") {
  tensor<float, dyn, 3> t{{1, 2, 3}, {4, 5, 6}};
  const any_tensor a = t;
  CHECK(a.type() == dtype::float32);
  CHECK(a.rank() == 2);
  CHECK(dims(a.shape().begin(), a.shape().end()) == dims{2, 3});
  CHECK(a.extent(-1) == 3);
  CHECK(a.size() == 6);
  CHECK(a.text() == "float32 [2, 3]");
  const auto typed = a.as<float, dyn, dyn>();
  CHECK(typed.buffer() == t.buffer());
  CHECK(values(a.as<float, "batch", 3>()) == values(t));
  CHECK(values(a.as<tensor<float, 2, "width">>()) == values(t));
  t(0, 0) = 100;
  CHECK(typed(0, 0) == 1);
  CHECK(a.as<float, 2, 3>()(0, 0) == 1);
  CHECK(thrown<dtype_error>([&] { (void)a.as<double, dyn, 3>(); }) ==
        "as: expected float64 [?, 3], got float32 [2, 3]");
  CHECK(thrown<shape_error>([&] { (void)a.as<float, "n", 4>(); }) ==
        "as: expected float32 [n, 4], got float32 [2, 3]");
  CHECK(thrown<shape_error>([&] { (void)a.as<float, "n", "n">(); }) != "");
  CHECK(thrown<shape_error>([&] { (void)a.as<float, dyn>(); }) != "");
  CHECK(thrown<dtype_error>([] { (void)any_tensor().as<float, dyn>(); }) != "");
  CHECK(any_tensor().size() == 0);
  const any_tensor square = zeros<int>(2, 2);
  CHECK(square.as<int, "n", "n">().size() == 4);
}

TEST_CASE("of expressions, views, pinned tensors and temporaries") {
  tensor<double, 4> t{1, 2, 3, 4};
  CHECK(values(any_tensor(t * 2.0).as<double, 4>()) == vec{2, 4, 6, 8});
  CHECK(values(any_tensor(std::as_const(t).slice(range(1, 3))).as<double, dyn>()) == vec{2, 3});
  CHECK(any_tensor(t > 2.0).type() == dtype::boolean);
  double* const p = t.data();
  const any_tensor before = t;
  *p = 50;
  CHECK(before.as<double, 4>()(0) == 1);
  const any_tensor temporary = zeros<std::uint8_t>(3);
  CHECK(temporary.buffer().references() == 1);
}

TEST_CASE("visits") {
  const any_tensor a = tensor<std::int16_t, 2, 2>{{1, 2}, {3, 4}};
  const double total = visit<2>(a, [](const auto& t) {
    double s = 0;
    for (const auto v : t) {
      if constexpr (complex_number<std::remove_cv_t<decltype(v)>>)
        s += v.re;
      else
        s += static_cast<double>(v);
    }
    return s;
  });
  CHECK(total == 10);
  const auto twice = [](const auto& t) { return any_tensor(t + t); };
  CHECK(visit<2, float, std::int16_t>(a, twice) == any_tensor(tensor<std::int16_t, 2, 2>{{2, 4}, {6, 8}}));
  CHECK(contains(thrown<dtype_error>([&] { (void)visit<2, float, double>(a, twice); }), "int16 [2, 2]"));
  CHECK(thrown<shape_error>([&] { (void)visit<1, std::int16_t>(a, twice); }) != "");
}

TEST_CASE("equality") {
  const any_tensor a = tensor<float, 2>{1, 2};
  CHECK(a == any_tensor(tensor<float, 2>{1, 2}));
  CHECK(a != any_tensor(tensor<float, 2>{1, 3}));
  CHECK(a != any_tensor(tensor<double, 2>{1, 2}));
  CHECK(a != any_tensor(tensor<float, 1, 2>{{1, 2}}));
  CHECK(any_tensor(tensor<float, 1>{-0.f}) == any_tensor(tensor<float, 1>{0.f}));
  const any_tensor n = tensor<float, 1>{std::nanf("")};
  CHECK(n != n);
  CHECK(any_tensor() == any_tensor());
}

TEST_CASE("one element as a number") {
  const auto of = [](auto v) { return any_tensor(tensor<decltype(v)>(v)); };
  CHECK(of(2.5f).item<double>() == 2.5);
  CHECK(of(3.0).item<int>() == 3);
  CHECK(test::thrown<dtype_error>([&] { of(3.5f).item<int>(); }) ==
        "item: the float32 3.500000 is no number of int32");
  CHECK(test::thrown<dtype_error>([&] { of(300).item<std::int8_t>(); }) ==
        "item: the int32 300 is no number of int8");
  CHECK(of(true).item<float>() == 1);
  CHECK(of(1).item<bool>());
  CHECK(of(float16(1.5f)).item<double>() == 1.5);
  CHECK(of(7).item<float16>() == float16(7.f));
  CHECK(of(std::numeric_limits<std::int64_t>::min()).item<double>() == -0x1p63);
  CHECK(of(-0x1p63).item<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
  CHECK(of(complex64{2, 0}).item<int>() == 2);
  CHECK(of(0.1).item<float>() == 0.1f);
  CHECK(std::isnan(of(std::nan("")).item<float>()));
  CHECK(of(3).item<complex128>() == complex128{3, 0});
  const auto refuses = [&]<class To>(auto v, To) {
    return thrown<dtype_error>([&] { (void)of(v).template item<To>(); }) != "";
  };
  CHECK(refuses(2.5, int{}));
  CHECK(refuses(1e300, float{}));
  CHECK(refuses(300, std::uint8_t{}));
  CHECK(refuses(-1, std::uint64_t{}));
  CHECK(refuses(-1.0, std::uint8_t{}));
  CHECK(refuses(0x1p63, std::int64_t{}));
  CHECK(refuses(std::numeric_limits<std::int64_t>::max(), double{}));
  CHECK(refuses(std::numeric_limits<std::uint64_t>::max(), double{}));
  CHECK(refuses(16777217, float{}));
  CHECK(refuses(2049, float16{}));
  CHECK(refuses(2, bool{}));
  CHECK(refuses(complex64{2, 1}, double{}));
  CHECK(refuses(std::nan(""), int{}));
  CHECK(any_tensor(zeros<float>(1, 1)).item<int>() == 0);
  CHECK(thrown<shape_error>([] { (void)any_tensor(zeros<float>(2)).item<int>(); }) != "");
}

TEST_CASE("text") {
  const tensor<float, 2, 2> t{{1, 2.5f}, {3, 4}};
  CHECK(to_string(any_tensor(t)) == to_string(t));
  CHECK(to_string(any_tensor(tensor<double>(0.1))) == "0.1");
  CHECK(to_string(any_tensor()) == "none");
  std::ostringstream out;
  out << any_tensor(tensor<bool, 2>{true, false});
  CHECK(out.str() == "[ True False]");
}

TEST_CASE("entries of files") {
  const tensor<float, 2, 3> w{{1, 2, 3}, {4, 5, 6}};
  const tensor<std::uint8_t> s(200);
  const std::string bytes = format_npz({entry_of("w", w), entry_of("s", any_tensor(s))});
  const auto entries = parse_npz(bytes, "file");
  CHECK(read_any(entries, "w", "file") == any_tensor(w));
  CHECK(read_any(entries, "s", "file").item<int>() == 200);
  CHECK(entry_of("w", any_tensor(w)).array.data == entry_of("w", w).array.data);
  CHECK(contains(thrown<io_error>([&] { (void)read_any(entries, "x", "file"); }), "\"x\""));
  npy_array columns{"<f4", true, {3, 2}, entries[0].array.data};
  CHECK(to_any(columns) == any_tensor(transpose(w)));
  npy_array odd{"|b1", false, {2}, std::string("\x02\x00", 2)};
  CHECK(to_any(odd) == any_tensor(tensor<bool, 2>{true, false}));
  columns.shape = std::vector<tenon::index>(9, 1);
  CHECK(contains(thrown<io_error>([&] { (void)to_any(columns); }), "at most 8 axes"));
  columns.shape = {7};
  CHECK(thrown<io_error>([&] { (void)to_any(columns); }) != "");
  const auto file = parse_safetensors(
      format_safetensors(
          {entry_of("w", w), {"b", "BF16", {1}, std::string("\x80\x3f", 2)}, {"e", "F8_E5M2", {1}, "x"}}),
      "f");
  CHECK(read_any(file, "w", "f") == any_tensor(w));
  CHECK(read_any(file, "b", "f").item<float>() == 1);
  CHECK(contains(thrown<io_error>([&] { (void)read_any(file, "e", "f"); }), "F8_E5M2"));
}

// Arrays at the edges: no elements, no axes, one element; extents, indices and values that do not fit; dtypes that
// meet.
#include "../support.hpp"

#include <type_traits>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

using matrix = tensor<float, dyn, dyn>;
using vector = tensor<float, dyn>;

template <class X, class T>
constexpr bool yields_dtype(const X&) {
  return std::is_same_v<typename X::value_type, T>;
}
template <class T>
constexpr bool gives(const auto& e) {
  return std::is_same_v<typename std::remove_cvref_t<decltype(e)>::value_type, T>;
}

}  // namespace

TEST_CASE("arrays without elements") {
  const auto rows = zeros<float>(0, 3);
  CHECK(rows.size() == 0);
  CHECK(rows.begin() == rows.end());
  matrix r = rows + 1.f;
  CHECK(r.extent(0) == 0);
  CHECK(r.extent(1) == 3);
  r = rows + tensor<float, 3>{1, 2, 3};
  CHECK(test::extents(r) == dims{0, 3});
  CHECK(test::extents(ones<float>(1, 3) + rows) == dims{0, 3});
  CHECK(values(sum(rows, axis<0>)) == vec{0, 0, 0});
  CHECK(values(sum(rows, axis<1>)).empty());
  CHECK(values(sum(rows)) == vec{0});
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(values(max(rows, axis<0>)) == vec{-inf, -inf, -inf});
  CHECK(values(min(rows)) == vec{inf});
  CHECK(std::isnan(values(mean(rows))[0]));
  CHECK(test::extents(transpose(rows)) == dims{3, 0});
  CHECK(test::extents(matmul(transpose(rows), rows)) == dims{3, 3});
  CHECK(values(matmul(transpose(rows), rows)) == vec(9, 0.));
  CHECK(values(matmul(rows, transpose(rows))).empty());
  CHECK(test::extents(softmax(rows)) == dims{0, 3});
  CHECK(test::extents(softmax(zeros<float>(3, 0))) == dims{3, 0});
  const tensor<float, 2, 0> fixed;
  CHECK(values(fixed * 2.f).empty());
  CHECK(test::extents(reshape<0, 5>(fixed)) == dims{0, 5});
  matrix x{{1, 2}, {3, 4}};
  x.slice(range(1, 1), all) = 7;
  x.slice(range(2, 2), all) = 7;
  CHECK(values(x) == vec{1, 2, 3, 4});
  CHECK(test::extents(std::as_const(x).slice(range(1, 0), all)) == dims{0, 2});
  x = rows;
  CHECK(x.size() == 0);
  matrix none;
  CHECK(none.size() == 0);
  none += 1.f;
  CHECK(none.size() == 0);
  tensor<float, dyn> braces(std::initializer_list<float>{});
  CHECK(braces.size() == 0);
}

TEST_CASE("rank 0") {
  tensor<double> s = 3.0;
  CHECK(s.rank == 0);
  CHECK(s.size() == 1);
  CHECK(s.item() == 3);
  CHECK(double(s()) == 3);
  s() = 4;
  s = s * 2.0 + 1.0;
  CHECK(s.item() == 9);
  s += s;
  CHECK(s.item() == 18);
  const tensor<double, 3> v{1, 2, 3};
  CHECK(values(v * s) == vec{18, 36, 54});
  CHECK(values(s - v) == vec{17, 16, 15});
  CHECK(values(sum(s)) == vec{18});
  CHECK(values(exp(s * 0.0)) == vec{1});
  CHECK(values(transpose(s)) == vec{18});
  s = sum(v);
  CHECK(s.item() == 6);
  tensor<double> copy = s;
  s = 7.0;
  CHECK(copy.item() == 6);
  s = copy;
  CHECK(eval(reshape<1, 1>(s)).item() == 6);
  CHECK_THROWS_AS(v.item(), shape_error);
  CHECK(ones<float>(1, 1, 1).item() == 1);
}

TEST_CASE("a failed assignment changes nothing") {
  matrix x{{1, 2, 3}, {4, 5, 6}};
  const matrix wide = ones<float>(2, 4), three = ones<float>(3, 3);
  const vec before = values(x);
  const float* const data = std::as_const(x).data();
  const auto unchanged = [&] {
    return values(x) == before && std::as_const(x).data() == data && x.extent(0) == 2 && x.extent(1) == 3;
  };
  CHECK_THROWS_AS(x = x + wide, shape_error);
  CHECK(unchanged());
  CHECK_THROWS_AS(x = matmul(x, wide), shape_error);
  CHECK_THROWS_AS(x += wide, shape_error);
  CHECK_THROWS_AS(x += three, shape_error);
  CHECK_THROWS_AS(noalias(x) = three + wide, shape_error);
  CHECK(unchanged());
  CHECK_THROWS_AS((x(2, 0) = 1), index_error);
  CHECK_THROWS_AS((x(0, 3) = 1), index_error);
  CHECK_THROWS_AS((x(-3, 0) = 1), index_error);
  CHECK_THROWS_AS(x.slice(2, all) = 1, index_error);
  CHECK_THROWS_AS(x.slice(range(0, 3), all) = 1, index_error);
  CHECK_THROWS_AS(x.slice(range(0, 2, 0), all) = 1, index_error);
  CHECK_THROWS_AS(x.slice(range(-4, 2), all) = 1, index_error);
  CHECK_THROWS_AS(x.slice(all, range(0, 2)) = ones<float>(2, 3), shape_error);
  CHECK_THROWS_AS(x.slice(all, range(0, 2)) = ones<float>(3, 1), shape_error);
  CHECK_THROWS_AS((x[0] = vector{1, 2}), shape_error);
  CHECK_THROWS_AS((x[0] += vector{1, 2}), shape_error);
  CHECK(unchanged());
  tensor<float, 2, 3> fixed{{1, 2, 3}, {4, 5, 6}};
  CHECK_THROWS_AS(fixed = wide, shape_error);
  CHECK_THROWS_AS(fixed = wide * 2.f, shape_error);
  CHECK_THROWS_AS(noalias(fixed) = wide * 2.f, shape_error);
  CHECK_THROWS_AS((tensor<float, 2, 3>{{1, 2, 3}}), shape_error);
  CHECK_THROWS_AS((matrix{{1, 2, 3}, {1}}), shape_error);
  CHECK_THROWS_AS((tensor<float, 2, 3>(wide)), shape_error);
  CHECK(values(fixed) == before);
  CHECK_THROWS_AS(x.extent(2), index_error);
}

TEST_CASE("errors are one line that names the operation, the shapes and the rule") {
  const matrix x = ones<float>(2, 3);
  const std::string product = thrown<shape_error>([&] { eval(matmul(x, x)); });
  for (const char* part : {"matmul", "[2, 3]", "3 against 2"}) CHECK(contains(product, part));
  const std::string sum_ = thrown<shape_error>([&] { eval(x + ones<float>(2, 4)); });
  for (const char* part : {"add", "[2, 3]", "[2, 4]", "3 against 4"}) CHECK(contains(sum_, part));
  const std::string at = thrown<index_error>([&] { static_cast<void>(x(0, 5)); });
  for (const char* part : {"5", "axis 1", "extent 3"}) CHECK(contains(at, part));
  const auto named = zeros<float, "batch", 3>(4), other = zeros<float, "batch", 3>(5);
  const std::string sizes = thrown<shape_error>([&] { eval(named + other); });
  for (const char* part : {"batch", "4", "5"}) CHECK(contains(sizes, part));
  for (const std::string& text : {product, sum_, at, sizes}) CHECK_FALSE(contains(text, "\n"));
}

TEST_CASE("a plain number takes the dtype of its partner") {
  const tensor<float, 2> x{1, 2};
  const tensor<int, 2> n{3, 4};
  CHECK(gives<float>(x * 2.0));
  CHECK(gives<float>(2 * x));
  CHECK(gives<float>(x / 3_c));
  CHECK(gives<int>(n * 2));
  CHECK(gives<int>(n + 2_c));
  CHECK(gives<int>(n + 2LL));
  CHECK(gives<double>(astype<double>(x) * 2.f));
  CHECK(gives<bool>(x > 1));
  CHECK(gives<bool>(astype<bool>(x) == true));
  CHECK(values(x * 0.1) == vec{double(1 * 0.1f), double(2 * 0.1f)});
  CHECK(values(10 - n) == vec{7, 6});
}

TEST_CASE("dtypes of one kind are promoted; booleans and kinds that mix need astype") {
  const tensor<float, 2> f{1.5, 0.1f};
  const tensor<double, 2> d{1, 2};
  const tensor<std::int32_t, 2> i{1, 2};
  const tensor<std::int64_t, 2> l{std::int64_t(1) << 40, 2};
  CHECK(gives<double>(f + d));
  CHECK(gives<double>(d * f));
  CHECK(gives<std::int64_t>(i + l));
  CHECK(gives<bool>(f < d));
  CHECK(values(f + d) == vec{2.5, 2 + double(0.1f)});
  CHECK(values(i + l) == vec{std::ldexp(1., 40) + 1, 4});
  CHECK(values(astype<float>(i) + f) == vec{2.5, double(2 + 0.1f)});
  tensor<double, 2> target = d;
  target += f;
  CHECK(values(target) == vec{2.5, 2 + double(0.1f)});
}

TEST_CASE("names bind to a size per evaluation") {
  for (const tenon::index n : {0, 1, 2, 33}) {
    const auto x = ones<float, "batch", 3>(n);
    CHECK(test::extents(x + tensor<float, 3>{1, 2, 3}) == dims{n, 3});
    CHECK(values(sum(x, axis<0>)) == vec(3, double(n)));
    CHECK(test::extents(matmul(x, transpose(x))) == dims{n, n});
  }
}

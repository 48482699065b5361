// Reductions: NaN, infinities, integers, negative axes, strided operands, means, and bits that depend on shape alone.
#include "../support.hpp"

#include <limits>

using namespace tenon;
using test::values;
using test::vec;

namespace {
const double inf = std::numeric_limits<double>::infinity(),
             not_a_number = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("NaN propagates from every place, in rows and columns of every size") {
  for (const tenon::index n : {1, 2, 15, 16, 17, 33, 100})
    for (tenon::index at = 0; at<n; at += n> 40 ? 7 : 1) {
      CAPTURE(n);
      CAPTURE(at);
      auto row = full<double>(1, 2, n), column = full<double>(1, n, 2);
      row(1, at) = not_a_number;
      column(at, 1) = not_a_number;
      const vec top = values(max(row, axis<1>)), bottom = values(min(row, axis<1>));
      CHECK(top[0] == 1);
      CHECK(std::isnan(top[1]));
      CHECK(std::isnan(bottom[1]));
      const vec down = values(max(column, axis<0>));
      CHECK(down[0] == 1);
      CHECK(std::isnan(down[1]));
      CHECK(std::isnan(values(sum(row, axis<1>))[1]));
      CHECK(std::isnan(values(min(column))[0]));
    }
}

TEST_CASE("infinities") {
  const tensor<double, 3, 3> x{{inf, 1, -inf}, {-inf, -inf, -inf}, {inf, inf, 2}};
  CHECK(values(max(x, axis<1>)) == vec{inf, -inf, inf});
  CHECK(values(min(x, axis<1>)) == vec{-inf, -inf, 2});
  const vec s = values(sum(x, axis<1>));
  CHECK(std::isnan(s[0]));
  CHECK(s[1] == -inf);
  CHECK(s[2] == inf);
}

TEST_CASE("integers are summed in 64 bits, wrap there, and know their least and greatest") {
  const tensor<std::int32_t, 4> i{2147483647, 1, -5, -2147483647 - 1};
  CHECK(eval(sum(i)).item() == -5);
  CHECK(eval(sum(eval(i.slice(range(0, 2))))).item() == std::int64_t{2147483648});
  const auto largest = full<std::int64_t>(std::numeric_limits<std::int64_t>::max(), 3);
  CHECK(eval(sum(largest)).item() == std::numeric_limits<std::int64_t>::max() - 2);
  CHECK(eval(max(i)).item() == 2147483647);
  CHECK(eval(min(i)).item() == -2147483647 - 1);
  const auto none = zeros<std::int32_t>(0);
  CHECK(eval(max(none)).item() == -2147483647 - 1);
  CHECK(eval(min(none)).item() == 2147483647);
  const auto many = full<std::int64_t>(std::int64_t(1) << 40, 1000, 3);
  CHECK(eval(sum(many, axis<0>))(2) == 1000 * (std::int64_t(1) << 40));
  CHECK(values(max(arange<std::int32_t>(-100, 5))) == vec{4});
}

TEST_CASE("negative axes count from the end; extents that are 1 are dropped") {
  const tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  CHECK(values(sum(x, axis<-1>)) == vec{6, 15});
  CHECK(values(sum(x, axes<-2>)) == vec{5, 7, 9});
  CHECK(values(mean(x, axes<0, -1>)) == vec{3.5});
  const tensor<float, 1, 3, 1> y{{{1}, {2}, {3}}};
  CHECK(test::extents(sum(y, axes<0, 2>)) == test::dims{3});
  CHECK(test::extents(sum(y, axis<2>)) == test::dims{1, 3});
  CHECK(values(max(y, axis<1>)) == vec{3});
}

TEST_CASE("means divide by the number of elements") {
  for (const tenon::index n : {1, 3, 17, 1000}) {
    const auto x = ones<double>(n, 4);
    CHECK(values(mean(x)) == vec{1});
    CHECK(values(mean(x, axis<0>)) == vec{1, 1, 1, 1});
  }
  CHECK(values(mean(arange<float>(0, 10), keepdims)) == vec{4.5});
}

TEST_CASE("strided operands, and reductions of expressions") {
  auto x = zeros<float>(20, 30);
  for (tenon::index i = 0; i < 20; ++i)
    for (tenon::index j = 0; j < 30; ++j) x(i, j) = float(i * 30 + j);
  const auto part = std::as_const(x).slice(range(19, 0, -2), range(1, 30, 3));
  double all_of_it = 0, first_row = 0, first_column = 0;
  for (tenon::index i = 19; i > 0; i -= 2)
    for (tenon::index j = 1; j < 30; j += 3) {
      all_of_it += x(i, j);
      if (i == 19) first_row += x(i, j);
      if (j == 1) first_column += x(i, j);
    }
  CHECK(values(sum(part)) == vec{all_of_it});
  CHECK(values(sum(part, axis<1>))[0] == first_row);
  CHECK(values(sum(part, axis<0>))[0] == first_column);
  CHECK(values(sum(transpose(part), axis<0>))[0] == first_row);
  const auto centred = eval(x - mean(x, axis<1>, keepdims));
  CHECK(centred(7, 0) == -14.5);
  const auto of_columns = eval(sum(x - mean(x, axis<0>), axis<0>));
  CHECK(values(of_columns) == vec(30, 0.));
}

TEST_CASE("one shape, one sum: whatever the threads, and wherever the array begins") {
  auto x = zeros<float>(37, 5003);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = std::sin(float(i * i % 1000));
  const auto copy = zeros<float>(38, 5006);
  auto room = copy;
  room.slice(range(1, 38), range(3, 5006)) = x;
  const auto part = std::as_const(room).slice(range(1, 38), range(3, 5006));
  const auto reference = [&](int threads) {
    set_num_threads(threads);
    return std::vector<vec>{values(sum(x)), values(sum(x, axis<0>)), values(sum(x, axis<1>))};
  };
  const auto one = reference(1);
  CHECK(reference(2) == one);
  CHECK(reference(5) == one);
  CHECK(values(sum(part, axis<1>)) == one[2]);
  CHECK(values(sum(part, axis<0>)) == one[1]);
}

TEST_CASE("sums are accurate: a tree, not a chain") {
  const auto x = full<float>(0.1f, 1 << 20);
  const double exact = double(0.1f) * (1 << 20);
  CHECK(std::fabs(values(sum(x))[0] - exact) < 1e-5 * exact);
  CHECK(std::fabs(values(sum(eval(reshape<1048576, 1>(x)), axis<0>))[0] - exact) < 1e-5 * exact);
}

TEST_CASE("what is computed from sums of nothing is written") {
  const auto a = zeros<float>(4, 0), b = zeros<float>(0, 5), c = full<float>(1.f, 2, 3);
  tensor<float> y = 7.f;
  y = sum(a) + sum(b);
  CHECK(y.item() == 0);
  y = 7.f;
  y = (sum(b) + 3.f) * sum(c);
  CHECK(y.item() == 18);
  tensor<float, dyn> rows = full<float>(7.f, 4);
  rows = sum(a, axis<1>) - max(a + 1.f, axis<1>) * 0.5f;
  CHECK(values(rows) == vec(4, std::numeric_limits<double>::infinity()));
}

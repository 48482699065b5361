// scatter_max and scatter_min, along axes and at coordinates: against loops, NaN, repeated places, every dtype, several
// threads, derivatives with ties; bad places change nothing.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/scatter_extrema.hpp>
#include <tenon/ops/trigonometric.hpp>

#include <cmath>

using namespace tenon;
using test::values;
using test::vec;

namespace {

template <class T>
void check_dtype() {
  auto to = zeros<T>(4, 3);
  for (tenon::index i = 0; i < 12; ++i) to.own()[i] = T(float(i % 5));
  const tensor<std::int32_t, 5> at{3, 0, -1, 3, 1};
  auto x = zeros<T>(5, 3);
  for (tenon::index i = 0; i < 15; ++i) x.own()[i] = T(float((i * 7) % 11));
  auto most = to, least = to;
  for (tenon::index i = 0; i < 5; ++i)
    for (tenon::index j = 0; j < 3; ++j) {
      const tenon::index r = at(i) < 0 ? at(i) + 4 : at(i);
      most(r, j) = most(r, j) < x(i, j) ? T(x(i, j)) : T(most(r, j));
      least(r, j) = x(i, j) < least(r, j) ? T(x(i, j)) : T(least(r, j));
    }
  CHECK(values(scatter_max<0>(to, at, x)) == values(most));
  CHECK(values(scatter_min<0>(to, at, x)) == values(least));
  CHECK(values(scatter_max<1>(transpose(to), at, transpose(x))) == values(transpose(most)));
  CHECK(values(scatter_nd_max(to, expand_dims<-1>(at), x)) == values(most));
  CHECK(values(scatter_nd_min(to, expand_dims<-1>(at), x)) == values(least));
}

}  // namespace

TEST_CASE("every dtype") {
  check_dtype<float>();
  check_dtype<double>();
  check_dtype<float16>();
  check_dtype<std::int8_t>();
  check_dtype<std::uint32_t>();
  check_dtype<std::int64_t>();
}

TEST_CASE("NaN propagates; nothing to put; bad places") {
  const double nan = std::nan("");
  const tensor<double, 3> to{1, nan, 3};
  const auto y = values(scatter_max<0>(to, tensor<int, 3>{0, 1, 2}, tensor<double, 3>{nan, 5, 2}));
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 3);
  const tensor<float, 2> z{1, 2};
  CHECK(values(scatter_min<0>(z, zeros<std::int32_t>(0), zeros<float>(0))) == vec{1, 2});
  auto target = z;
  CHECK_THROWS_AS(target = scatter_max<0>(z, tensor<int, 2>{0, 2}, tensor<float, 2>{9, 9}), index_error);
  CHECK(values(target) == vec{1, 2});
}

TEST_CASE("on several threads as on one") {
  const tenon::index n = 4000;
  auto at = zeros<std::int64_t>(n);
  auto x = zeros<float>(n, 40);
  auto most = zeros<float>(30, 40);
  unsigned state = 3;
  for (tenon::index i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    const auto row = tenon::index((state >> 9) % 30);
    at(i) = row;
    for (tenon::index j = 0; j < 40; ++j) {
      x(i, j) = float((state >> 3) % 1000) + float(j);
      most.own()[row * 40 + j] = std::max(most.data()[row * 40 + j], x.data()[i * 40 + j]);
    }
  }
  const int before = num_threads();
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    CHECK(values(scatter_max<0>(zeros<float>(30, 40), at, x)) == values(most));
  }
  set_num_threads(before);
}

TEST_CASE("derivatives") {
  const tensor<double, 3, 2> to{{1, -2}, {0.5, 4}, {3, 2.5}};
  const tensor<double, 4, 2> x{{2, 1}, {0.3, 5}, {2.5, -1}, {1.5, 0.2}};
  const tensor<int, 4> at{0, 1, 0, 2};
  const auto most = [&](const auto& a, const auto& b) { return square(scatter_max<0>(a, at, b)); };
  check_grads(most, primals(to, x));
  check_grads([&](const auto& a, const auto& b) { return scatter_min<0>(a, at, b) * a; }, primals(to, x));
  check_grads(
      [&](const auto& b) {
        return sum(square(scatter_max<0>(sin(b), tensor<int, 4>{0, 1, 0, 2}, b)));
      },
      primals(x), {.order = 2});
  const tensor<int, 3, 2> places{{0, 1}, {2, 0}, {0, 1}};
  check_grads([&](const auto& a, const auto& b) { return scatter_nd_max(a, places, b); },
              primals(to, tensor<double, 3>{-1, 7, 2}));
  // three equal extrema, the array's own among them, have a third each
  const tensor<double, 2> ties{2, 0}, tied{2, 2};
  const auto f = [](const auto& a, const auto& b) { return sum(scatter_max<0>(a, tensor<int, 2>{0, 0}, b)); };
  CHECK(values(grad<0>(f)(ties, tied)) == vec{1.0 / 3, 1});
  CHECK(values(grad<1>(f)(ties, tied)) == vec{1.0 / 3, 1.0 / 3});
}

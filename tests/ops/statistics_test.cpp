// Products, truth, counts, variances, norms and places of extrema, against loops in long double.
#include "../support.hpp"

#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/statistics.hpp>

#include <cmath>
#include <functional>
#include <limits>

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

using real = long double;
using reals = std::vector<real>;
const double missing = std::numeric_limits<double>::quiet_NaN();

template <class T>
tensor<T, dyn, dyn, dyn> sample(tenon::index a, tenon::index b, tenon::index c) {
  auto x = zeros<T>(a, b, c);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>((i * 7 + 3) % 11 - 4) / T(2);
  return x;
}

/// f over the elements that share a place along the axes kept: `reduced` says which of the three go.
template <class X>
vec reference(const X& x, std::vector<bool> reduced, const std::function<real(const reals&)>& f) {
  tenon::index kept[3], all_kept = 1;
  for (int k = 0; k < 3; ++k) all_kept *= kept[k] = reduced[std::size_t(k)] ? 1 : x.extent(k);
  std::vector<reals> of(static_cast<std::size_t>(all_kept));
  for (tenon::index i = 0; i < x.extent(0); ++i)
    for (tenon::index j = 0; j < x.extent(1); ++j)
      for (tenon::index k = 0; k < x.extent(2); ++k) {
        const tenon::index at =
            ((kept[0] == 1 ? 0 : i) * kept[1] + (kept[1] == 1 ? 0 : j)) * kept[2] + (kept[2] == 1 ? 0 : k);
        of[static_cast<std::size_t>(at)].push_back(real(x(i, j, k)));
      }
  vec r;
  for (const reals& v : of) r.push_back(double(f(v)));
  return r;
}

void check_close(const vec& got, const vec& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    if (std::isnan(expected[i]))
      CHECK(std::isnan(got[i]));
    else
      CHECK(std::fabs(got[i] - expected[i]) <= tolerance * (1 + std::fabs(expected[i])));
  }
}

real product(const reals& v) {
  real p = 1;
  for (const real x : v) p *= x;
  return p;
}
real spread(const reals& v, real ddof) {
  real m = 0, s = 0;
  for (const real x : v) m += x / real(v.size());
  for (const real x : v) s += (x - m) * (x - m);
  return s / (real(v.size()) - ddof);
}
real length(const reals& v) {
  real s = 0;
  for (const real x : v) s += x * x;
  return std::sqrt(s);
}
real magnitude(const reals& v) {
  real s = 0;
  for (const real x : v) s += std::fabs(x);
  return s;
}
real nonzero(const reals& v) {
  real n = 0;
  for (const real x : v) n += x != 0;
  return n;
}
real first_most(const reals& v) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < v.size(); ++i)
    if (v[i] > v[at]) at = i;
  return real(at);
}
real first_least(const reals& v) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < v.size(); ++i)
    if (v[i] < v[at]) at = i;
  return real(at);
}

template <class T, class... How>
void check_all(const tensor<T, dyn, dyn, dyn>& x, const std::vector<bool>& reduced, How... how) {
  const double e = sizeof(T) == 4 ? 3e-6 : 1e-14;
  check_close(values(prod(x, how...)), reference(x, reduced, product), e);
  check_close(values(variance(x, how...)), reference(x, reduced, [](const reals& v) { return spread(v, 0); }),
              e);
  check_close(values(variance<1>(x, how...)),
              reference(x, reduced, [](const reals& v) { return spread(v, 1); }), e);
  check_close(values(stddev(x, how...)),
              reference(x, reduced, [](const reals& v) { return std::sqrt(spread(v, 0)); }), e);
  check_close(values(norm(x, how...)), reference(x, reduced, length), e);
  check_close(values(norm<1>(x, how...)), reference(x, reduced, magnitude), e);
  CHECK(values(count_nonzero(x, how...)) == reference(x, reduced, nonzero));
  CHECK(values(any(x, how...)) == reference(x, reduced, [](const reals& v) { return real(nonzero(v) > 0); }));
  CHECK(values(all(x, how...)) ==
        reference(x, reduced, [](const reals& v) { return real(nonzero(v) == real(v.size())); }));
}

template <class T>
void check_shapes() {
  for (const auto& e : {dims{2, 3, 4}, dims{1, 5, 1}, dims{3, 1, 33}, dims{5, 7, 2}, dims{2, 40, 3}}) {
    CAPTURE(e[0]);
    const auto x = sample<T>(e[0], e[1], e[2]);
    check_all(x, {true, true, true});
    check_all(x, {true, false, false}, axis<0>);
    check_all(x, {false, true, false}, axis<1>);
    check_all(x, {false, false, true}, axis<-1>);
    check_all(x, {true, false, true}, axes<0, 2>, keepdims);
    CHECK(values(argmax(x)) == reference(x, {true, true, true}, first_most));
    CHECK(values(argmin(x)) == reference(x, {true, true, true}, first_least));
    CHECK(values(argmax(x, axis<0>)) == reference(x, {true, false, false}, first_most));
    CHECK(values(argmin(x, axis<1>)) == reference(x, {false, true, false}, first_least));
    CHECK(values(argmax(x, axis<2>)) == reference(x, {false, false, true}, first_most));
  }
}

}  // namespace

TEST_CASE("reductions over every axis") { check_shapes<float>(); }

TEST_CASE("reductions of nothing") {
  const auto x = zeros<float>(0, 3);
  CHECK(values(prod(x, axis<0>)) == vec{1, 1, 1});
  CHECK(values(any(x, axis<0>)) == vec{0, 0, 0});
  CHECK(values(all(x, axis<0>)) == vec{1, 1, 1});
  CHECK(values(count_nonzero(x)) == vec{0});
  CHECK(values(norm(x)) == vec{0});
  CHECK(std::isnan(values(variance(x))[0]));
}

TEST_CASE("NaN") {
  const tensor<double, 2, 3> x{{1, missing, 3}, {missing, missing, missing}};
  CHECK(values(nansum(x)) == vec{4});
  CHECK(values(nansum(x, axis<1>)) == vec{4, 0});
  CHECK(values(nanmean(x, axis<1>))[0] == 2);
  CHECK(std::isnan(values(nanmean(x, axis<1>))[1]));
  CHECK(values(argmax(x, axis<1>)) == vec{1, 0});
  CHECK(values(argmin(x, axis<1>)) == vec{1, 0});
  CHECK(std::isnan(values(prod(x))[0]));
  CHECK(values(any(x, axis<1>)) == vec{1, 1});
  CHECK(values(grad([](const auto& v) { return nansum(v); })(x)) == vec{1, 0, 1, 0, 0, 0});
}

TEST_CASE("integers and bools") {
  const tensor<std::int32_t, 2, 3> k{{3, -2, 5}, {0, 7, 7}};
  CHECK(values(prod(k, axis<1>)) == vec{-30, 0});
  CHECK(values(argmax(k, axis<1>)) == vec{2, 1});
  CHECK(values(argmin(k)) == vec{1});
  const tensor<bool, 4> b{true, false, true, true};
  CHECK(values(any(b)) == vec{1});
  CHECK(values(all(b)) == vec{0});
  CHECK(values(count_nonzero(b)) == vec{3});
  static_assert(std::is_same_v<decltype(eval(argmax(k)))::value_type, std::int64_t>);
  static_assert(std::is_same_v<decltype(eval(any(k)))::value_type, bool>);
}

TEST_CASE("the derivative of a product is exact with zeros among its factors") {
  const tensor<double, 4, 3> x{{2, 3, 4}, {2, 0, 4}, {0, 3, 0}, {0, 0, 0}};
  const auto g = grad([](const auto& v) { return sum(prod(v, axis<1>)); })(x);
  CHECK(values(g) == vec{12, 8, 6, 0, 8, 0, 0, 0, 0, 0, 0, 0});
}

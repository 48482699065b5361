// softmax, log_softmax, logsumexp and pick: values against long double, at infinities and huge numbers, along any axis.
#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

const double inf = std::numeric_limits<double>::infinity(),
             not_a_number = std::numeric_limits<double>::quiet_NaN();

long double exact_logsumexp(const double* x, tenon::index n) {
  long double top = -std::numeric_limits<long double>::infinity(), s = 0;
  for (tenon::index i = 0; i < n; ++i) top = std::max<long double>(top, x[i]);
  for (tenon::index i = 0; i < n; ++i) s += std::exp(x[i] - top);
  return std::log(s) + top;
}

}  // namespace

TEST_CASE("finite rows of every size, large numbers among them") {
  for (const tenon::index n : {1, 2, 15, 16, 17, 33, 100, 5000})
    for (const double scale : {1., 30., 700., 1e5}) {
      CAPTURE(n);
      CAPTURE(scale);
      auto x = zeros<double>(3, n);
      for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = std::sin(double(i)) * scale;
      const auto l = eval(logsumexp(x));
      const auto s = eval(softmax(x)), ls = eval(log_softmax(x));
      bool right = true;
      for (tenon::index r = 0; r < 3; ++r) {
        const long double exact = exact_logsumexp(x.begin() + r * n, n);
        // shifted exponents reach 2 * scale, so their rounding alone is an error of scale * 2^-52 in the exponential
        const double relative = 1e-15 * (4 + scale);
        right =
            right && std::fabs(double(std::as_const(l)(r) - exact)) <= 1e-14 * (1 + std::fabs(double(exact)));
        for (tenon::index k = 0; k < n; ++k) {
          const long double e = static_cast<long double>(x.begin()[r * n + k]) - exact;
          right = right && std::fabs(double(std::as_const(s)(r, k) - std::exp(e))) <=
                               relative * double(std::exp(e)) + 1e-300;
          right = right &&
                  std::fabs(double(std::as_const(ls)(r, k) - e)) <= 1e-14 * (scale + std::fabs(double(e)));
        }
      }
      CHECK(right);
    }
}

TEST_CASE("infinities and NaN") {
  const tensor<double, 5, 3> x{
      {inf, 1, 2}, {-inf, 1, 1}, {-inf, -inf, -inf}, {0, not_a_number, 0}, {1e308, -1e308, 0}};
  const vec l = values(logsumexp(x));
  CHECK(l[0] == inf);
  CHECK(l[1] == doctest::Approx(1 + std::log(2.)));
  CHECK(l[2] == -inf);
  CHECK(std::isnan(l[3]));
  CHECK(l[4] == 1e308);
  const vec s = values(softmax(x));
  CHECK(s[3] == 0);
  CHECK(s[4] == doctest::Approx(0.5));
  CHECK(std::isnan(s[9]));
  CHECK(s[12] == 1);
  CHECK(s[13] == 0);
  const vec ls = values(log_softmax(x));
  CHECK(ls[3] == -inf);
  CHECK(ls[4] == doctest::Approx(-std::log(2.)));
  CHECK(std::isnan(ls[9]));
  CHECK(ls[12] == 0);
  CHECK(std::isinf(ls[13]));
}

TEST_CASE("other axes and ranks") {
  const tensor<double, 2, 3> x{{1, 2, 3}, {4, 6, 8}};
  const vec along0 = values(softmax<0>(x)), turned = values(transpose(softmax(transpose(x))));
  CHECK(along0 == turned);
  CHECK(values(logsumexp<0>(x))[2] == doctest::Approx(8 + std::log1p(std::exp(-5.))));
  const auto cube = eval(reshape<2, 1, 3>(x));
  CHECK(values(log_softmax(cube)) == values(log_softmax(x)));
  CHECK(test::extents(logsumexp(cube)) == test::dims{2, 1});
  const tensor<double, 3> row{1, 2, 3};
  CHECK(values(softmax(row))[2] ==
        doctest::Approx(std::exp(3.) / (std::exp(1.) + std::exp(2.) + std::exp(3.))));
  CHECK(eval(logsumexp(row)).rank == 0);
}

TEST_CASE("logsumexp over several axes, all of them, kept or not") {
  auto x = zeros<double>(3, 5, 4);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = std::sin(double(i)) * 500;
  x.own()[7] = -inf;
  const auto over = [&](const auto& rearranged, tenon::index n) {  // lines of n numbers, one after the other
    const vec v = values(rearranged);
    vec exact;
    for (std::size_t i = 0; i < v.size(); i += std::size_t(n))
      exact.push_back(double(exact_logsumexp(v.data() + i, n)));
    return exact;
  };
  const auto close = [](const vec& a, const vec& b) {
    bool right = a.size() == b.size();
    for (std::size_t i = 0; right && i < a.size(); ++i) right = a[i] == doctest::Approx(b[i]).epsilon(1e-13);
    return right;
  };
  CHECK(close(values(logsumexp(x, axes<0, 2>)), over(permute<1, 0, 2>(x), 12)));
  CHECK(close(values(logsumexp(x, axes<-1, 1>)), over(x, 20)));
  CHECK(close(values(logsumexp(x, axes<>)), over(x, 60)));
  CHECK(close(values(logsumexp(x, axis<1>, keepdims)), over(permute<0, 2, 1>(x), 5)));
  CHECK(test::extents(logsumexp(x, axes<0, 2>)) == test::dims{5});
  CHECK(test::extents(logsumexp(x, axes<0, 2>, keepdims)) == test::dims{1, 5, 1});
  CHECK(test::extents(logsumexp(x, axes<>, keepdims)) == test::dims{1, 1, 1});
  CHECK(eval(logsumexp(x, axes<>)).rank == 0);
  const tensor<float, 2, 3> fixed{{1, 2, 3}, {4, 6, 8}};
  CHECK(double(logsumexp(fixed, axes<>)) ==
        doctest::Approx(std::log(std::exp(1.) + std::exp(2.) + std::exp(3.) + std::exp(4.) + std::exp(6.) +
                                 std::exp(8.))));
}

TEST_CASE("pick reads one element of each row; labels outside give 0") {
  const tensor<float, dyn, dyn> x{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  const tensor<float, 3, 3> fixed = x;
  const tensor<int, 3> labels{2, 0, 1};
  const tensor<int, dyn> dynamic = labels;
  const vec expected{3, 4, 8};
  CHECK(values(pick(x, labels)) == expected);
  CHECK(values(pick(x, dynamic)) == expected);
  CHECK(values(pick(fixed, labels)) == expected);
  CHECK(values(pick(fixed, dynamic)) == expected);
  CHECK(values(pick(x, tensor<std::int64_t, 3>{-1, 3, 1})) == vec{0, 0, 8});
  CHECK(values(pick(tensor<float, 3, 1>{{1}, {2}, {3}}, tensor<int, 3>{0, 0, 1})) == vec{1, 2, 0});
  CHECK(values(pick(std::as_const(x).slice(all, range(2, -4, -1)), labels)) == vec{1, 6, 8});
  const tensor<float, 2, 2, 3> cube{{{1, 2, 3}, {4, 5, 6}}, {{7, 8, 9}, {10, 11, 12}}};
  CHECK(values(pick(cube, tensor<int, 2, 2>{{0, 1}, {2, 0}})) == vec{1, 5, 9, 10});
  const float infinity = std::numeric_limits<float>::infinity();
  const tensor<float, 2, 2> odd{{infinity, 1}, {std::nanf(""), 2}};
  CHECK(values(pick(odd, tensor<int, 2>{1, 1})) == vec{1, 2});  // what is not picked is not read
  // reduced over both axes in one expression: positions count along the last axis alone
  CHECK(values(sum(where(pick(x, labels) > 3.5f, pick(x, labels), 0.f))) == vec{12});
  const auto wide = zeros<float>(3, 40000);
  auto marked = wide;
  marked(1, 39999) = 5;
  CHECK(values(pick(marked, tensor<int, 3>{0, 39999, 17})) == vec{0, 5, 0});
}

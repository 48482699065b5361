// searchsorted, digitize, isin, interp: values against loops, NaN and empty arrays, derivatives.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/searching.hpp>

#include <algorithm>
#include <limits>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN(),
             inf = std::numeric_limits<double>::infinity();

template <class T>
void check_search() {
  const tensor<T, 6> sorted{T(1), T(2), T(2), T(2), T(5), T(9)};
  const auto v = eval(reshape<3, 4>(counted<T>(12) - T(1)));
  check_elements(searchsorted(sorted, v), {3, 4}, [&](const dims& i) {
    return std::lower_bound(sorted.begin(), sorted.end(), T(v(i[0], i[1]))) - sorted.begin();
  });
  check_elements(searchsorted<side::right>(sorted, transpose(v)), {4, 3}, [&](const dims& i) {
    return std::upper_bound(sorted.begin(), sorted.end(), T(v(i[1], i[0]))) - sorted.begin();
  });
  check_elements(isin(v, sorted), {3, 4}, [&](const dims& i) {
    return std::count(sorted.begin(), sorted.end(), T(v(i[0], i[1]))) > 0;
  });
  check_elements(isin(v, reshape<2, 3>(sorted)), {3, 4}, [&](const dims& i) {
    return std::count(sorted.begin(), sorted.end(), T(v(i[0], i[1]))) > 0;
  });
}

}  // namespace

TEST_CASE("searchsorted and isin on every dtype of numbers") {
  check_search<float>();
  check_search<double>();
  check_search<std::int32_t>();
  check_search<std::int64_t>();
}

TEST_CASE("special values") {
  const tensor<double, 5> sorted{-inf, -0.0, 2, inf, missing};
  const tensor<double, 5> v{missing, 0.0, -0.0, inf, -inf};
  CHECK(values(searchsorted(sorted, v)) == vec{4, 1, 1, 3, 0});
  CHECK(values(searchsorted<side::right>(sorted, v)) == vec{5, 2, 2, 4, 1});
  CHECK(values(isin(v, sorted)) == vec{0, 1, 1, 1, 1});
  CHECK(values(searchsorted(zeros<double>(0), v)) == vec{0, 0, 0, 0, 0});
  CHECK(values(isin(v, zeros<double>(0))) == vec{0, 0, 0, 0, 0});
  CHECK(values(searchsorted(sorted, tensor<double>(1.0))) == vec{2});
  CHECK(values(searchsorted(tensor<std::int32_t, 2>{1, 3}, tensor<std::int64_t, 2>{2, 9})) == vec{1, 2});
  CHECK(values(searchsorted(sorted, zeros<double>(0))).empty());
}

TEST_CASE("digitize") {
  const tensor<float, 3> edges{0, 1, 2};
  const tensor<float, 5> x{-1, 0, 0.5f, 1, 2};
  CHECK(values(digitize(x, edges)) == vec{0, 1, 1, 2, 3});
  CHECK(values(digitize<side::right>(x, edges)) == vec{0, 0, 1, 1, 2});
}

TEST_CASE("interp") {
  const tensor<double, 4> xp{0, 1, 3, 4}, fp{0, 10, -10, 5};
  const tensor<double, 7> x{-1, 0, 0.25, 2, 3.5, 4, 8};
  CHECK(values(interp(x, xp, fp)) == vec{0, 0, 2.5, 0, -2.5, 5, 5});
  CHECK(std::isnan(values(interp(tensor<double, 1>{missing}, xp, fp))[0]));
  CHECK(values(interp(x, tensor<double, 1>{2}, tensor<double, 1>{7})) == vec{7, 7, 7, 7, 7, 7, 7});
  CHECK_THROWS_AS((void)eval(interp(x, zeros<double>(0), zeros<double>(0))), index_error);
  const tensor<double, 3> inside{0.4, 2.2, 3.7};
  check_grads([](const auto& a, const auto& b, const auto& c) { return square(interp(a, b, c)); },
              primals(inside, xp, fp));
  check_grads([&](const auto& a) { return sum(square(interp(a, xp, fp))); }, primals(inside), {.order = 2});
}

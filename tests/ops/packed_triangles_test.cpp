// Triangles as vectors and back against loops; the products that MXNet has functions for, written out.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/diagonal.hpp>
#include <tenon/ops/packed_triangles.hpp>

#include <cmath>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

template <class T, class... N>
auto numbered(N... n) {
  auto x = zeros<T>(n...);
  for (std::int64_t i = 0; i < x.size(); ++i) x.own()[i] = T(i + 1);
  return x;
}

/// The elements (i, j) of stacks of n n matrices with j <= i + k, or j >= i + k.
vec chosen(const vec& x, int n, int k, bool lower) {
  vec r;
  for (std::size_t s = 0; s < x.size() / std::size_t(n * n); ++s)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        if (lower ? j <= i + k : j >= i + k) r.push_back(x[s * std::size_t(n * n) + std::size_t(i * n + j)]);
  return r;
}

}  // namespace

TEST_CASE("pack_tril, pack_triu and their inverses") {
  const auto x = numbered<double>(2, 4, 4);
  const vec v = values(x);
  CHECK(values(pack_tril(x)) == chosen(v, 4, 0, true));
  CHECK(values(pack_tril<-1>(x)) == chosen(v, 4, -1, true));
  CHECK(values(pack_tril<-3>(x)) == chosen(v, 4, -3, true));
  CHECK(values(pack_tril<-4>(x)).empty());
  CHECK(values(pack_triu(x + 0.0)) == chosen(v, 4, 0, false));
  CHECK(values(pack_triu<2>(x)) == chosen(v, 4, 2, false));
  CHECK(values(pack_triu(swapaxes<1, 2>(x))) == chosen(values(swapaxes<1, 2>(x)), 4, 0, false));
  CHECK(values(unpack_tril(pack_tril(x))) == values(tril(x)));
  CHECK(values(unpack_tril<-2>(pack_tril<-2>(x))) == values(tril<-2>(x)));
  CHECK(values(unpack_triu(pack_triu(x))) == values(triu(x)));
  CHECK(values(unpack_triu<1>(pack_triu<1>(x))) == values(triu<1>(x)));
  CHECK(values(unpack_triu(pack_triu(numbered<std::int8_t>(3, 3)))) ==
        values(triu(numbered<std::int8_t>(3, 3))));
  CHECK(values(pack_tril(numbered<float>(2, 2) > 1.f)) == vec{0, 1, 1});
}

TEST_CASE("shapes of packed triangles") {
  static_assert(
      std::is_same_v<decltype(pack_tril(tensor<float, 5, 4, 4>()))::shape_type, shape_of_extents<5, 10>>);
  static_assert(
      std::is_same_v<decltype(unpack_triu<1>(tensor<float, 5, 6>()))::shape_type, shape_of_extents<5, 4, 4>>);
  CHECK(test::extents(pack_tril(zeros<float>(0, 3, 3))) == dims{0, 6});
  CHECK(test::extents(pack_tril(zeros<float>(0, 0))) == dims{0});
  CHECK(test::extents(unpack_tril(zeros<float>(0))) == dims{0, 0});
  CHECK(values(unpack_tril<-2>(zeros<float>(0))) == vec{0, 0, 0, 0});
  CHECK(contains(thrown<shape_error>([] { (void)eval(unpack_tril(zeros<float>(4))); }), "unpack_triangle"));
  CHECK_THROWS_AS((void)eval(pack_tril(zeros<float>(3, 4))), shape_error);
  CHECK_THROWS_AS((void)eval(pack_triu<4>(zeros<float>(3, 3))), shape_error);
}

TEST_CASE("derivatives of packed triangles") {
  const auto x = eval(numbered<double>(2, 3, 3) * 0.1);
  const tensor<double, 3, 3> fixed{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  CHECK(values(grad([](const auto& v) { return sum(pack_tril<-1>(v)); })(fixed)) ==
        vec{0, 0, 0, 1, 0, 0, 1, 1, 0});
  check_grads([](const auto& v) { return square(pack_tril(v)); }, primals(x));
  check_grads([](const auto& v) { return sum(exp(unpack_triu(pack_tril(v)))); }, primals(x), {.order = 2});
  auto named = zeros<double, "n", "n">(3, 3);
  named = fixed;
  check_grads([](const auto& v) { return square(pack_triu<1>(v)); }, primals(named));
  auto packed = zeros<double, "packed">(6);
  packed = tensor<double, 6>{1, 2, 3, 4, 5, 6};
  check_grads([](const auto& v) { return square(unpack_tril(v)); }, primals(packed));
}

TEST_CASE("the logarithm of a factor's determinant, and triangular products, written out") {
  const tensor<double, 2, 2> a{{2, 5}, {3, 4}}, b{{1, 2}, {3, 4}};
  CHECK(std::abs(values(sum(log(diagonal<0>(a)), axis<-1>))[0] - std::log(8.0)) < 1e-15);
  CHECK(values(matmul(tril(a), b)) == vec{2, 4, 15, 22});
}

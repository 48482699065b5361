// Reductions, broadcasts, views and products of small tensors as straight code, against plans.
#include "small_values.hpp"

using namespace tenon;
using test::compare;
using test::varied;

namespace {

template <class T>
void shapes_of() {
  const auto a = varied<tensor<T, 3, 4>>(1);
  const auto b = varied<tensor<T, 3, 4>>(2);
  const auto row = varied<tensor<T, 4>>(3);
  const auto column = varied<tensor<T, 3, 1>>(4);
  const auto cube = varied<tensor<T, 2, 3, 4>>(5);
  const auto one = varied<tensor<T>>(6);
  compare(
      true, "a row and a column", [](const auto& x, const auto& y, const auto& z) { return x * y + z; }, a,
      row, column);
  compare(
      true, "a number", [](const auto& x, const auto& y) { return (x - y) * T(3); }, cube, one);
  compare(
      true, "transposed", [](const auto& x) { return transpose(x) + T(1); }, a);
  compare(
      true, "permuted", [](const auto& x) { return permute<2, 0, 1>(x) * T(2); }, cube);
  compare(
      true, "flipped and sliced", [](const auto& x) { return slice<1, 1, 4, 2>(flip(x, axis<0>)) + T(1); },
      a);
  compare(
      true, "reshaped", [](const auto& x) { return reshape<2, 6>(x * T(2)); }, a);
  compare(
      true, "a reshaped transpose", [](const auto& x) { return reshape<2, 6>(transpose(x)) * T(3); }, a);
  compare(
      true, "a view alone", [](const auto& x) { return expand_dims<1>(transpose(x)); }, a);
  compare(
      false, "sums", [](const auto& x, const auto& y) { return sum(x * y) + sum(x, axis<0>); }, a, b);
  compare(
      false, "sums along others", [](const auto& x) { return sum(x, axes<0, 2>); }, cube);
  compare(
      false, "a mean, kept", [](const auto& x) { return x - mean(x, axis<1>, keepdims); }, a);
  compare(
      true, "extrema", [](const auto& x, const auto& y) { return max(x, axis<-1>) - min(y, axis<1>); }, a, b);
  compare(
      false, "a product of elements", [](const auto& x) { return prod(x, axis<0>); }, a);
  compare(
      false, "softmax", [](const auto& x) { return softmax(x); }, a);
  compare(
      false, "matmul", [](const auto& x, const auto& y) { return matmul(x, transpose(y)); }, a, b);
  compare(
      false, "matrix and vector", [](const auto& x, const auto& y) { return matmul(x, y) * T(2); }, a, row);
  compare(
      false, "vector and matrix", [](const auto& x, const auto& y) { return matmul(y, transpose(x)); }, a,
      row);
  compare(
      false, "dot", [](const auto& x, const auto& y) { return dot(x, y); }, row, varied<tensor<T, 4>>(8));
  compare(
      false, "a stack by a matrix", [](const auto& x, const auto& y) { return matmul(x, transpose(y)); },
      cube, a);
  compare(
      false, "outer", [](const auto& x, const auto& y) { return outer(x, y); }, row, row);
  const auto wide = varied<tensor<T, 2, 32>>(9);
  compare(
      false, "long terms", [](const auto& x) { return matmul(x, transpose(x)); }, wide);
  compare(
      false, "a long sum", [](const auto& x) { return sum(x) - max(x); }, wide);
}

}  // namespace

TEST_CASE("broadcasts, views, reductions and products of floats") { shapes_of<float>(); }
TEST_CASE("broadcasts, views, reductions and products of doubles") { shapes_of<double>(); }
TEST_CASE("of nothing, and of one") {
  const tensor<float, 0> none;
  const tensor<float, 3, 0> thin;
  const tensor<float, 0, 2> flat;
  const tensor<float, 1, 1> one{{5}};
  CHECK(eval(sum(none)).item() == 0);
  CHECK(eval(max(none)).item() == -std::numeric_limits<float>::infinity());
  CHECK(test::values(matmul(thin, flat)) == test::vec(6, 0.));
  CHECK(test::values(sum(flat, axis<0>) + 1.f) == test::vec{1, 1});
  CHECK(test::values(matmul(one, one) + sum(one)) == test::vec{30});
  CHECK(test::values(transpose(none)).empty());
}

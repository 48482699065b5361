// Kernels that go over the tiles of the product before them, and results in the memory of what they are made
// from: the same bits as by kernels of their own, for every way to cut a product, any threads, any overlap.
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/matmul.hpp>
#include <tenon/ops/piecewise.hpp>
#include <tenon/symbol/compile.hpp>
#include <tenon/symbol/cost.hpp>

#include "../support.hpp"

using namespace tenon;
using test::thrown;
using test::values;

namespace {

template <class T>
using matrix = tensor<T, dyn, dyn>;

template <class T>
matrix<T> numbers(tenon::index m, tenon::index n, int seed) {
  auto x = zeros<T>(m, n);
  for (tenon::index k = 0; k < x.size(); ++k)
    x.data()[k] = static_cast<T>(static_cast<float>((k * 7919 + seed * 31) % 101 - 50) / 8.f);
  return x;
}

/// Additions and maxima alone, which no compiler contracts: kernels of their own give the same bits.
const auto layer = [](const auto& x, const auto& w, const auto& b, const auto& r) {
  return maximum(matmul(x, w) + b, r) + r;
};

template <class T>
void same_bits(tenon::index m, tenon::index n, tenon::index k) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const auto x = numbers<T>(m, k, 1), w = numbers<T>(k, n, 2), r = numbers<T>(m, n, 3);
  const auto b = eval(reshape<dyn>(numbers<T>(1, n, 4)));
  using matrix_spec = spec<T, dyn, dyn>;
  auto joined = compile(layer, matrix_spec{}, matrix_spec{}, spec<T, dyn>{}, matrix_spec{});
  auto apart = compile(layer, passes::exact | passes::unfused, matrix_spec{}, matrix_spec{}, spec<T, dyn>{},
                       matrix_spec{});
  const test::vec expected = values(apart(x, w, b, r));
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    CHECK(values(joined(x, w, b, r)) == expected);
    matrix<T> y = layer(x, w, b, r);
    CHECK(values(y) == expected);
  }
  set_num_threads(2);
}

}  // namespace

TEST_CASE_TEMPLATE("every way to cut a product", T, float, double, std::int32_t, float16) {
  same_bits<T>(1, 64, 57);      // a vector
  same_bits<T>(3, 1100, 20);    // vectors, in tasks of columns
  same_bits<T>(1, 700, 600);    // a vector, in parts of k
  same_bits<T>(32, 64, 64);     // small
  same_bits<T>(5, 80, 300);     // rows of one tile
  same_bits<T>(150, 200, 90);   // tiles
  same_bits<T>(30, 100, 1300);  // parts of k, and panels
  same_bits<T>(90, 2100, 40);   // bands
  same_bits<T>(300, 7, 100);    // too few columns for an epilogue
  same_bits<T>(1, 64, 0);
}

TEST_CASE("a target that the product reads") {
  const auto w = numbers<float>(96, 96, 5), start = numbers<float>(96, 96, 6);
  const auto b = eval(reshape<96>(numbers<float>(1, 96, 7)));
  matrix<float> expected = maximum(matmul(start, w) + b, 0.f);
  matrix<float> x = start;
  x = maximum(matmul(x, w) + b, 0.f);
  CHECK(values(x) == values(expected));
  expected = maximum(matmul(w, start) + start, 0.f);
  x = start;
  x = maximum(matmul(w, x) + x, 0.f);
  CHECK(values(x) == values(expected));
  x = start;
  expected = matmul(transpose(start), start) - start;
  x = matmul(transpose(x), x) - x;
  CHECK(values(x) == values(expected));
  matrix<float> large = numbers<float>(192, 96, 8);
  expected = maximum(matmul(eval(large.slice(range(10, 106))), w) + b, 0.f);
  large.slice(range(40, 136)) = maximum(matmul(large.slice(range(10, 106)), w) + b, 0.f);
  CHECK(values(eval(large.slice(range(40, 136)))) == values(expected));
}

TEST_CASE("a target stays as it was where a later op throws") {
  const auto a = numbers<float>(80, 70, 1), w = numbers<float>(70, 64, 2), c = numbers<float>(3, 64, 3);
  auto places = zeros<std::int64_t>(80);
  places.data()[79] = 3;
  matrix<float> y = numbers<float>(80, 64, 4);
  const test::vec before = values(y);
  CHECK(thrown<index_error>([&] { y = maximum(matmul(a, w), 0.f) + take<0>(c, places); }) != "");
  CHECK(values(y) == before);
}

TEST_CASE("a product that is an output too") {
  const variable<"x", float, 70, 50> X;
  const variable<"w", float, 50, 90> W;
  const auto p = matmul(X, W);
  const auto x = numbers<float>(70, 50, 1), w = numbers<float>(50, 90, 2);
  const tensor<float, 70, 50> sx = x;
  const tensor<float, 50, 90> sw = w;
  auto ex = bind(group(maximum(p, 0.f), p, p + p), cpu(0), arg<"x"> = sx, arg<"w"> = sw);
  ex.forward();
  const matrix<float> product = matmul(x, w);
  CHECK(values(ex.output<1>()) == values(product));
  CHECK(values(ex.output<0>()) == values(eval(maximum(product, 0.f))));
  CHECK(values(ex.output<2>()) == values(eval(product + product)));
}

TEST_CASE("a result takes the memory of what is not read again") {
  const variable<"x", float, 256, 128> X;
  const variable<"w", float, 128, 128> W;
  const variable<"b", float, 128> B;
  constexpr tenon::index one = 256 * 128 * 4 + 64;
  const auto h = maximum(matmul(X, W) + B, 0_c);
  CHECK(arena_bytes(matmul(h, W)) == one);  // the product, and h over it
  CHECK(unplanned_bytes(matmul(h, W)) == 2 * one);
  CHECK(arena_bytes(matmul(h, W) + h) == 2 * one);  // h is read with the second product
}

TEST_CASE("nothing is written over before it is read") {
  const variable<"x", float, 70, 80> X;
  const variable<"v", float, 80, 80> V;
  const variable<"w", float, 80, 80> W;
  const variable<"z", float, 70, 80> Z;
  const auto p = matmul(X, V);
  const auto q = matmul(X, W);
  const auto u = q + Z;
  const auto v = p + u;  // u is written before p is read
  const auto e = matmul(transpose(v), u);
  const tensor<float, 70, 80> x = numbers<float>(70, 80, 1), y = numbers<float>(70, 80, 2);
  const tensor<float, 80, 80> a = numbers<float>(80, 80, 3), b = numbers<float>(80, 80, 4);
  auto joined = bind(e, cpu(0), arg<"x"> = x, arg<"v"> = a, arg<"w"> = b, arg<"z"> = y);
  auto apart = bind(e, cpu(0), passes::exact | passes::unfused, arg<"x"> = x, arg<"v"> = a, arg<"w"> = b,
                    arg<"z"> = y);
  joined.forward();
  apart.forward();
  CHECK(values(joined.output<0>()) == values(apart.output<0>()));
}

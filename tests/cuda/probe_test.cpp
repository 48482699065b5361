// The GPU's functors, run on the host: the dense layer's part against long double, and every pattern of operands and
// dtype against the CPU's kernels.
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "../support.hpp"
#include "dense_part.hpp"
#include "functor_backend.hpp"
#include "tenon/array/create.hpp"

namespace test {

using namespace tenon;
using tenon::index;

namespace {

leaf record(const float* data, index rows, index columns, index row_stride) {
  leaf l;
  l.data = data;
  l.extent[0] = rows;
  l.extent[1] = columns;
  l.stride[0] = row_stride;
  l.stride[1] = 1;
  return l;
}

template <int W>
void check_layer(index batch, index offset, index row_stride) {
  CAPTURE(W);
  CAPTURE(batch);
  CAPTURE(offset);
  CAPTURE(row_stride);
  using plan = typename dense_part::layer<W>::template plan<cuda::functor_backend<>>;
  static_assert(plan::steps == 1);
  std::vector<float> z(std::size_t(offset + batch * row_stride)), dy(z.size()), b(W);
  unsigned state = 7;
  const auto next = [&] { return 4 * (float(state = state * 1664525u + 1013904223u) / 4294967296.f - 0.5f); };
  for (float& v : z) v = next();
  for (float& v : dy) v = next();
  for (float& v : b) v = next();
  leaf bias;
  bias.data = b.data();
  bias.extent[0] = W;
  bias.stride[0] = 1;
  const leaf leaves[] = {record(z.data() + offset, batch, W, row_stride), bias,
                         record(dy.data() + offset, batch, W, row_stride)};
  const leaf* const pointers[] = {&leaves[0], &leaves[1], &leaves[2]};
  detail::binding<this_unit> bound;
  bound.use(plan::table);
  REQUIRE(bound.resolve(pointers));
  std::vector<float> y(std::size_t(batch * W) + 1, -9.f), dz(y.size(), -9.f);
  std::byte* const out[] = {reinterpret_cast<std::byte*>(y.data()), reinterpret_cast<std::byte*>(dz.data())};
  bound.place(out);
  bound.run();
  for (index i = 0; i < batch; ++i)
    for (index j = 0; j < W; ++j) {
      const auto at = std::size_t(offset + i * row_stride + j), to = std::size_t(i * W + j);
      const long double t =
          std::tanh(static_cast<long double>(z[at]) + static_cast<long double>(b[std::size_t(j)]));
      REQUIRE(std::abs(y[to] - t) <= 3e-7L);
      REQUIRE(std::abs(dz[to] - dy[at] * (1 - t * t)) <= 3e-6L);
    }
  CHECK(y.back() == -9.f);
  CHECK(dz.back() == -9.f);
}

template <class E, detail::dynamic_extents Dynamic>
using functor_plan = detail::plan<detail::passes<typename E::graph_type, detail::places<E::root>,
                                                 detail::derive::nothing, detail::places<>, Dynamic>,
                                  cuda::functor_backend<>, false>;

/// The elements of an expression, evaluated by functors.
template <class E>
std::vector<double> by_functors(const E& e) {
  using T = typename E::value_type;
  const detail::leaf_pointers<E> leaves(e);
  detail::binding<this_unit> bound;
  bound.use(functor_plan<E, detail::dynamic_extents::equal>::table);
  if (!bound.resolve(leaves.at)) {
    bound.use(functor_plan<E, detail::dynamic_extents::any>::table);
    REQUIRE(bound.resolve(leaves.at));
  }
  const tenon::extents shape = bound.shape_of_output(0);
  std::size_t n = 1;
  for (int k = 0; k < shape.rank; ++k) n *= std::size_t(shape[k].size);
  const auto made = std::make_unique<T[]>(n + 1);
  std::byte* const out = reinterpret_cast<std::byte*>(made.get());
  bound.place(&out);
  bound.run();
  return {made.get(), made.get() + n};
}

/// Both evaluators on one expression; equal to a few units of the last place, for each has its own tanh.
template <class E>
void check_equal(const E& e) {
  const std::vector<double> expected = values(e), got = by_functors(e);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    if (std::isnan(expected[i]))
      REQUIRE(std::isnan(got[i]));
    else if (std::isinf(expected[i]))
      REQUIRE(got[i] == expected[i]);
    else
      REQUIRE(std::abs(got[i] - expected[i]) <= 1e-6 * (1 + std::abs(expected[i])));
  }
}

template <class T>
auto counted(index rows, index columns) {
  auto x = zeros<T>(rows, columns);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>(i % 17 - 8);
  return x;
}

template <class T>
void check_patterns() {
  for (const auto& [rows, columns] :
       {std::pair<index, index>{1, 1}, {3, 5}, {4, 8}, {7, 64}, {2, 20000}, {0, 4}}) {
    CAPTURE(rows);
    CAPTURE(columns);
    const auto a = counted<T>(rows, columns), b = counted<T>(columns, rows);
    const auto row = counted<T>(1, columns), column = counted<T>(rows, 1);
    check_equal(a + a * a);
    check_equal(a - row);
    check_equal(column * a);
    check_equal(row * column);
    check_equal(a + transpose(b));
    check_equal(where(a < row, a, column) * a);
    check_equal(maximum(a, T(2)) - minimum(row, a));
    if (columns < 5) continue;
    const auto shifted = a.slice(all, range(1, columns));
    const auto stepped = a.slice(all, range(0, columns, 2));
    check_equal(shifted + shifted * row.slice(all, range(1, columns)));
    check_equal(stepped * stepped);
  }
}

}  // namespace

TEST_CASE("the dense layer's part is tanh and its derivative") {
  for (const index batch : {1, 3, 64, 1000}) {
    check_layer<1>(batch, 0, 1);
    check_layer<7>(batch, 0, 7);
    check_layer<64>(batch, 0, 64);
    check_layer<64>(batch, 1, 64);  // no row starts at a multiple of 16 bytes
    check_layer<64>(batch, 0, 67);  // some do
    check_layer<1024>(batch, 0, 1028);
  }
}

TEST_CASE("every pattern of operands and every dtype equals the CPU's kernels") {
  check_patterns<float>();
  check_patterns<double>();
  check_patterns<std::int32_t>();
  check_patterns<std::int64_t>();
}

TEST_CASE("special values, casts and bools") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const tensor<float, 8> x{0.f, -0.f, 1.f, -1.f, inf, -inf, nan, 1e-40f};
  check_equal(exp(x) + tanh(x) * sigmoid(x));
  check_equal(log(abs(x)) - sqrt(square(x)));
  check_equal(relu(x) / x);
  check_equal(maximum(x, 0.5f));
  check_equal(astype<std::int32_t>(x));
  check_equal(astype<double>(x) * 3.0);
  check_equal((x > 0.f) && !(x == 1.f));
}

TEST_CASE("a network with products and reductions: functors among the CPU's kernels") {
  const auto x = counted<float>(33, 12), w = counted<float>(12, 20), b = counted<float>(1, 20);
  check_equal(tanh(matmul(x * 0.01f, w) + b) * 2.f);
  check_equal(sum(tanh(matmul(x * 0.01f, w) + b), axis<1>));
}

TEST_CASE("packets move at once only where memory allows it") {
  using plan = dense_part::layer<64>::plan<cuda::functor_backend<>>;
  using program = plan::lifted<0>::type;
  alignas(16) static float memory[256];
  detail::operand_binding in[3];
  detail::output_binding out[2];
  detail::fused_launch l;
  l.outer_rank = 1;
  l.outer_extent[0] = l.rows = 2;
  l.columns = 64;
  l.operands = in;
  l.outputs = out;
  for (auto& o : in) {
    o.data = reinterpret_cast<const std::byte*>(memory);
    o.outer[0] = 256;
  }
  for (auto& o : out) {
    o.data = reinterpret_cast<std::byte*>(memory);
    o.outer[0] = 256;
  }
  in[1].pattern = detail::row_pattern::single;
  in[2].outer[0] = 260;
  out[1].data += 4;
  const auto made = cuda::make_launch<program>(l);
  CHECK(made.in[0].aligned);
  CHECK_FALSE(made.in[1].aligned);
  CHECK_FALSE(made.in[2].aligned);
  CHECK(made.out[0].aligned);
  CHECK_FALSE(made.out[1].aligned);
}

}  // namespace test

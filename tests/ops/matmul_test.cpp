// The matrix product as an operation: sizes, dtypes, transposed and sliced operands, epilogues around it, refusals. The
// product's own numerics are in eval/gemm_test.
#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

template <class T>
using matrix = tensor<T, dyn, dyn>;

template <class T>
matrix<T> pattern(tenon::index m, tenon::index n, int seed) {
  auto x = zeros<T>(m, n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = T((i * 7 + seed) % 13 - 6);
  return x;
}

// Small integers: every sum is exact in each dtype.
template <class T>
vec product(const matrix<T>& a, const matrix<T>& b) {
  vec r;
  for (tenon::index i = 0; i < a.extent(0); ++i)
    for (tenon::index j = 0; j < b.extent(1); ++j) {
      double s = 0;
      for (tenon::index k = 0; k < a.extent(1); ++k) s += double(a(i, k)) * double(b(k, j));
      r.push_back(s);
    }
  return r;
}

template <class T>
void check_dtype() {
  for (const tenon::index m : {0, 1, 2, 17, 33})
    for (const tenon::index k : {0, 1, 3, 16, 100})
      for (const tenon::index n : {0, 1, 5, 16, 65}) {
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        const matrix<T> a = pattern<T>(m, k, 1), b = pattern<T>(k, n, 2), at = transpose(a),
                        bt = transpose(b);
        const vec expected = product(a, b);
        CHECK(values(matmul(a, b)) == expected);
        CHECK(values(matmul(transpose(at), b)) == expected);
        CHECK(values(matmul(a, transpose(bt))) == expected);
        CHECK(values(matmul(transpose(at), transpose(bt))) == expected);
      }
}

}  // namespace

TEST_CASE("float and double, either operand transposed") {
  check_dtype<float>();
  check_dtype<double>();
}

TEST_CASE("integers wrap") {
  for (const tenon::index k : {0, 1, 3, 40}) {
    const auto a = pattern<std::int32_t>(5, k, 1), b = pattern<std::int32_t>(k, 4, 2);
    CHECK(values(matmul(a, b)) == product(a, b));
  }
  const tensor<std::int32_t, 1, 2> a{{65536, 1}};
  const tensor<std::int32_t, 2, 1> b{{65536}, {5}};
  CHECK(values(matmul(a, b)) == vec{5});
}

TEST_CASE("operands with strides along both axes") {
  const matrix<float> x = pattern<float>(40, 60, 3);
  const auto a = std::as_const(x).slice(range(39, 0, -3), range(0, 60, 4));
  const auto b = std::as_const(x).slice(range(2, 32, 2), range(50, 10, -5));
  const matrix<float> da = a + 0.f, db = b + 0.f;
  CHECK(values(matmul(a, b)) == product(da, db));
  CHECK(values(matmul(transpose(b), transpose(a))) == values(transpose(matmul(da, db))));
  const auto row = std::as_const(x).slice(range(1, 2), all),
             column = std::as_const(x).slice(all, range(7, 8));
  CHECK(values(matmul(column, row)) == product(matrix<float>(column), matrix<float>(row)));
}

TEST_CASE("expressions before and after") {
  const matrix<float> a = pattern<float>(6, 9, 1), b = pattern<float>(9, 4, 2);
  const tensor<float, 4> bias{1, 2, 3, 4};
  const auto r = eval(relu(matmul(a * 2.f, b - 1.f) + bias));
  matrix<float> a2 = a * 2.f, b1 = b - 1.f;
  vec expected = product(a2, b1);
  for (std::size_t i = 0; i < expected.size(); ++i)
    expected[i] = std::max(0., expected[i] + double(i % 4 + 1));
  CHECK(values(r) == expected);
  CHECK(values(matmul(matmul(a, b), transpose(b))) ==
        product(matrix<float>(matmul(a, b)), matrix<float>(transpose(b))));
  CHECK(values(matmul(a, reshape<9, 4>(reshape<36>(b)))) == product(a, b));
}

TEST_CASE("names and dynamic extents; refusals name the shapes") {
  const auto x = ones<float, "batch", 3>(2);
  const tensor<float, 3, 2> w{{1, 2}, {3, 4}, {5, 6}};
  CHECK(std::is_same_v<decltype(matmul(x, w))::shape_type, shape<spelled<"batch">, size<2>>>);
  CHECK(values(matmul(x, w)) == vec{9, 12, 9, 12});
  const auto wrong = ones<float>(4, 2);
  const std::string text = test::thrown<shape_error>([&] { eval(matmul(x, wrong)); });
  for (const char* part : {"matmul", "batch=2", "3", "[4, 2]"}) CHECK(test::contains(text, part));
  CHECK(std::is_same_v<decltype(matmul(x, astype<double>(w)))::value_type, double>);
}

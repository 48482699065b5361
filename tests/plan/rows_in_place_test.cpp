// Kernels that reduce rows write their results over operands that nothing reads again: the values are those of
// each step by itself, for rows of every kind, any threads; and nothing is written over before it is read.
#include <tenon/array/random.hpp>
#include <tenon/autodiff/scan.hpp>
#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/matmul.hpp>
#include <tenon/seeing.hpp>
#include <tenon/symbol/compile.hpp>

#include "../support.hpp"

#include <utility>

using namespace tenon;
using test::values;

namespace {

template <class T>
using matrix = tensor<T, dyn, dyn>;

template <class T>
matrix<T> numbers(tenon::index m, tenon::index n, int seed) {
  auto x = zeros<T>(m, n);
  for (tenon::index k = 0; k < x.size(); ++k)
    x.data()[k] = static_cast<T>(static_cast<float>((k * 7919 + seed * 31) % 101 - 50) / 64.f);
  return x;
}

/// Values of 1 up to some units of the dtype, since fused kernels may round once where steps do twice.
template <class T>
bool close(const test::vec& a, const test::vec& b) {
  const double epsilon = std::is_same_v<T, double> ? 1e-12 : std::is_same_v<T, float> ? 1e-5 : 2e-2;
  bool same = a.size() == b.size();
  for (std::size_t k = 0; k < a.size() && same; ++k)
    same = std::fabs(a[k] - b[k]) <= epsilon * (1 + std::fabs(b[k]));
  return same;
}

template <class X>
auto centred(const X& x) {
  return x - mean(x, axis<-1>, keepdims);
}
/// What steps give: as they are, or each evaluated by itself.
struct fused {
  template <class E>
  const E& operator()(const E& e) const {
    return e;
  }
};
struct apart {
  template <class E>
  auto operator()(const E& e) const {
    return eval(e);
  }
};

/// x @ w is memory that each of these kernels may write over, or must not.
template <class Step, class X, class W>
auto softmax_chain(Step step, const X& x, const W& w) {
  const auto a = step(softmax(step(matmul(x, w))));
  const auto b = step(softmax(step(matmul(a, w))));
  return step(matmul(b, w));
}
template <class Step, class X, class W>
auto normalised(Step step, const X& x, const W& w) {  // two results, of different passes
  const auto c = step(centred(step(matmul(x, w))));
  const auto y = step(c / sqrt(step(mean(step(c * c), axis<-1>, keepdims)) + constant<1>));
  return step(matmul(step(step(matmul(c, w)) + y), w));
}
template <class Step, class X, class W>
auto read_again(Step step, const X& x, const W& w) {  // p is read after e is written, and e is needed later
  const auto p = step(matmul(x, w));
  const auto e = step(exp(step(p - step(max(p, axis<-1>, keepdims)))));
  const auto z = step(step(e / step(sum(e, axis<-1>, keepdims))) + p);
  return step(step(matmul(e, w)) + step(matmul(z, w)));
}
template <class Step, class X, class W>
auto residual(Step step, const X& x, const W& w) {  // a row broadcast, a column broadcast, two whole operands
  const auto p = step(matmul(x, w));
  const auto q = step(matmul(tanh(x), w));
  const auto r = step(sum(q, axis<-1>, keepdims));
  const auto h = step(step(p + q) * step(sum(w, axis<0>)));
  const auto y = step(step(h - step(max(h, axis<-1>, keepdims))) * r);
  return step(step(matmul(y, w)) + h);
}
template <class Step, class X, class W>
auto row_results(Step step, const X& x, const W& w) {  // results of rows beside whole ones
  const auto p = step(matmul(x, w));
  const auto s = step(sum(step(exp(p)), axis<-1>, keepdims));
  const auto y = step(p * s);
  return step(step(matmul(y, w)) + step(s * step(sum(y, axis<-1>, keepdims))));
}

template <class T, class F>
void compare(F f) {
  auto whole = compile([&](const auto& x, const auto& w) { return f(fused{}, x, w); }, spec<T, dyn, dyn>{},
                       spec<T, dyn, dyn>{});
  for (const tenon::index n : {0, 1, 2, 3, 7, 10, 16, 17, 31, 64, 129, 300})
    for (const tenon::index m : {0, 1, 2, 5, 16, 33, 67}) {
      if (n * m > 5000 && std::is_same_v<T, float16>) continue;
      CAPTURE(m);
      CAPTURE(n);
      const matrix<T> x = numbers<T>(m, n, 1), w = numbers<T>(n, n, 2) / T(static_cast<float>(n) / 4.f + 1.f);
      const test::vec expected = values(f(apart{}, x, w));
      test::vec one;
      for (const int threads : {1, 3}) {
        set_num_threads(threads);
        const test::vec got = values(whole(x, w));
        CHECK(close<T>(got, expected));
        if (threads == 1)
          one = got;
        else
          CHECK(got == one);
        CHECK(detail::report_behind(whole).total.arena == whole.arena_bytes());
      }
    }
  set_num_threads(2);
}

const auto chain = [](auto step, const auto& x, const auto& w) { return softmax_chain(step, x, w); };
const auto normalising = [](auto step, const auto& x, const auto& w) { return normalised(step, x, w); };
const auto again = [](auto step, const auto& x, const auto& w) { return read_again(step, x, w); };
const auto wide = [](auto step, const auto& x, const auto& w) { return residual(step, x, w); };
const auto reducing = [](auto step, const auto& x, const auto& w) { return row_results(step, x, w); };

}  // namespace

TEST_CASE_TEMPLATE("values are those of the steps", T, float, double, float16) {
  compare<T>(chain);
  compare<T>(normalising);
  compare<T>(again);
  compare<T>(wide);
  compare<T>(reducing);
}

TEST_CASE("which operands are written over") {
  const variable<"x", float, 256, 128> X;
  const variable<"w", float, 128, 128> W;
  constexpr tenon::index one = 256 * 128 * 4 + 64;
  const auto p = matmul(X, W);
  CHECK(arena_bytes(matmul(softmax(p), W)) == one);
  CHECK(arena_bytes(matmul(softmax(p) * p, W)) == one);
  CHECK(arena_bytes(matmul(softmax(p), W) + p) == 3 * one);                           // p is read later
  CHECK(arena_bytes(sum(matmul(p - max(p, axis<-1>, keepdims), W) * p)) == 3 * one);  // and with that product
  // e is written in the second pass, and p is read in the third
  const auto e = exp(p - max(p, axis<-1>, keepdims));
  const auto z = e / sum(e, axis<-1>, keepdims);
  CHECK(arena_bytes(matmul(e, W) + matmul(z, W)) == 3 * one);
  const auto late = z + p;
  CHECK(arena_bytes(matmul(e, W) + matmul(late, W)) == 3 * one);
}

TEST_CASE("rows in parts") {
  const auto f = [](auto step, const auto& x, const auto& w) {
    const auto e = step(exp(step(matmul(x, w))));
    return step(matmul(step(e * 2.f), step(ones<float>(70001, 3)))) + step(sum(e, axis<-1>, keepdims));
  };
  auto whole = compile([&](const auto& x, const auto& w) { return f(fused{}, x, w); },
                       spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{});
  const auto x = numbers<float>(2, 3, 1), w = numbers<float>(3, 70001, 2);
  const test::vec expected = values(f(apart{}, x, w));
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    CHECK(close<float>(values(whole(x, w)), expected));
  }
  set_num_threads(2);
}

TEST_CASE("in loops, forwards and backwards") {
  const auto body = [](const auto& h, const auto& x, const auto& w) {
    const auto p = matmul(h, w) + x;
    const auto s = softmax(p);
    return matmul(s * 2_c, w) + centred(s);
  };
  const auto run = [&](const auto& h, const auto& xs, const auto& w) { return scan(body, h, xs, w); };
  auto whole = compile(run, spec<double, 5, 12>{}, spec<double, "time", 5, 12>{}, spec<double, 12, 12>{});
  const tensor<double, 12, 12> w = numbers<double>(12, 12, 3);
  generator g{5};
  for (const tenon::index n : {0, 1, 6}) {
    const auto xs = normal<double, "time", 5, 12>(g, n);
    tensor<double, 5, 12> h = numbers<double>(5, 12, 4);
    const test::vec got = values(whole(h, xs, w));
    for (tenon::index t = 0; t < n; ++t) {
      const tensor<double, 5, 12> x = xs[t];
      const tensor<double, 5, 12> p = matmul(h, w) + x;
      const tensor<double, 5, 12> s = softmax(p);
      const tensor<double, 5, 12> m = matmul(s * 2_c, w);
      h = m + centred(s);
    }
    CHECK(close<double>(got, values(h)));
  }
  const auto loss = [&](const auto&... x) { return sum(square(run(x...))); };
  const auto xs = normal<double, "time", 5, 12>(g, 4);
  const tensor<double, 5, 12> h = numbers<double>(5, 12, 4);
  const auto [value, gradients] = compile(value_and_grad<0, 1, 2>(loss), spec<double, 5, 12>{},
                                          spec<double, "time", 5, 12>{}, spec<double, 12, 12>{})(h, xs, w);
  const auto [other, unfused] =
      compile(value_and_grad<0, 1, 2>(loss), passes::exact | passes::unfused, spec<double, 5, 12>{},
              spec<double, "time", 5, 12>{}, spec<double, 12, 12>{})(h, xs, w);
  CHECK(std::fabs(value.item() - other.item()) < 1e-10);
  CHECK(close<double>(values(std::get<0>(gradients)), values(std::get<0>(unfused))));
  CHECK(close<double>(values(std::get<1>(gradients)), values(std::get<1>(unfused))));
  CHECK(close<double>(values(std::get<2>(gradients)), values(std::get<2>(unfused))));
}

TEST_CASE("statements on a tensor of their own need no other memory") {
  for (const tenon::index n : {1, 3, 16, 40, 300}) {
    const auto start = numbers<float>(33, n, 1);
    const test::vec expected = values(eval(softmax(start)));
    matrix<float> x = eval(start + 0.f);
    const float* const memory = std::as_const(x).flat();
    x = softmax(x);
    CHECK(std::as_const(x).flat() == memory);
    CHECK(values(x) == expected);
    x = eval(start + 0.f);
    x = transpose(softmax(transpose(x)));  // through a view: it is read elsewhere
    CHECK(close<float>(values(x), values(transpose(eval(softmax(eval(transpose(start))))))));
    x = eval(start + 0.f);
    x = x - max(x, axis<-1>, keepdims) * sum(x, axis<-1>, keepdims);
    CHECK(close<float>(values(x), values(start - eval(max(start, axis<-1>, keepdims)) *
                                                     eval(sum(start, axis<-1>, keepdims)))));
    auto large = numbers<float>(40, n, 2);
    const test::vec shifted = values(eval(softmax(eval(large.slice(range(3, 36))))));
    large.slice(range(0, 33)) = softmax(large.slice(range(3, 36)));
    CHECK(close<float>(values(eval(large.slice(range(0, 33)))), shifted));
  }
}

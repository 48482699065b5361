// What the default passes do for whole computations: fewer nodes and kernels, no more bytes, the same results.
#include "graphs.hpp"

#include <tenon/loss/cross_entropy.hpp>

using namespace tenon;

namespace {

struct cost {
  int nodes, kernels, instructions;
  tenon::index arena;
};

/// The plan of value_and_grad(f) by a set of passes, its memory, and what it computes.
template <unsigned Bits, class F, class W, class... X>
cost measured(pass_set<Bits>, std::vector<double>& values, const F& f, const W& w, const X&... x) {
  const auto e = detail::traced(f, w, x...);
  using E = std::remove_cvref_t<decltype(e)>;
  using made = detail::value_and_grad_task<E, detail::argument_list<W, X...>, 0>;
  using task = typename made::type::template with_rules<Bits>;
  using plan = typename task::template plans_type<this_unit>::usual;
  detail::runner<task, this_unit> r;
  detail::set_arguments(r, e, w, x...);
  r.run();
  values = test::values(r.template output<typename W::value_type, typename W::shape_type>(1));
  values.push_back(item(r.template output<typename E::value_type, shape<>>(0)));
  return {plan::nodes, plan::steps, plan::programs.steps, r.bound().arena_bytes()};
}

template <class F, class... X>
void compare(int kernels_without, int kernels_with, const F& f, const X&... x) {
  std::vector<double> plain, rewritten;
  const cost a = measured(passes::none, plain, f, x...), b = measured(passes::exact, rewritten, f, x...);
  CHECK(a.kernels == kernels_without);
  CHECK(b.kernels == kernels_with);
  CHECK(b.nodes < a.nodes);
  CHECK(b.instructions < a.instructions);
  CHECK(b.arena <= a.arena);
  REQUIRE(plain.size() == rewritten.size());
  for (std::size_t k = 0; k < plain.size(); ++k)
    CHECK(rewritten[k] == doctest::Approx(plain[k]).epsilon(1e-12));
}

template <class T>
void fill(T& t, double scale) {
  for (tenon::index k = 0; k < t.size(); ++k)
    t.data()[k] = typename T::value_type(scale * double((k * 7919) % 101 - 50) / 50);
}

}  // namespace

TEST_CASE("training a network of two layers") {
  tensor<double, 16, 7> x;
  tensor<double, 7, 8> w;
  tensor<double, 8> b;
  tensor<double, 8, 3> v;
  tensor<std::int32_t, 16> y;
  fill(x, 1), fill(w, 0.5), fill(b, 0.1), fill(v, 0.5);
  for (int k = 0; k < 16; ++k) y.data()[k] = k % 3;
  compare(
      10, 9,
      [](const auto& m, const auto& in, const auto& c, const auto& n, const auto& labels) {
        return loss::softmax_cross_entropy(matmul(tanh(matmul(in, m) + c), n), labels);
      },
      w, x, b, v, y);
}

TEST_CASE("layer normalisation") {
  tensor<double, 16, 7> x;
  tensor<double, 7, 8> w;
  tensor<double, 8> b;
  fill(x, 1), fill(w, 0.5), fill(b, 0.1);
  compare(
      7, 4,
      [](const auto& m, const auto& in, const auto& scale) {
        const auto h = matmul(in, m);
        const auto d = h - mean(h, axis<-1>, keepdims);
        return mean(square(d / sqrt(mean(square(d), axis<-1>, keepdims) + 0.00001_c) * scale));
      },
      w, x, b);
}

TEST_CASE("a polynomial, and a loss by cases") {
  tensor<double, 16, 7> x;
  fill(x, 2);
  compare(
      2, 1,
      [](const auto& t) {
        const auto a = abs(t);
        return mean(where(a <= 1_c, t * t / 2_c, a - 0.5_c));
      },
      x);
  compare(
      4, 1, [](const auto& t) { return sum(t * t * t / 3_c + t * t * 0.5_c - t); }, x);
}

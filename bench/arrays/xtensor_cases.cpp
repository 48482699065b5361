// The cases that xtensor has, as its users write them; with xsimd where the compiler finds it.
#if __has_include(<xtensor/xtensor.hpp>)
#if __has_include(<xsimd/xsimd.hpp>)
#define XTENSOR_USE_XSIMD
#endif
#include <memory>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "arrays.hpp"

namespace arrays {

namespace {
using line = xt::xtensor<float, 1>;
using grid = xt::xtensor<float, 2>;

template <class F>
void one_function(const char* name, F f, float low, float high) {
  for (const std::size_t n : {10'000, 1'000'000}) {
    const auto x = std::make_shared<line>(xt::random::rand<float>({n}, low, high));
    const auto y = std::make_shared<line>(xt::zeros<float>({n}));
    add(std::string(name) + " of " + std::to_string(n), "xtensor", [=] {
      xt::noalias(*y) = f(*x);
      keep(y->data());
    });
  }
}
}  // namespace

void xtensor_cases() {
  for (const std::size_t n : {1'000, 100'000, 16'000'000}) {
    const auto make = [n] { return std::make_shared<line>(xt::random::rand<float>({n})); };
    const auto a = make(), b = make(), c = make(), y = make(), t = make();
    add("chain t = tanh(a b + c), t (a + t), " + std::to_string(n), "xtensor", [=] {
      xt::noalias(*t) = xt::tanh(*a * *b + *c);
      xt::noalias(*y) = *t * (*a + *t);
      keep(y->data());
    });
    add("chain (a + b) c - a / (b b + 1), " + std::to_string(n), "xtensor", [=] {
      xt::noalias(*y) = (*a + *b) * *c - *a / (*b * *b + 1.0f);
      keep(y->data());
    });
  }
  const auto x = std::make_shared<grid>(xt::random::rand<float>({1000, 1000})),
             y = std::make_shared<grid>(*x);
  const auto row = std::make_shared<grid>(xt::random::rand<float>({1, 1000}));
  const auto column = std::make_shared<grid>(xt::random::rand<float>({1000, 1}));
  const auto out = std::make_shared<line>(xt::zeros<float>({1000}));
  add("[1000, 1000] + row", "xtensor", [=] {
    xt::noalias(*y) = *x + *row;
    keep(y->data());
  });
  add("[1000, 1000] + column", "xtensor", [=] {
    xt::noalias(*y) = *x + *column;
    keep(y->data());
  });
  add("column * row [1000, 1000]", "xtensor", [=] {
    xt::noalias(*y) = *column * *row;
    keep(y->data());
  });
  add("where(x > 0.5, x, 0) [1000, 1000]", "xtensor", [=] {
    xt::noalias(*y) = xt::where(*x > 0.5f, *x, 0.0f);
    keep(y->data());
  });
  add("sum [1000, 1000] axis 0", "xtensor", [=] {
    xt::noalias(*out) = xt::sum(*x, {0});
    keep(out->data());
  });
  add("sum [1000, 1000] axis 1", "xtensor", [=] {
    xt::noalias(*out) = xt::sum(*x, {1});
    keep(out->data());
  });
  add("sum [1000, 1000]", "xtensor", [=] {
    const float s = xt::sum(*x)();
    keep(&s);
  });
  add("max [1000, 1000] axis 0", "xtensor", [=] {
    xt::noalias(*out) = xt::amax(*x, {0});
    keep(out->data());
  });
  add("max [1000, 1000] axis 1", "xtensor", [=] {
    xt::noalias(*out) = xt::amax(*x, {1});
    keep(out->data());
  });
  add("transpose [1000, 1000]", "xtensor", [=] {
    *y = xt::transpose(*x);
    keep(y->data());
  });
  const auto values = std::make_shared<line>(xt::random::rand<float>({1'000'000}));
  add("sort 1000000", "xtensor", [=] {
    line s = xt::sort(*values);
    keep(s.data());
  });
  one_function(
      "exp", [](const line& v) { return xt::exp(v); }, -5, 5);
  one_function(
      "log", [](const line& v) { return xt::log(v); }, 0.01f, 10);
  one_function(
      "tanh", [](const line& v) { return xt::tanh(v); }, -5, 5);
  one_function(
      "erf", [](const line& v) { return xt::erf(v); }, -3, 3);
  one_function(
      "sin", [](const line& v) { return xt::sin(v); }, -10, 10);
  one_function(
      "sqrt", [](const line& v) { return xt::sqrt(v); }, 0, 10);
}

}  // namespace arrays
#else
#include "arrays.hpp"
void arrays::xtensor_cases() {}
#endif

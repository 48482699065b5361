// Chains, broadcasts, single functions.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

namespace {

using matrix = tensor<float, dyn, dyn>;
using vector = tensor<float, dyn>;

template <class F>
void one_function(const char* name, F f, float low, float high) {
  for (const tenon::index n : {10'000, 1'000'000}) {
    generator g{1};
    auto x = std::make_shared<vector>(uniform<float>(g, n) * (high - low) + low);
    auto y = std::make_shared<vector>(zeros<float>(n));
    add(std::string(name) + " of " + std::to_string(n), "tenon", [x, y, f] {
      *y = f(*x);
      keep(y->flat());
    });
  }
}

}  // namespace

void tenon_elementwise() {
  for (const tenon::index n : {1'000, 100'000, 16'000'000}) {
    generator g{1};
    auto a = std::make_shared<vector>(uniform<float>(g, n)),
         b = std::make_shared<vector>(uniform<float>(g, n)),
         c = std::make_shared<vector>(uniform<float>(g, n)), y = std::make_shared<vector>(zeros<float>(n));
    add("chain t = tanh(a b + c), t (a + t), " + std::to_string(n), "tenon", [=] {
      *y = call(
          [](auto u, auto v, auto w) {
            const auto t = tanh(u * v + w);
            return t * (u + t);
          },
          *a, *b, *c);
      keep(y->flat());
    });
    add("chain (a + b) c - a / (b b + 1), " + std::to_string(n), "tenon", [=] {
      *y = (*a + *b) * *c - *a / (*b * *b + 1.0f);
      keep(y->flat());
    });
  }
  {
    generator g{1};
    auto x = std::make_shared<matrix>(uniform<float>(g, 1000, 1000)), y = std::make_shared<matrix>(*x);
    auto row = std::make_shared<matrix>(uniform<float>(g, 1, 1000));
    auto column = std::make_shared<matrix>(uniform<float>(g, 1000, 1));
    add("[1000, 1000] + row", "tenon", [=] {
      *y = *x + *row;
      keep(y->flat());
    });
    add("[1000, 1000] + column", "tenon", [=] {
      *y = *x + *column;
      keep(y->flat());
    });
    add("column * row [1000, 1000]", "tenon", [=] {
      *y = *column * *row;
      keep(y->flat());
    });
    add("where(x > 0.5, x, 0) [1000, 1000]", "tenon", [=] {
      *y = where(*x > 0.5f, *x, 0.0f);
      keep(y->flat());
    });
  }
  one_function(
      "exp", [](const auto& x) { return exp(x); }, -5, 5);
  one_function(
      "log", [](const auto& x) { return log(x); }, 0.01f, 10);
  one_function(
      "tanh", [](const auto& x) { return tanh(x); }, -5, 5);
  one_function(
      "erf", [](const auto& x) { return erf(x); }, -3, 3);
  one_function(
      "sin", [](const auto& x) { return sin(x); }, -10, 10);
  one_function(
      "sqrt", [](const auto& x) { return sqrt(x); }, 0, 10);
}

}  // namespace arrays

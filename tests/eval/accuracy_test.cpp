// The functions on lanes hold the errors that docs/benchmarks/accuracy.md publishes, on a sparse sweep.
#include "accuracy.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <string>

namespace {

// Above the greatest errors of the five instruction sets in full sweeps, in ulp.
struct bound {
  double of_float, of_double;
};
const std::map<std::string, bound>& bounds() {
  static const std::map<std::string, bound> table{
      {"exp", {1.1, 1.1}},   {"expm1", {1.8, 2.4}},  {"exp2", {1.6, 1.5}},   {"log", {0.9, 0.9}},
      {"log1p", {0.9, 0.9}}, {"log2", {0.8, 0.8}},   {"log10", {0.8, 0.8}},  {"sigmoid", {2.6, 2.6}},
      {"tanh", {7, 2.8}},    {"sinh", {1.8, 1.8}},   {"cosh", {1.6, 1.6}},   {"asinh", {1.9, 1.9}},
      {"acosh", {2.6, 2.6}}, {"atanh", {2.1, 2.1}},  {"sin", {1.6, 0.9}},    {"cos", {1.6, 0.9}},
      {"tan", {1.6, 2.4}},   {"asin", {2.2, 2.2}},   {"acos", {1.3, 1.3}},   {"atan", {2.0, 2.0}},
      {"erf", {1.4, 1.5}},   {"erfc", {0.52, 3.3}},  {"sqrt", {0.5, 0.5}},   {"cbrt", {1.1, 1.1}},
      {"floor", {0, 0}},     {"ceil", {0, 0}},       {"trunc", {0, 0}},      {"round", {0, 0}},
      {"pow", {0.9, 1.6}},   {"atan2", {0.52, 2.2}}, {"hypot", {0.52, 1.0}}, {"copysign", {0, 0}}};
  return table;
}

template <class T>
double bound_of(const char* name) {
  const bound& b = bounds().at(name);
  return sizeof(T) == 4 ? b.of_float : b.of_double;
}

template <class T>
bool alike(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace

TEST_CASE_TEMPLATE("accuracy: functions of one argument", T, float, double) {
  for (const auto& function : accuracy::unary_functions<T>()) {
    const auto found = accuracy::sweep(function, 99991, 40000, 5);
    INFO(std::string(function.name), " at ", found.at);
    CHECK(found.ulps <= bound_of<T>(function.name));
  }
}

TEST_CASE_TEMPLATE("accuracy: functions of two arguments", T, float, double) {
  for (const auto& function : accuracy::binary_functions<T>()) {
    const auto found = accuracy::sweep(function, 40000, 5);
    INFO(std::string(function.name), " at ", found.at, ", ", found.beside);
    CHECK(found.ulps <= bound_of<T>(function.name));
  }
}

TEST_CASE_TEMPLATE("accuracy: a value's bits depend on its arguments only", T, float, double) {
  constexpr int count = accuracy::count;
  const std::vector<T> v = accuracy::telling_values<T>();
  using L = accuracy::lanes<T>;
  const auto at = [&](std::size_t i) { return v[i * 37 % v.size()]; };  // the far beside the near
  for (const auto& function : accuracy::unary_functions<T>()) {
    for (std::size_t i = 0; i + count <= v.size(); ++i) {
      T a[count], r[count];
      for (std::size_t k = 0; k < count; ++k) a[k] = at(i + k);
      function.f(L::load(a)).store(r);
      INFO(std::string(function.name), " at ", a[i % count]);
      CHECK(alike(r[i % count], function.f(L(a[i % count])).first()));
    }
  }
  for (const auto& function : accuracy::binary_functions<T>()) {
    for (std::size_t i = 0; i + count <= v.size(); ++i) {
      T a[count], b[count], r[count];
      for (std::size_t k = 0; k < count; ++k) {
        a[k] = at(i + k);
        b[k] = at(3 * i + 5 * k);
      }
      function.f(L::load(a), L::load(b)).store(r);
      INFO(std::string(function.name), " at ", a[i % count], ", ", b[i % count]);
      CHECK(alike(r[i % count], function.f(L(a[i % count]), L(b[i % count])).first()));
    }
  }
}

TEST_CASE_TEMPLATE("accuracy: bounded functions keep their bounds", T, float, double) {
  using L = accuracy::lanes<T>;
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const L x(accuracy::arbitrary<T>(random));
    for (const L& y : {tanh(x), sin(x), cos(x), erf(x)}) REQUIRE_FALSE(std::fabs(y.first()) > 1);
    REQUIRE_FALSE(erfc(x).first() > 2);
    REQUIRE_FALSE(cosh(x).first() < 1);
    REQUIRE_FALSE(exp(x).first() < 0);
  }
}

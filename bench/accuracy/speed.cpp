// Times the elementwise functions on lanes: nanoseconds per element over 10^5 values that stay in cache, the least of
// many runs. Prints a table of function, float, double.
#include <tenon/eval/cpu/functions.hpp>

#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

namespace {

template <class T>
struct data {
  std::vector<T> a, b, r;
};
/// Arguments in [low, high).
template <class T>
data<T> make(double low, double high) {
  std::mt19937 random(1);
  std::uniform_real_distribution<T> some(static_cast<T>(low), static_cast<T>(high));
  constexpr std::size_t n = 100000 / 16 * 16;
  data<T> d{std::vector<T>(n), std::vector<T>(n), std::vector<T>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    d.a[i] = some(random);
    d.b[i] = some(random);
  }
  return d;
}

template <class T, class F>
double nanoseconds(double low, double high, F f) {
  using L = tenon::host::lanes<T>;
  data<T> d = make<T>(low, high);
  double best = 1e30;
  for (int run = 0; run < 60; ++run) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < d.a.size(); i += L::count)
      f(L::load(d.a.data() + i), L::load(d.b.data() + i)).store(d.r.data() + i);
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / static_cast<double>(d.a.size()));
  }
  return best;
}

}  // namespace

#define TIME(name, low, high, ...)                                                                        \
  std::printf("| `" #name "` | %.2f | %.2f |\n",                                                          \
              nanoseconds<float>(low, high, [](auto a, [[maybe_unused]] auto b) { return __VA_ARGS__; }), \
              nanoseconds<double>(low, high, [](auto a, [[maybe_unused]] auto b) { return __VA_ARGS__; }));
#define TIME_UNARY(name, low, high) TIME(name, low, high, tenon::host::name(a))
#define TIME_BINARY(name, low, high) TIME(name, low, high, tenon::host::name(a, b))

int main() {
  std::printf("| function | float, ns | double, ns |\n|---|---|---|\n");
  TIME_UNARY(exp, -10, 10)
  TIME_UNARY(expm1, -3, 3)
  TIME_UNARY(exp2, -10, 10)
  TIME_UNARY(log, 0.1, 100)
  TIME_UNARY(log1p, -0.5, 10)
  TIME_UNARY(log2, 0.1, 100)
  TIME_UNARY(log10, 0.1, 100)
  TIME_UNARY(sigmoid, -10, 10)
  TIME_UNARY(tanh, -4, 4)
  TIME_UNARY(sinh, -4, 4)
  TIME_UNARY(cosh, -4, 4)
  TIME_UNARY(asinh, -10, 10)
  TIME_UNARY(acosh, 1, 10)
  TIME_UNARY(atanh, -1, 1)
  TIME_UNARY(sin, -10, 10)
  TIME_UNARY(cos, -10, 10)
  TIME_UNARY(tan, -10, 10)
  TIME_UNARY(asin, -1, 1)
  TIME_UNARY(acos, -1, 1)
  TIME_UNARY(atan, -4, 4)
  TIME_UNARY(erf, -3, 3)
  TIME_UNARY(erfc, -3, 3)
  TIME_UNARY(cbrt, -10, 10)
  TIME_UNARY(floor, -10, 10)
  TIME_UNARY(round, -10, 10)
  TIME_BINARY(pow, 0.1, 10)
  TIME_BINARY(atan2, -4, 4)
  TIME_BINARY(hypot, -10, 10)
  TIME_BINARY(logaddexp, -10, 10)
}

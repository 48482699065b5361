// Prints docs/benchmarks/accuracy.md: the greatest error found of each elementwise function, and where.
//
//   accuracy [STEP [N]]   every STEP-th float (97), N random doubles (8 million) and pairs (a half of N)
#include "../../tests/eval/accuracy.hpp"

#include <tenon/core/float16.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace {

using accuracy::real;
using half = tenon::float16;

std::string text(float x) {
  char s[32];
  std::snprintf(s, sizeof s, "%.9g", static_cast<double>(x));
  return s;
}
std::string text(double x) {
  char s[32];
  std::snprintf(s, sizeof s, "%.17g", x);
  return s;
}

/// The float16 nearest to x, as a float.
float nearest_half(real x) {
  if (std::isnan(x) || std::isinf(x) || x == 0) return static_cast<float>(x);
  int exponent;
  std::frexp(x, &exponent);
  const int shift = 11 - std::max(exponent, -13);
  const real rounded = std::ldexp(std::nearbyint(std::ldexp(x, shift)), -shift);
  if (std::fabs(rounded) > 65504) return static_cast<float>(std::copysign(HUGE_VALL, x));
  return static_cast<float>(std::copysign(rounded, x));
}
bool same(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}
half half_of(std::uint32_t bits) { return std::bit_cast<half>(static_cast<std::uint16_t>(bits)); }

/// How many of all float16 are not rounded correctly; for pairs, of `n` random ones.
long misrounded(const accuracy::unary<half>& function, long) {
  long wrong = 0;
  half a[accuracy::count], r[accuracy::count];
  for (std::uint32_t bits = 0; bits < 65536; bits += accuracy::count) {
    for (std::uint32_t k = 0; k < accuracy::count; ++k) a[k] = half_of(bits + k);
    function.f(accuracy::lanes<half>::load(a)).store(r);
    for (int k = 0; k < accuracy::count; ++k)
      wrong += !same(static_cast<float>(r[k]), nearest_half(function.exact(real(static_cast<float>(a[k])))));
  }
  return wrong;
}
long misrounded(const accuracy::binary<half>& function, long n) {
  long wrong = 0;
  std::mt19937_64 random(11);
  half a[accuracy::count], b[accuracy::count], r[accuracy::count];
  for (long i = 0; i < n; i += accuracy::count) {
    for (int k = 0; k < accuracy::count; ++k) {
      const std::uint64_t bits = random();
      a[k] = half_of(static_cast<std::uint32_t>(bits & 0xffff));
      b[k] = half_of(static_cast<std::uint32_t>(bits >> 16 & 0xffff));
    }
    function.f(accuracy::lanes<half>::load(a), accuracy::lanes<half>::load(b)).store(r);
    for (int k = 0; k < accuracy::count; ++k)
      wrong +=
          !same(static_cast<float>(r[k]),
                nearest_half(function.exact(real(static_cast<float>(a[k])), real(static_cast<float>(b[k])))));
  }
  return wrong;
}

template <class T>
accuracy::worst<T> found(const accuracy::unary<T>& function, std::uint32_t step, long n) {
  return accuracy::sweep(function, step, n, 1);
}
template <class T>
accuracy::worst<T> found(const accuracy::binary<T>& function, std::uint32_t, long n) {
  return accuracy::sweep(function, n / 2, 1);
}

template <class F, class D, class H>
std::string row(const F& f, const D& d, const H& h, std::uint32_t step, long n) {
  constexpr bool pairs = requires { f.exact(real(), real()); };
  const auto a = found(f, step, n);
  const auto b = found(d, step, n);
  const long wrong = misrounded(h, n);
  const auto at = [](const auto& w) {
    if (w.ulps == 0) return std::string();
    return text(w.at) + (pairs ? ", " + text(w.beside) : "");
  };
  char error[2][16];
  std::snprintf(error[0], sizeof error[0], "%.3f", a.ulps);
  std::snprintf(error[1], sizeof error[1], "%.3f", b.ulps);
  return std::string("| `") + f.name + "` | " + error[0] + " | " + at(a) + " | " + error[1] + " | " + at(b) +
         " | " +
         (wrong == 0 ? "yes" : "no, " + std::to_string(wrong) + " of " + std::to_string(pairs ? n : 65536)) +
         " |\n";
}

const char* instructions() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "AVX2 with FMA";
#elif defined(__AVX2__)
  return "AVX2 without FMA";
#elif defined(__AVX__)
  return "AVX";
#else
  return "SSE2";
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const auto step = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 97);
  const long n = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 8000000;
  const auto f = accuracy::unary_functions<float>();
  const auto d = accuracy::unary_functions<double>();
  const auto h = accuracy::unary_functions<half>();
  const auto ff = accuracy::binary_functions<float>();
  const auto dd = accuracy::binary_functions<double>();
  const auto hh = accuracy::binary_functions<half>();

  std::vector<std::function<std::string()>> jobs;
  for (std::size_t i = 0; i < f.size(); ++i)
    jobs.push_back([&, i] { return row(f[i], d[i], h[i], step, n); });
  for (std::size_t i = 0; i < ff.size(); ++i)
    jobs.push_back([&, i] { return row(ff[i], dd[i], hh[i], step, n); });
  std::vector<std::string> rows(jobs.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next++) < jobs.size();) rows[i] = jobs[i]();
  };
  std::thread other(work);
  work();
  other.join();

  std::printf(
      "| function (%s) | float, ulp | at | double, ulp | at | float16 correctly rounded |\n"
      "|---|---|---|---|---|---|\n",
      instructions());
  for (const std::string& line : rows) std::fputs(line.c_str(), stdout);
}

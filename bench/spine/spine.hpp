// What the gates share: timing in interleaved pairs, and rows of the table.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace spine {

enum class verdict { pass, fail, note };

struct row {
  std::string name, measured, bound;
  verdict result;
};

/// Rows so far, and which gates were asked for.
struct report {
  bool wanted(const std::string& name) const;
  void add(const std::string& name, const std::string& measured, const std::string& bound, bool pass);
  void note(const std::string& name, const std::string& measured);

  std::string only;
  int pairs = 31, compile_pairs = 15;
  std::vector<row> rows;
};

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// The q-th quantile, 0 to 1, between the two nearest values.
inline double quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  const double at = q * double(v.size() - 1);
  const std::size_t k = std::size_t(at);
  return k + 1 < v.size() ? v[k] + (at - double(k)) * (v[k + 1] - v[k]) : v[k];
}
inline double median(const std::vector<double>& v) { return quantile(v, 0.5); }

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Times of two programs, a pair for each repetition.
struct pairs {
  std::vector<double> a, b;
  std::vector<double> ratios() const {
    std::vector<double> r;
    for (std::size_t i = 0; i < a.size(); ++i) r.push_back(a[i] / b[i]);
    return r;
  }
  double ratio() const { return median(ratios()); }
  /// "0.94x [0.91, 0.98]": the median of the pairs' ratios, their 10th and 90th percentiles.
  std::string interval() const {
    return text("%.2fx [%.2f, %.2f]", ratio(), quantile(ratios(), 0.1), quantile(ratios(), 0.9));
  }
};

/// "120 us".
std::string duration(double seconds);

template <class F>
double time_of(F& f, int n) {
  const double t = now();
  for (int i = 0; i < n; ++i) f();
  return (now() - t) / n;
}

/// Calls until one sample takes `seconds`; warms up as it counts.
template <class F>
int calls_for(F& f, double seconds) {
  int n = 1;
  for (;;) {
    const double t = time_of(f, n) * n;
    if (t >= seconds / 2) return std::max(1, int(n * seconds / t));
    n *= 2;
  }
}

/// Interleaved samples A B B A A B ..., so that neither side always comes first.
template <class A, class B>
pairs interleave(A a, B b, int count, double seconds = 0.008) {
  const int na = calls_for(a, seconds), nb = calls_for(b, seconds);
  pairs p;
  for (int i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      p.a.push_back(time_of(a, na));
      p.b.push_back(time_of(b, nb));
    } else {
      p.b.push_back(time_of(b, nb));
      p.a.push_back(time_of(a, na));
    }
  }
  return p;
}

/// Calls of the malloc family in this process, all threads.
std::uint64_t allocation_count();

void compile_time(report&);
void training(report&);
void elementwise(report&);

}  // namespace spine

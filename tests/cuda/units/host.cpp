// The unit that the host's compiler compiles, and the program: 0 when every evaluation was by the unit that wrote it.
#include <cmath>
#include <cstdio>

#include "exchange.hpp"

namespace {

using namespace exchange;
int failures = 0;

void check(bool ok, const char* what) {
  if (ok) return;
  std::printf("wrong: %s\n", what);
  ++failures;
}

bool all_equal(const matrix& x, auto expected) {
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      if (x(i, j) != expected(i, j)) return false;
  return true;
}

/// loss = sum (z + k)^2 with z = x w; its gradient is 2 x' (z + k).
void check_session(float loss, const weights& gradient, const matrix& x, const weights& w, float k) {
  double expected = 0, g[4][4]{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j) {
      double z = k;
      for (int c = 0; c < 4; ++c) z += double(x(i, c)) * double(w(c, j));
      expected += z * z;
      for (int c = 0; c < 4; ++c) g[c][j] += 2 * double(x(i, c)) * z;
    }
  check(std::abs(double(loss) - expected) < 1e-4 * expected, "the loss of an executor");
  for (int c = 0; c < 4; ++c)
    for (int j = 0; j < 4; ++j)
      check(std::abs(double(gradient(c, j)) - g[c][j]) < 1e-4 * (1 + std::abs(g[c][j])),
            "the gradient of an executor");
}

}  // namespace

int main() {
  const unit units[] = {{&evaluate, &update, &bind_session, &drive}, nvcc_unit()};
  const float number[] = {by_host_compiler, by_nvcc};
  auto x = tenon::zeros<float, "batch", 4>(3);
  weights w;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j) x(i, j) = float(i - j) * 0.5f;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) w(i, j) = float(i + 2 * j) * 0.25f - 1.f;

  for (int u = 0; u < 2; ++u) {
    const float k = number[u];
    check(all_equal(units[u].evaluate(x), [&](int i, int j) { return x(i, j) * 2.f + k; }),
          "an eager statement");
    // a tensor of one unit, written by the other: the copy keeps its elements
    matrix shared = units[1 - u].evaluate(x);
    const matrix kept = shared;
    units[u].update(shared);
    check(all_equal(kept, [&](int i, int j) { return x(i, j) * 2.f + number[1 - u]; }),
          "a copy after a write");
    check(all_equal(shared, [&](int i, int j) { return 2.f * kept(i, j) + k; }),
          "a tensor of the other unit");
    // an executor of one unit, driven by either
    const auto session = units[u].bind(w);
    for (const unit& driver : units) {
      weights gradient;
      const float loss = driver.drive(*session, x, gradient);
      check_session(loss, gradient, x, w, k);
    }
  }
  if (failures == 0) std::puts("each unit ran its own evaluator");
  return failures == 0 ? 0 : 1;
}

// What compiling a function saves against running it statement by statement: each named value of the second is
// an array of its own, computed when its statement runs.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "tenon/array/random.hpp"
#include "tenon/ops/composite.hpp"
#include "tenon/ops/matmul.hpp"
#include "tenon/symbol/compile.hpp"

using namespace tenon;

namespace {

using matrix = tensor<float, dyn, dyn>;

/// Seconds of one call: the least of several rounds.
template <class F>
double least(F f) {
  using clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int round = 0; round < 12; ++round) {
    const auto start = clock::now();
    int calls = 0;
    double passed = 0;
    do {
      f();
      ++calls;
      passed = std::chrono::duration<double>(clock::now() - start).count();
    } while (passed < 4e-3);
    best = std::min(best, passed / calls);
  }
  return best;
}

void line(const char* what, tenon::index n, double statements, double compiled, double difference) {
  std::printf("| %s | %lld | %.2f | %.2f | %.2f |%s\n", what, static_cast<long long>(n), statements * 1e6,
              compiled * 1e6, statements / compiled, difference > 1e-5 ? " **results differ**" : "");
}
double apart(const matrix& a, const matrix& b) {
  double most = 0;
  for (tenon::index i = 0; i < a.size(); ++i)
    most = std::max(
        most, std::fabs(double(a.flat()[i]) - double(b.flat()[i])) / (1 + std::fabs(double(a.flat()[i]))));
  return most;
}

void chain(tenon::index rows, tenon::index columns) {
  generator g{1};
  const matrix x = normal<float>(g, rows, columns), y = normal<float>(g, rows, columns);
  matrix a, b, c, d, e;
  const auto statements = [&] {
    a = x * y;
    b = tanh(a);
    c = b + x;
    d = exp(-c * c);
    e = d * y + b;
  };
  auto f = compile(
      [](const auto& u, const auto& v) {
        const auto t = tanh(u * v);
        const auto s = t + u;
        return exp(-s * s) * v + t;
      },
      spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{});
  matrix out;
  const double plain = least(statements), fused = least([&] { out = f(x, y); });
  line("five elementwise statements", rows * columns, plain, fused, apart(e, out));
}

void normalised(tenon::index rows, tenon::index columns) {
  generator g{2};
  const matrix x = normal<float>(g, rows, columns);
  matrix centred, scaled, out;
  tensor<float, dyn, 1> middle, spread;
  const auto statements = [&] {
    middle = mean(x, axis<1>, keepdims);
    centred = x - middle;
    spread = mean(centred * centred, axis<1>, keepdims);
    scaled = centred / sqrt(spread + 1e-5f);
  };
  auto f = compile(
      [](const auto& v) {
        const auto c = v - mean(v, axis<1>, keepdims);
        return c / sqrt(mean(c * c, axis<1>, keepdims) + constant<1> / constant<100000>);
      },
      spec<float, dyn, dyn>{});
  const double plain = least(statements), fused = least([&] { out = f(x); });
  line("rows normalised", rows * columns, plain, fused, apart(scaled, out));
}

void layers(tenon::index batch, tenon::index width) {
  generator g{3};
  const matrix x = normal<float>(g, batch, width), w = 0.05f * normal<float>(g, width, width);
  const tensor<float, dyn> bias = normal<float>(g, width);
  matrix z, h, p, q, out;
  const auto statements = [&] {
    z = matmul(x, w);
    h = z + bias;
    p = relu(h);
    q = matmul(p, w);
    out = softmax(q);
  };
  auto f = compile(
      [](const auto& u, const auto& v, const auto& b) { return softmax(matmul(relu(matmul(u, v) + b), v)); },
      spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{}, spec<float, dyn>{});
  matrix fast;
  const double plain = least(statements), fused = least([&] { fast = f(x, w, bias); });
  line("two layers, softmax; batch x width", batch * width, plain, fused, apart(out, fast));
}

/// What follows a product goes over its tiles while caches hold them.
void layer(tenon::index batch, tenon::index inputs, tenon::index outputs) {
  generator g{4};
  const matrix x = normal<float>(g, batch, inputs), w = 0.05f * normal<float>(g, inputs, outputs);
  const tensor<float, dyn> bias = normal<float>(g, outputs);
  matrix z, out;
  const auto statements = [&] {
    z = matmul(x, w);
    out = relu(z + bias);
  };
  auto f = compile([](const auto& u, const auto& v, const auto& b) { return relu(matmul(u, v) + b); },
                   spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{}, spec<float, dyn>{});
  matrix fast;
  const double plain = least(statements), fused = least([&] { fast = f(x, w, bias); });
  char what[64];
  std::snprintf(what, sizeof what, "relu(x w + b), %d inputs; batch x outputs", int(inputs));
  line(what, batch * outputs, plain, fused, apart(out, fast));
}

}  // namespace

int main() {
  set_num_threads(1);
  std::printf(
      "| computation | elements | statements, us | compiled, us | speed-up |\n|---|---|---|---|---|\n");
  for (const tenon::index n : {4, 32, 256, 1024, 4096}) chain(n, n);
  for (const tenon::index n : {4, 32, 256, 1024, 4096}) normalised(n, n);
  layers(1, 16);
  layers(32, 64);
  layers(256, 256);
  layers(1024, 512);
  for (const tenon::index inputs : {16, 64, 256}) layer(2048, inputs, 2048);
}

// The contract for threads: const use of one array by several threads is safe, copies of it are values of their
// own, and a named lazy expression is evaluated once, whoever asks first. CI runs this under ThreadSanitizer.
#include <tenon/tenon.hpp>

#include <thread>

#include "../support.hpp"

using namespace tenon;

namespace {

template <class F>
void in_threads(int n, F f) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([f, i]() mutable { f(i); });
  for (std::thread& t : threads) t.join();
}

}  // namespace

TEST_CASE("threads that each hold a copy write without seeing each other") {
  const auto x = full<float>(1.0f, 100, 70);
  float sums[4]{};
  in_threads(4, [&, copy = x](int i) mutable {
    for (int k = 0; k < 20; ++k) {
      auto mine = copy;
      mine += float(i);
      mine.slice(range(0, 100, 2), tenon::all) = 0.0f;
      copy = mine;
      copy += 1.0f;
    }
    sums[i] = item(sum(copy - copy)) + x(3, 3);
  });
  for (const float s : sums) CHECK(s == 1);
  CHECK(x(99, 69) == 1);
}

TEST_CASE("threads read one array in statements of their own") {
  set_num_threads(2);
  const auto x = full<float>(0.5f, 300, 200), w = full<float>(0.25f, 200, 50);
  std::vector<tensor<float, dyn, dyn>> results(4);
  in_threads(4, [&](int i) {
    for (int k = 0; k < 10; ++k) results[std::size_t(i)] = tanh(matmul(x, w)) + float(i);
  });
  for (int i = 0; i < 4; ++i) CHECK(results[std::size_t(i)](299, 49) == doctest::Approx(std::tanh(25.0) + i));
}

TEST_CASE("a named lazy expression is evaluated once by whichever thread asks first") {
  const auto x = full<double>(2.0, 1000);
  const auto e = exp(x) * 2.0;
  std::vector<double> values(8);
  in_threads(8, [&](int i) { values[std::size_t(i)] = item(sum(e + 1.0)); });
  for (const double v : values) CHECK(v == values[0]);
}

TEST_CASE("compiled functions and executors of several threads share weights") {
  const auto w = full<float>(0.1f, 20, 5);
  std::vector<float> values(4);
  in_threads(4, [&](int i) {
    auto step = compile([](const auto& a, const auto& b) { return sum(relu(matmul(a, b))); },
                        spec<float, dyn, 20>{}, spec<float, dyn, dyn>{});
    const auto x = full<float, dyn, 20>(1.0f, 3 + i);
    for (int k = 0; k < 5; ++k) values[std::size_t(i)] = float(step(x, w));
  });
  for (int i = 0; i < 4; ++i) CHECK(values[std::size_t(i)] == doctest::Approx(float(3 + i) * 5 * 2));
}

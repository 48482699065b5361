// Training gives the same bits for any number of threads and wherever its input lies in memory.
#include <tenon/array/view.hpp>
#include <tenon/optim/adam.hpp>
#include <tenon/symbol/compile.hpp>

#include "models.hpp"

#include <set>

using namespace tenon;

namespace {

struct default_threads {
  ~default_threads() { set_num_threads(0); }
};

/// Rows begin, begin + 1, ... of a larger tensor.
template <int Columns>
auto as_rows_of_more(const tensor<float, "batch", Columns>& x, tenon::index begin) {
  auto more = full<float>(7.f, x.extent(0) + begin + 3, Columns);
  more.slice(range(begin, begin + x.extent(0)), all) = x;
  return more;
}

/// The hash of the weights after some steps of Adam.
template <int In, int Hidden, int Out>
std::uint64_t trained(int steps, tenon::index batch, int threads, tenon::index offset) {
  const default_threads restore;
  set_num_threads(threads);
  auto model = test::started<test::net<In, Hidden, Out>>();
  optim::adam opt{.lr = 0.01};
  auto step = compile(value_and_grad(test::loss_of), model, spec<float, "batch", In>{},
                      spec<std::int32_t, "batch">{});
  const auto x = as_rows_of_more<In>(test::features<In>(batch), offset);
  const auto y = test::classes(batch, Out);
  for (int i = 0; i < steps; ++i) {
    const auto rows = std::as_const(x).slice(range(offset, offset + batch), all);
    opt.step(model, step(model, rows, y).gradient);
  }
  return test::hash_of(model);
}

}  // namespace

TEST_CASE("20-30-5: one hash after 50 steps") {
  std::set<std::uint64_t> hashes;
  for (const int threads : {1, 2, 3})
    for (const tenon::index offset : {0, 1, 3}) hashes.insert(trained<20, 30, 5>(50, 37, threads, offset));
  CHECK(hashes.size() == 1);
  CHECK(hashes.count(test::hash_of(test::started<test::net<20, 30, 5>>())) == 0);
}

TEST_CASE("784-128-10: one hash after 20 steps at batch 255") {
  std::set<std::uint64_t> hashes;
  for (const int threads : {1, 2, 3}) hashes.insert(trained<784, 128, 10>(20, 255, threads, threads - 1));
  CHECK(hashes.size() == 1);
}

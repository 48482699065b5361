// Training steps: against Eigen, on two threads, their allocations, and the bits that they give.
#include <cstring>
#include <stdexcept>
#include <utility>

#include "eigen_mlp.hpp"
#include "spine.hpp"
#include "tenon/tenon.hpp"

namespace spine {
namespace {

constexpr auto loss_of = [](const auto& model, const auto& x, const auto& y) {
  return tenon::loss::softmax_cross_entropy(model(x), y);
};

/// One batch of the same numbers for everybody.
std::vector<float> noise(std::size_t n, std::uint64_t seed) {
  std::vector<float> v(n);
  std::uint64_t s = seed * 0x9E3779B97F4A7C15u + 1;
  for (float& f : v) {
    s = s * 6364136223846793005u + 1442695040888963407u;
    f = float(s >> 40) / 8388608.f - 1.f;
  }
  return v;
}
std::int32_t label(int row, int classes) { return std::int32_t((row * 7 + row / 5) % classes); }

template <int I, int H, int O>
struct network {
  using model_type = tenon::nn::sequential<tenon::nn::dense<I, H>, tenon::nn::tanh, tenon::nn::dense<H, O>>;
  static std::string name() { return text("%d-%d-%d", I, H, O); }

  model_type model = initial();
  static model_type initial() {
    model_type m;
    int k = 0;
    tenon::for_each_parameter(m, [&](auto& p) {
      const std::vector<float> v = noise(std::size_t(p.size()), std::uint64_t(++k));
      for (tenon::index i = 0; i < p.size(); ++i)
        p.own()[i] = p.rank == 2
                         ? v[std::size_t(i)] * std::sqrt(6.f / float(p.extent(0) + p.size() / p.extent(0)))
                         : 0.f;
    });
    return m;
  }
  static auto compiled_step(const model_type& m) {
    return tenon::compile(tenon::value_and_grad(loss_of), m, tenon::spec<float, "batch", I>{},
                          tenon::spec<std::int32_t, "batch">{});
  }
};

/// A network in training on one batch.
template <int I, int H, int O>
struct trainer : network<I, H, O> {
  using base = network<I, H, O>;
  using base::model;

  explicit trainer(int batch, double lr) : sgd{.lr = lr} {
    const std::vector<float> v = noise(std::size_t(batch) * I, 99);
    x = tenon::from_data<float, tenon::dyn, I>(v.data(), batch);
    y = tenon::zeros<std::int32_t>(batch);
    for (int i = 0; i < batch; ++i) y.own()[i] = label(i, O);
  }
  trainer(const trainer&) = delete;

  float step() {
    const auto& [value, gradients] = compiled(model, x, y);
    sgd.step(model, gradients);
    return value.item();
  }

  eigen_mlp by_hand() const {
    eigen_mlp e;
    const int batch = int(y.size());
    const auto copy = [](const auto& t, tenon::index rows, tenon::index columns) {
      return eigen_mlp::matrix(Eigen::Map<const eigen_mlp::matrix>(t.flat(), rows, columns));
    };
    e.x = copy(x, batch, I);
    e.w1 = copy(model.template layer<0>().weight, I, H);
    e.w2 = copy(model.template layer<2>().weight, H, O);
    e.b1 = copy(model.template layer<0>().bias, 1, H);
    e.b2 = copy(model.template layer<2>().bias, 1, O);
    e.y.assign(y.begin(), y.end());
    return e;
  }

  decltype(base::compiled_step(std::declval<const typename base::model_type&>())) compiled =
      base::compiled_step(model);
  tenon::optim::sgd sgd;
  tenon::tensor<float, tenon::dyn, I> x;
  tenon::tensor<std::int32_t, tenon::dyn> y;
};

template <int I, int H, int O>
void against_eigen(report& r) {
  for (const int batch : {32, 256, 2048}) {
    const std::string name =
        "training step " + network<I, H, O>::name() + ", batch " + std::to_string(batch) + ", against Eigen";
    if (!r.wanted(name)) continue;
    tenon::set_num_threads(1);
    constexpr double lr = 0.02;
    trainer<I, H, O> ours(batch, lr);
    eigen_mlp eigen = ours.by_hand();
    double worst = 0;
    for (int k = 0; k < 20; ++k)
      worst = std::max(worst, std::abs(double(ours.step()) - double(eigen.step(float(lr)))));
    if (!(worst <= 1e-4)) {
      r.add(name, text("losses differ by %.2g", worst), "<= 1.10x", false);
      continue;
    }
    const pairs p = interleave([&] { ours.step(); }, [&] { eigen.step(float(lr)); }, r.pairs);
    r.add(name, p.interval() + "; " + duration(median(p.a)) + " against " + duration(median(p.b)), "<= 1.10x",
          p.ratio() <= 1.10);
  }
}

template <int I, int H, int O>
void two_threads(report& r) {
  const std::string name =
      "training step " + network<I, H, O>::name() + ", batch 2048: speed of 2 threads against 1";
  if (!r.wanted(name)) return;
  trainer<I, H, O> t(2048, 0.02);
  pairs p;
  for (const int threads : {1, 2, 1, 2}) {
    tenon::set_num_threads(threads);
    for (int i = 0; i < 10; ++i) t.step();
  }
  const auto sample = [&](int threads) {
    tenon::set_num_threads(threads);
    auto f = [&] { t.step(); };
    time_of(f, 2);
    return time_of(f, 10);
  };
  for (int i = 0; i < r.pairs; ++i) {
    const bool first = i % 2 == 0;
    const double s = sample(first ? 1 : 2), u = sample(first ? 2 : 1);
    p.a.push_back(first ? s : u);
    p.b.push_back(first ? u : s);
  }
  tenon::set_num_threads(1);
  r.add(name, p.interval() + "; " + duration(median(p.b)) + " against " + duration(median(p.a)), ">= 1.6x",
        p.ratio() >= 1.6);
}

template <int I, int H, int O>
void allocations(report& r) {
  for (const int threads : {1, 2}) {
    const std::string name = "mallocs of a warm training step " + network<I, H, O>::name() + ", " +
                             std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    if (!r.wanted(name)) continue;
    tenon::set_num_threads(threads);
    trainer<I, H, O> t(256, 0.02);
    for (int k = 0; k < 10; ++k) t.step();
    constexpr int steps = 100;
    const std::uint64_t before = allocation_count();
    for (int k = 0; k < steps; ++k) t.step();
    const std::uint64_t n = allocation_count() - before;
    r.add(name, text("%llu in %d steps", static_cast<unsigned long long>(n), steps), "0", n == 0);
  }
  tenon::set_num_threads(1);
}

/// Parameters after 200 steps of Adam on rows that start at row 1 and column `padding` of a wider tensor.
std::uint64_t trained_bits(int threads, int padding) {
  using net = network<784, 128, 10>;
  constexpr int batch = 255;
  tenon::set_num_threads(threads);
  auto all = tenon::zeros<float>(batch + 2, 784 + padding);
  const std::vector<float> v = noise(std::size_t(batch) * 784, 7);
  for (int i = 0; i < batch; ++i)
    std::copy_n(v.data() + i * 784, 784, all.own() + (i + 1) * (784 + padding) + padding);
  auto y = tenon::zeros<std::int32_t>(batch);
  for (int i = 0; i < batch; ++i) y.own()[i] = label(i, 10);
  const auto x = std::as_const(all).slice(tenon::range(1, batch + 1), tenon::range(padding, 784 + padding));

  auto model = net::initial();
  auto step = net::compiled_step(model);
  tenon::optim::adam adam{.lr = 0.001};
  for (int k = 0; k < 200; ++k) {
    const auto& [value, gradients] = step(model, x, y);
    adam.step(model, gradients);
  }
  std::uint64_t hash = 1469598103934665603u;
  tenon::for_each_parameter(model, [&](const auto& p) {
    for (tenon::index i = 0; i < p.size(); ++i) {
      std::uint32_t bits;
      std::memcpy(&bits, p.flat() + i, sizeof bits);
      hash = (hash ^ bits) * 1099511628211u;
    }
  });
  tenon::set_num_threads(1);
  return hash;
}

void bits(report& r) {
  const std::string name =
      "bits of 200 Adam steps, 784-128-10, batch 255, sliced input: 1, 2, 3 threads times 3 buffer offsets";
  if (!r.wanted(name)) return;
  std::vector<std::uint64_t> seen;
  for (const int threads : {1, 2, 3})
    for (const int padding : {0, 1, 2}) seen.push_back(trained_bits(threads, padding));
  const std::string all = [&] {
    std::string s;
    for (const std::uint64_t h : seen) s += text(" %08x", unsigned(h >> 32));
    return s;
  }();
  std::fprintf(stderr, "  %s\n", all.c_str());
  std::sort(seen.begin(), seen.end());
  const auto different = std::unique(seen.begin(), seen.end()) - seen.begin();
  r.add(name, text("%d different, first %016llx", int(different), static_cast<unsigned long long>(seen[0])),
        "one hash", different == 1);
}

}  // namespace

void training(report& r) {
  against_eigen<57, 64, 2>(r);
  against_eigen<784, 128, 10>(r);
  two_threads<57, 64, 2>(r);
  two_threads<784, 128, 10>(r);
  allocations<57, 64, 2>(r);
  allocations<784, 128, 10>(r);
  bits(r);
}

}  // namespace spine

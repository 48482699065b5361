// t = tanh(a b + c), y = t (a + t): fused in one kernel, against Eigen's best form; and with c broadcast.
#include <Eigen/Core>
#include <stdexcept>

#include "spine.hpp"
#include "tenon/tenon.hpp"

namespace spine {
namespace {

using tenon::spec;

constexpr auto f = [](const auto& a, const auto& b, const auto& c) {
  const auto t = tanh(a * b + c);
  return t * (a + t);
};

struct extents {
  tenon::index rows, columns;
  const char* name;
};
constexpr extents sizes[] = {{25, 40, "1e3"}, {250, 400, "1e5"}, {4000, 4000, "16e6"}};

template <class T>
void fill(T& t, float scale) {
  for (tenon::index i = 0; i < t.size(); ++i) t.own()[i] = scale * (float(i * 7919 % 2003) / 1001.f - 1.f);
}

using array = Eigen::ArrayXf;
using input = Eigen::Map<const array>;

void one_expression(const input& a, const input& b, const input& c, array&, array& y) {
  y = (a * b + c).tanh() * (a + (a * b + c).tanh());
}
void two_statements(const input& a, const input& b, const input& c, array& t, array& y) {
  t = (a * b + c).tanh();
  y = t * (a + t);
}
/// The two statements on parts that stay in the cache.
void in_parts(const input& a, const input& b, const input& c, array& t, array& y) {
  constexpr Eigen::Index part = 2048;
  for (Eigen::Index i = 0; i < y.size(); i += part) {
    const Eigen::Index n = std::min(part, y.size() - i);
    auto s = t.head(n);
    s = (a.segment(i, n) * b.segment(i, n) + c.segment(i, n)).tanh();
    y.segment(i, n) = s * (a.segment(i, n) + s);
  }
}
struct form {
  const char* name;
  void (*run)(const input&, const input&, const input&, array&, array&);
};
constexpr form forms[] = {{"one expression", one_expression},
                          {"two statements", two_statements},
                          {"two statements in parts", in_parts}};

void against_eigen(report& r, const extents& e) {
  const std::string name =
      std::string("t = tanh(a b + c); y = t (a + t), ") + e.name + " floats, against Eigen's best";
  if (!r.wanted(name)) return;
  const tenon::index n = e.rows * e.columns;
  auto a = tenon::zeros<float>(n), b = tenon::zeros<float>(n), c = tenon::zeros<float>(n);
  fill(a, 1.5f);
  fill(b, 1.2f);
  fill(c, 0.7f);
  tenon::tensor<float, tenon::dyn> y = tenon::zeros<float>(n);
  auto compiled = tenon::compile(f, spec<float, "n">{}, spec<float, "n">{}, spec<float, "n">{});

  const input ea(a.flat(), n), eb(b.flat(), n), ec(c.flat(), n);
  array t(n), ey(n);
  const form* best = nullptr;
  double least = 0;
  std::string all;
  for (const form& g : forms) {
    auto run = [&] { g.run(ea, eb, ec, t, ey); };
    const int calls = calls_for(run, 0.01);
    std::vector<double> times;
    for (int i = 0; i < 9; ++i) times.push_back(time_of(run, calls));
    all += std::string(best == nullptr && all.empty() ? "" : ", ") + g.name + " " + duration(median(times));
    if (best == nullptr || median(times) < least) best = &g, least = median(times);
  }
  std::fprintf(stderr, "  Eigen: %s\n", all.c_str());

  y = compiled(a, b, c);
  double worst = 0;
  for (tenon::index i = 0; i < n; ++i) worst = std::max(worst, double(std::abs(y.flat()[i] - ey(i))));
  if (!(worst <= 1e-5)) return r.add(name, text("results differ by %.2g", worst), "<= 1.1x", false);
  y = tenon::zeros<float>(n);

  const auto eigen = [&] { best->run(ea, eb, ec, t, ey); };
  const pairs p = interleave([&] { compiled(a, b, c); }, eigen, r.pairs);
  r.add(name,
        p.interval() + "; " + duration(median(p.a)) + " against " + duration(median(p.b)) + " (" +
            best->name + ")",
        "<= 1.1x", p.ratio() <= 1.1);
  const pairs q = interleave(
      [&] {
        const auto u = tanh(a * b + c);
        y = u * (a + u);
      },
      eigen, r.pairs);
  r.note("the same as an eager statement, " + std::string(e.name) + " floats",
         q.interval() + "; " + duration(median(q.a)) + " against " + duration(median(q.b)));
}

template <class Spec, class C>
void broadcast(report& r, const extents& e, const char* what, Spec, C c) {
  const std::string name =
      std::string("the same on a matrix, ") + e.name + " floats, c a " + what + ", against c as large as a";
  if (!r.wanted(name)) return;
  auto a = tenon::zeros<float>(e.rows, e.columns), b = a, full = a;
  fill(a, 1.5f);
  fill(b, 1.2f);
  fill(c, 0.7f);
  full = c + tenon::zeros<float>(e.rows, e.columns);
  auto whole = tenon::compile(f, spec<float, "r", "c">{}, spec<float, "r", "c">{}, spec<float, "r", "c">{});
  auto part = tenon::compile(f, spec<float, "r", "c">{}, spec<float, "r", "c">{}, Spec{});
  {
    const auto y = whole(a, b, full), z = part(a, b, c);
    for (tenon::index i = 0; i < y.size(); ++i)
      if (std::abs(y.flat()[i] - z.flat()[i]) > 1e-6f) return r.add(name, "results differ", "<= 1.2x", false);
  }
  const pairs p = interleave([&] { part(a, b, c); }, [&] { whole(a, b, full); }, r.pairs);
  r.add(name, p.interval() + "; " + duration(median(p.a)) + " against " + duration(median(p.b)), "<= 1.2x",
        p.ratio() <= 1.2);
}

}  // namespace

void elementwise(report& r) {
  tenon::set_num_threads(1);
  for (const extents& e : sizes) against_eigen(r, e);
  for (const extents& e : sizes) {
    broadcast(r, e, "row", spec<float, "c">{}, tenon::zeros<float>(e.columns));
    broadcast(r, e, "column", spec<float, "r", 1>{}, tenon::zeros<float, tenon::dyn, 1>(e.rows));
    broadcast(r, e, "scalar", spec<float>{}, tenon::tensor<float>(0.f));
  }
}

}  // namespace spine

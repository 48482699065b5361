// Optimisers against loops in long double, and what they do not touch.
#include <tenon/nn/model.hpp>
#include <tenon/optim/adam.hpp>

#include "../support.hpp"

#include <array>
#include <cmath>

using namespace tenon;

namespace {

template <class T>
struct pair_of {
  parameter<T, 5, 3> w;
  parameter<T, 1> b;
};

template <class T>
pair_of<T> started() {
  pair_of<T> m;
  generator g(11);
  initialise(m, g);
  m.b(0) = T(0.5);
  return m;
}

/// Random gradients of both parameters, different at each step.
template <class T>
model_gradients random_gradients(const pair_of<T>& m, generator& g) {
  model_gradients r;
  for_each_parameter(m, [&](const auto& p) {
    const auto u = normal<T>(g, p.size());
    storage s(p.size() * tenon::index(sizeof(T)));
    std::copy_n(u.flat(), p.size(), reinterpret_cast<T*>(s.data()));
    r.add(&p, s, p.size(), dtype_of<T>);
  });
  return r;
}

/// Sizes about those of tasks, and dtypes in turns.
struct sizes {
  parameter<float, 1> a;
  parameter<double, 17> b;
  parameter<float, 16384> c;
  parameter<double, 16385> d;
  parameter<float, 0> none;
  parameter<float, 40, 1000> e;
  parameter<float16, 3, 7> f;
  std::array<parameter<float, 5>, 40> many;
};

template <class M>
std::vector<long double> elements_of(const M& m) {
  std::vector<long double> r;
  for_each_parameter(m, [&](const auto& p) { r.insert(r.end(), p.flat(), p.flat() + p.size()); });
  return r;
}
template <class T>
std::vector<long double> elements_of(const pair_of<T>& m, const model_gradients& g) {
  std::vector<long double> r;
  for_each_parameter(m, [&](const auto& p) {
    const T* const from = reinterpret_cast<const T*>(g.find(&p)->buffer.data());
    r.insert(r.end(), from, from + p.size());
  });
  return r;
}

/// 20 steps of opt and of rule(weight, gradient, first state, second state, step) on the same gradients.
template <class T, class Optimiser, class Rule>
void follows(Optimiser opt, Rule rule) {
  auto m = started<T>();
  auto w = elements_of(m);
  std::vector<long double> first(w.size()), second(w.size());
  generator g(5);
  const long double tolerance = 200 * static_cast<long double>(std::numeric_limits<T>::epsilon());
  for (int step = 1; step <= 20; ++step) {
    const model_gradients gradients = random_gradients(m, g);
    const auto d = elements_of(m, gradients);
    opt.step(m, gradients);
    for (std::size_t i = 0; i < w.size(); ++i) rule(w[i], d[i], first[i], second[i], step);
  }
  const auto got = elements_of(m);
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(std::fabs(got[i] - w[i]) <= tolerance * std::fmax(1.L, std::fabs(w[i])));
}

}  // namespace

TEST_CASE_TEMPLATE("sgd, with momentum and weight decay", T, float, double) {
  SUBCASE("plain") {
    follows<T>(optim::sgd{.lr = 0.1}, [](auto& w, auto g, auto&, auto&, int) { w -= 0.1L * g; });
  }
  SUBCASE("weight decay") {
    follows<T>(optim::sgd{.lr = 0.1, .weight_decay = 0.02},
               [](auto& w, auto g, auto&, auto&, int) { w -= 0.1L * (g + 0.02L * w); });
  }
  SUBCASE("momentum and weight decay") {
    follows<T>(optim::sgd{.lr = 0.05, .momentum = 0.9, .weight_decay = 0.02},
               [](auto& w, auto g, auto& v, auto&, int) {
                 v = 0.9L * v + g + 0.02L * w;
                 w -= 0.05L * v;
               });
  }
}

TEST_CASE_TEMPLATE("adam", T, float, double) {
  const auto rule = [](long double lr, long double b1, long double b2, long double epsilon) {
    return [=](auto& w, auto g, auto& m, auto& v, int step) {
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      w -= lr * (m / (1 - std::pow(b1, static_cast<long double>(step)))) /
           (std::sqrt(v / (1 - std::pow(b2, static_cast<long double>(step)))) + epsilon);
    };
  };
  follows<T>(optim::adam{}, rule(0.001L, 0.9L, 0.999L, 1e-8L));
  follows<T>(optim::adam{.lr = 0.05, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3},
             rule(0.05L, 0.8L, 0.9L, 1e-3L));
}

TEST_CASE("a parameter without a gradient: an error, and nothing changes") {
  auto m = started<float>();
  generator g(1);
  const model_gradients right = random_gradients(m, g);
  model_gradients some;  // of the first alone
  const auto& e = right.entries()[0];
  some.add(e.parameter, e.buffer, e.elements, e.type);
  const auto before = elements_of(m);
  optim::adam adam{.lr = 0.1};
  optim::sgd sgd{.lr = 0.1};
  CHECK(test::contains(test::thrown<usage_error>([&] { adam.step(m, some); }), "has no gradient"));
  CHECK(adam.steps == 0);
  CHECK_THROWS_AS(sgd.step(m, some), usage_error);
  CHECK_THROWS_AS(sgd.step(m, model_gradients{}), usage_error);
  sgd.lr = std::nan("");
  CHECK_THROWS_AS(sgd.step(m, right), usage_error);
  CHECK(elements_of(m) == before);
}

TEST_CASE("a model that was copied before a step stays as it was") {
  auto m = started<float>();
  const pair_of<float> copy = m;
  const tensor<float, 5, 3> w = m.w;
  const auto before = elements_of(m);
  generator g(1);
  optim::sgd opt{.lr = 0.1};
  opt.step(m, random_gradients(m, g));
  CHECK(elements_of(copy) == before);
  CHECK(test::values(w) == test::values(copy.w));
  CHECK(elements_of(m) != before);
  const auto once = elements_of(m);
  const pair_of<float> second = m;  // again, now that the optimiser is warm
  opt.step(m, random_gradients(m, g));
  CHECK(elements_of(second) == once);
  CHECK(elements_of(copy) == before);
}

TEST_CASE("all parameters in one launch, or each in its own, on any number of threads: the same bits") {
  sizes start;
  generator g(3);
  const auto random = [&](auto& p) {
    using T = typename std::remove_cvref_t<decltype(p)>::value_type;
    storage s(p.size() * tenon::index(sizeof(T)));
    const auto u = normal<double>(g, p.size()), v = normal<double>(g, p.size());
    for (tenon::index i = 0; i < p.size(); ++i) {
      p.own()[i] = static_cast<T>(u.flat()[i]);
      reinterpret_cast<T*>(s.data())[i] = static_cast<T>(v.flat()[i]);
    }
    return s;
  };
  std::vector<storage> kept;
  for_each_parameter(start, [&](auto& p) { kept.push_back(random(p)); });
  const auto gradients_of = [&](const auto& m, std::size_t k) {
    model_gradients r;
    for_each_parameter(m, [&](const auto& p) {
      using T = typename std::remove_cvref_t<decltype(p)>::value_type;
      r.add(&p, kept[k++], p.size(), dtype_of<T>);
    });
    return r;
  };
  sizes alone = start;
  std::size_t k = 0;
  for_each_parameter(alone, [&](auto& p) {
    optim::adam opt{.lr = 0.1};
    for (int i = 0; i < 3; ++i) opt.step(p, gradients_of(p, k));
    ++k;
  });
  CHECK(elements_of(alone) != elements_of(start));
  for (const int n : {1, 2, 3}) {
    CAPTURE(n);
    set_num_threads(n);
    sizes together = start;
    optim::adam opt{.lr = 0.1};
    for (int i = 0; i < 3; ++i) opt.step(together, gradients_of(together, 0));
    CHECK(elements_of(together) == elements_of(alone));
  }
  set_num_threads(0);
}

TEST_CASE("a gradient of another size or dtype is refused, and nothing changes") {
  auto m = started<float>();
  generator g(1);
  const model_gradients right = random_gradients(m, g);
  const auto before = elements_of(m);
  optim::sgd opt{.lr = 0.1};
  for (const bool size : {true, false}) {
    model_gradients other;
    const auto& w = right.entries()[0];
    const auto& b = right.entries()[1];
    other.add(w.parameter, w.buffer, w.elements, w.type);
    other.add(b.parameter, w.buffer, size ? b.elements + 1 : b.elements, size ? b.type : dtype::int32);
    CHECK(test::contains(test::thrown<usage_error>([&] { opt.step(m, other); }), "another size or dtype"));
    CHECK(elements_of(m) == before);
  }
}

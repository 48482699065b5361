// Executors by run-time names, parameters from elsewhere, and monitors.
#include <tenon/symbol/composition.hpp>
#include <tenon/symbol/dictionary.hpp>
#include <tenon/symbol/monitor.hpp>

#include "../support.hpp"

#include <algorithm>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"b", float, 2> B;
const auxiliary<"mean", float, 2> M;

auto net() {
  const auto y = tanh(matmul(X, W) + B);
  return group(sum(square(y - M)), y, becomes<"mean">(mean(y, axis<0>) + 0_c * M));
}
const tensor<float, 3, 2> w{{0.5f, -1}, {0.25f, 0.75f}, {-0.5f, 1}};
const tensor<float, 2> b{0.5f, -0.25f};
tensor<float, "batch", 3> rows(tenon::index n) {
  auto x = zeros<float, "batch", 3>(n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.25f * float(i % 7) - 0.5f;
  return x;
}
auto bound() { return simple_bind(net(), cpu(0), arg<"x"> = rows(4), arg<"w"> = w, arg<"b"> = b); }

vec numbers(const any_tensor& a) {
  vec v;
  for (tenon::index i = 0; i < a.size(); ++i)
    v.push_back(double(reinterpret_cast<const float*>(a.data())[i]));
  return v;
}
std::vector<std::string> keys(const named_arrays& d) {
  std::vector<std::string> r;
  for (const auto& [name, array] : d) r.push_back(name);
  return r;
}
}  // namespace

TEST_CASE("dictionaries: arguments, states, outputs and gradients by name, in order") {
  auto ex = bound();
  CHECK(keys(arguments_of(ex)) == std::vector<std::string>{"x", "w", "b"});
  CHECK(keys(states_of(ex)) == std::vector<std::string>{"mean"});
  CHECK(numbers(arguments_of(ex)[1].second) == values(w));
  CHECK(contains(thrown<usage_error>([&] { gradients_of(ex); }), "backward()"));
  ex.forward(mode::train);
  ex.backward();
  const auto gradients = gradients_of(ex);
  CHECK(keys(gradients) == std::vector<std::string>{"x", "w", "b"});
  CHECK(numbers(gradients[1].second) == values(ex.grad<"w">()));
  const auto outputs = outputs_of(ex);
  CHECK(keys(outputs) == std::vector<std::string>{"sum0_output", "tanh0_output"});
  CHECK(numbers(outputs[1].second) == values(ex.output<1>()));
  ex.request<"w">(grad_req::null);
  CHECK(keys(gradients_of(ex)) == std::vector<std::string>{"x", "b"});
  auto open = bind(net(), cpu(0), arg<"w"> = w);
  CHECK(arguments_of(open)[0].second.type() == dtype::none);
}

TEST_CASE("dictionaries: an array that is shared by ref() and has strides is read as it is now") {
  auto x = rows(4);
  auto ex = bound();
  ex.set(arg<"x"> = ref(x));
  x(0, 0) = 9;
  CHECK(numbers(arguments_of(ex)[0].second) == values(x));
}

TEST_CASE("set_argument: by a name that run time knows") {
  auto ex = bound();
  set_argument(ex, "b", tensor<float, 2>{1, 2});
  CHECK(values(ex.arg<"b">()) == vec{1, 2});
  set_argument(ex, "mean", tensor<float, 2>{3, 4});
  CHECK(values(ex.aux<"mean">()) == vec{3, 4});
  set_argument(ex, "x", rows(7));
  ex.forward();
  CHECK(test::extents(ex.output<1>()) == dims{7, 2});
  const auto unknown = thrown<usage_error>([&] { set_argument(ex, "bias", b); });
  CHECK(contains(unknown, "\"bias\""));
  CHECK(contains(unknown, "\"x\", \"w\", \"b\" and \"mean\""));
  CHECK(contains(thrown<dtype_error>([&] { set_argument(ex, "b", tensor<double, 2>{1, 2}); }), "float64"));
  CHECK(contains(thrown<shape_error>([&] {
                   set_argument(ex, "b", tensor<float, 3>{1, 2, 3});
                 }),
                 "\"b\" has shape [3]"));
  CHECK(contains(thrown<shape_error>([&] {
                   set_argument(ex, "x", tensor<float, 3>{1, 2, 3});
                 }),
                 "[batch, 3]"));
  CHECK(values(ex.arg<"b">()) == vec{1, 2});
  ex.forward();
}

TEST_CASE("copy_params_from: all names, or errors that list them; nothing changes then") {
  const named_arrays whole{{"w", any_tensor(w * 2.f)},
                           {"x", any_tensor(rows(2))},
                           {"b", any_tensor(b + 1.f)},
                           {"mean", any_tensor(b)}};
  auto ex = bound();
  copy_params_from(ex, whole);
  ex.forward();
  CHECK(values(ex.output<1>()) == values(tanh(matmul(rows(2), w * 2.f) + (b + 1.f))));

  auto fresh = bound();
  const named_arrays some{{"w", any_tensor(w * 2.f)}, {"bias", any_tensor(b)}, {"v", any_tensor(b)}};
  const auto missing = thrown<usage_error>([&] { copy_params_from(fresh, some); });
  CHECK(contains(missing, "\"x\", \"b\" and \"mean\""));
  const auto extra = thrown<usage_error>([&] { copy_params_from(fresh, some, {.allow_missing = true}); });
  CHECK(contains(extra, "\"bias\", \"v\""));
  CHECK(contains(extra, "\"x\", \"w\", \"b\" and \"mean\""));
  CHECK_THROWS_AS(copy_params_from(fresh, some, {.ignore_extra = true}), usage_error);
  CHECK(values(fresh.arg<"w">()) == values(w));
  copy_params_from(fresh, some, {.allow_missing = true, .ignore_extra = true});
  CHECK(values(fresh.arg<"w">()) == values(w * 2.f));
  CHECK(values(fresh.arg<"b">()) == values(b));

  const named_arrays bad{{"w", any_tensor(w * 3.f)}, {"b", any_tensor(tensor<float, 3>{1, 2, 3})}};
  CHECK(
      contains(thrown<shape_error>([&] { copy_params_from(fresh, bad, {.allow_missing = true}); }), "\"b\""));
  const named_arrays kind{{"w", any_tensor(tensor<int, 3, 2>{})}};
  CHECK(contains(thrown<dtype_error>([&] { copy_params_from(fresh, kind, {.allow_missing = true}); }),
                 "int32"));
  CHECK(values(fresh.arg<"w">()) == values(w * 2.f));
  fresh.forward();
}

TEST_CASE("copy_params_from another executor: parameters shared until written") {
  auto from = bound();
  auto to = simple_bind(net(), cpu(0), extent_of<"batch"> = 2);
  named_arrays params = arguments_of(from);
  for (const auto& s : states_of(from)) params.push_back(s);
  copy_params_from(to, params);
  from.set(arg<"b"> = b * 0.f);
  to.forward();
  from.forward(arg<"b"> = b);
  CHECK(values(to.output<1>()) == values(from.output<1>()));
}

TEST_CASE("monitor: every value that the plan materialises, in the order of its steps") {
  auto ex = bound();
  std::vector<observed> seen;
  monitor(ex, [&](const observed& o) { seen.push_back(o); });
  ex.forward();
  const auto find = [&](const std::string& op) {
    return std::find_if(seen.begin(), seen.end(), [&](const observed& o) { return o.op == op; });
  };
  REQUIRE(find("matmul") != seen.end());
  CHECK(find("matmul")->name == "matmul0");
  CHECK(numbers(find("matmul")->value) == values(matmul(rows(4), w)));
  REQUIRE(find("tanh") != seen.end());
  CHECK(numbers(find("tanh")->value) == values(ex.output<1>()));
  REQUIRE(find("sum") != seen.end());
  for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i - 1].step <= seen[i].step);
  CHECK(std::none_of(seen.begin(), seen.end(), [](const observed& o) { return o.backward; }));

  seen.clear();
  ex.forward(mode::train);
  CHECK(std::none_of(seen.begin(), seen.end(), [](const observed& o) { return o.backward; }));
  const auto forward_values = seen.size();
  ex.backward();
  REQUIRE(seen.size() > forward_values);
  CHECK(std::all_of(seen.begin() + long(forward_values), seen.end(),
                    [](const observed& o) { return o.backward; }));
  const vec gradient = values(ex.grad<"w">());
  CHECK(
      std::any_of(seen.begin(), seen.end(), [&](const observed& o) { return numbers(o.value) == gradient; }));

  unmonitor(ex);
  seen.clear();
  ex.forward(mode::train, arg<"mean"> = tensor<float, 2>{0, 0});
  ex.backward();
  CHECK(seen.empty());
  CHECK(values(ex.grad<"w">()) == gradient);  // the same bits watched and unwatched
}

TEST_CASE("monitor: of a product and the kernel that goes over its tiles, each with its own values") {
  const variable<"a", float, 20, 30> A;
  const variable<"b", float, 30, 70> B;
  const auto p = matmul(A, B);
  const auto e = maximum(p + 1_c, 0_c) * exp(p);
  tensor<float, 20, 30> a;
  tensor<float, 30, 70> b;
  for (tenon::index i = 0; i < a.size(); ++i) a.data()[i] = float(i % 7 - 3) / 8;
  for (tenon::index i = 0; i < b.size(); ++i) b.data()[i] = float(i % 11 - 5) / 8;
  const test::vec product = values(eval(matmul(a, b)));
  auto ex = bind(e, cpu(0), arg<"a"> = a, arg<"b"> = b);
  auto apart = bind(e, cpu(0), passes::exact | passes::unfused, arg<"a"> = a, arg<"b"> = b);
  ex.forward();
  const test::vec result = values(ex.output<0>());
  const auto watched = [&](auto& executor) {
    std::vector<observed> seen;
    monitor(executor, [&](const observed& o) { seen.push_back(o); });
    executor.forward();
    unmonitor(executor);
    return seen;
  };
  const std::vector<observed> steps = watched(ex);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].name == "matmul0");
  CHECK(values(steps[0].value.as<float, 20, 70>()) == product);
  CHECK(values(steps[1].value.as<float, 20, 70>()) == result);
  ex.forward();
  CHECK(values(ex.output<0>()) == result);
  std::vector<std::string> nodes;
  for (const observed& o : watched(apart)) nodes.push_back(o.op);
  std::sort(nodes.begin(), nodes.end());
  CHECK(nodes == std::vector<std::string>{"add", "exp", "matmul", "maximum", "multiply"});
}

TEST_CASE("monitor: a callback that throws leaves the executor usable") {
  auto ex = bound();
  monitor(ex, [](const observed&) { throw usage_error("seen enough"); });
  CHECK(contains(thrown<usage_error>([&] { ex.forward(); }), "seen enough"));
  CHECK_THROWS_AS(ex.output<0>(), usage_error);
  unmonitor(ex);
  ex.forward();
  CHECK(values(ex.output<1>()) == values(tanh(matmul(rows(4), w) + b)));
}

// Bad input: one clear line each, and the executor goes on as if nothing had been asked.
#include <tenon/symbol/dictionary.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", dyn> X;
const variable<"w", float, dyn, 2> W;
const variable<"y", float, "batch", 2> Y;
auto loss() { return sum(square(matmul(X, W) - Y)); }

tensor<float, dyn, dyn> filled(tenon::index n, tenon::index m) {
  auto x = zeros<float>(n, m);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.125f * float(i % 13) - 0.75f;
  return x;
}
auto bound() {
  return bind(loss(), cpu(0), arg<"x"> = filled(4, 3), arg<"w"> = filled(3, 2), arg<"y"> = filled(4, 2));
}
/// What the executor gives when it is bound anew.
vec expected() {
  auto ex = bound();
  ex.forward(mode::train);
  ex.backward();
  return values(ex.grad<"w">());
}

/// Does something that must throw E with those words in one line; then the executor must work as ever.
template <class E, class F>
void refused(F f, const std::vector<std::string>& words) {
  static const vec gradient = expected();
  auto ex = bound();
  ex.forward(mode::train);
  const std::string line = thrown<E>([&] { f(ex); });
  CAPTURE(line);
  CHECK_FALSE(line.empty());
  CHECK_FALSE(contains(line, "\n"));
  for (const std::string& word : words) CHECK(contains(line, word));
  ex.forward(mode::train, arg<"x"> = filled(4, 3), arg<"w"> = filled(3, 2), arg<"y"> = filled(4, 2));
  ex.backward();
  CHECK(values(ex.template grad<"w">()) == gradient);
}

}  // namespace

TEST_CASE("a device that is not there") {
  const auto line = thrown<device_error>([] { bind(loss(), cpu(1)); });
  CHECK(contains(line, "cpu(1)"));
  CHECK(contains(line, "cpu(0)"));
  CHECK_THROWS_AS(simple_bind(loss(), cpu(3), arg<"x"> = {4, 3}), device_error);
}

TEST_CASE("missing arguments are all named") {
  auto ex = bind(loss(), cpu(0), arg<"w"> = filled(3, 2));
  CHECK(thrown<usage_error>([&] { ex.forward(); }) == "forward: the variables \"x\" and \"y\" have no value");
  CHECK(thrown<usage_error>([&] { ex.forward(arg<"x"> = filled(4, 3)); }) ==
        "forward: the variable \"y\" has no value");
  CHECK_THROWS_AS(ex.forward(mode::train), usage_error);
  CHECK_THROWS_AS(ex.output(), usage_error);
  ex.forward(arg<"y"> = filled(4, 2));
  CHECK(values(ex.output()) == values(sum(square(matmul(filled(4, 3), filled(3, 2)) - filled(4, 2)))));
}

TEST_CASE("a wrong shape") {
  refused<shape_error>([](auto& ex) { ex.forward(arg<"w"> = filled(3, 5)); },
                       {"\"w\" has shape [3, 5]", "[dyn, 2]"});
  refused<shape_error>([](auto& ex) { ex.set(arg<"y"> = filled(4, 1)); },
                       {"set: \"y\"", "[4, 1]", "[batch, 2]"});
  // what does not fit only together is found when it is run, before anything is written
  refused<shape_error>([](auto& ex) { ex.forward(arg<"w"> = filled(5, 2)); },
                       {"matmul", "\"x\" [batch=4, 3]", "\"w\" [5, 2]"});
  refused<shape_error>([](auto& ex) { ex.forward(mode::train, arg<"x"> = filled(4, 2)); },
                       {"matmul", "\"w\" [3, 2]"});
}

TEST_CASE("unequal sizes for one name") {
  refused<shape_error>([](auto& ex) { ex.forward(arg<"x"> = filled(6, 3)); },
                       {"\"batch\" is 6 in \"x\" and 4 in \"y\""});
  refused<shape_error>([](auto& ex) { ex.forward(mode::train, arg<"y"> = filled(1, 2)); },
                       {"\"batch\" is 4 in \"x\" and 1 in \"y\""});
  refused<shape_error>(
      [](auto& ex) {
        ex.reshape(extent_of<"batch"> = 3, arg<"x"> = {4, 3});
      },
      {"\"batch\""});
}

TEST_CASE("a wrong dtype, and names that are not there, at run time") {
  refused<dtype_error>([](auto& ex) { set_argument(ex, "w", astype<double>(filled(3, 2))); },
                       {"\"w\" has dtype float64, expected float32"});
  refused<usage_error>([](auto& ex) { set_argument(ex, "weight", filled(3, 2)); },
                       {"\"weight\"", "\"x\", \"w\" and \"y\""});
}

TEST_CASE("passes in the wrong order") {
  auto ex = bound();
  CHECK(contains(thrown<usage_error>([&] { ex.output(); }), "call forward() first"));
  CHECK(contains(thrown<usage_error>([&] { ex.grad<"w">(); }), "call backward() first"));
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "no forward(mode::train) before"));
  ex.forward();
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "no forward(mode::train) before"));
  CHECK(contains(thrown<usage_error>([&] { ex.gradients(); }), "call backward() first"));
  ex.forward(mode::train);
  ex.set(arg<"w"> = filled(3, 2));  // the values that backward would need are no longer bound
  CHECK_THROWS_AS(ex.backward(), usage_error);
  ex.forward(mode::train);
  ex.backward();
  CHECK(values(ex.grad<"w">()) == expected());
}

TEST_CASE("backward where every request is null") {
  refused<usage_error>(
      [](auto& ex) {
        ex.request(grad_req::null);
        try {
          ex.backward();
        } catch (...) {
          ex.request(grad_req::write);
          throw;
        }
      },
      {"every gradient request is null"});
}

TEST_CASE("a seed of another shape leaves the last gradients readable") {
  auto ex = bind(matmul(X, W), cpu(0), arg<"x"> = filled(4, 3), arg<"w"> = filled(3, 2));
  ex.forward(mode::train);
  ex.backward(ones<float>(4, 2));
  const vec before = values(ex.grad<"w">());
  const auto line = thrown<shape_error>([&] { ex.backward(ones<float>(3, 2)); });
  CHECK(contains(line, "[3, 2]"));
  CHECK(contains(line, "[4, 2]"));
  CHECK_THROWS_AS(ex.backward(ones<float>(2, 4)), shape_error);
  CHECK(values(ex.grad<"w">()) == before);
}

TEST_CASE("a size of a name that the graph has not: the names that it has are listed") {
  CHECK(contains(thrown<usage_error>([] { simple_bind(loss(), cpu(0), extent_of<"bacth"> = 4); }),
                 "this graph has no extent \"bacth\"; it has \"batch\""));
  const variable<"a", float, "rows", "columns"> A;
  refused<usage_error>([](auto& ex) { ex.reshape(extent_of<"rows"> = 3); }, {"it has \"batch\""});
  CHECK(contains(thrown<usage_error>([&] { infer_shape(sum(A), extent_of<"batch"> = 4); }),
                 "it has \"rows\" and \"columns\""));
}

// explain: tables whose numbers were counted by hand, of each kind of thing that can be explained.
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/symbol/explain.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::thrown;

namespace {

const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"b", float, 2> B;

std::string squeezed(const std::string& text) {  // runs of spaces as one: widths are not what is tested
  std::string out;
  for (const char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> r{""};
  for (const char c : text)
    if (c == '\n')
      r.emplace_back();
    else
      r.back() += c;
  return r;
}

}  // namespace

TEST_CASE("an expression in names, and at a size") {
  const auto e = tanh(matmul(X, W) + B);
  CHECK(
      explain(e) ==
      "2 kernels; nodes: 6 written, 6 after common subexpressions and simplification, 6 live\n"
      "\n"
      "kernel  ops                 result              bytes read     bytes written  FLOPs\n"
      "--------------------------------------------------------------------------------------\n"
      "0       matmul              [batch, 2] float32  12*batch + 24  8*batch        12*batch\n"
      "1       add tanh, on tiles  [batch, 2] float32  8*batch + 8    8*batch        4*batch\n"
      "--------------------------------------------------------------------------------------\n"
      "        total                                   20*batch + 32  16*batch       16*batch\n"
      "\n"
      "memory        bytes\n" +
          std::string(111, '-') +
          "\n"
          "arguments     12*batch + 32                  x [batch, 3] float32, w [3, 2] float32, b [2] "
          "float32\n"
          "results       8*batch                        [batch, 2] float32\n"
          "intermediate  64 + up64(8*batch)             one arena for all; a buffer for each would take 64 + "
          "up64(8*batch)\n"
          "peak          20*batch + 96 + up64(8*batch)  all of these\n"
          "on tiles: of the product before, where it is large\n"
          "up64(n): n rounded up to a multiple of 64\n");
  const std::string at4 = squeezed(explain(e, extent_of<"batch"> = 4));
  CHECK(contains(at4, "\n0 matmul [4, 2] float32 72 32 48\n"));
  CHECK(contains(at4, "\n1 add tanh, on tiles [4, 2] float32 40 32 16\n"));
  CHECK(contains(at4, "\n total 112 64 64\n"));
  CHECK(contains(at4, "\narguments 80 x [4, 3] float32, w [3, 2] float32, b [2] float32\n"));
  CHECK(contains(at4, "\nresults 32 [4, 2] float32\n"));
  CHECK(contains(at4, "\nintermediate 128 one arena for all; a buffer for each would take 128\n"));
  CHECK(contains(at4, "\npeak 240 all of these\n"));
  CHECK(contains(thrown<usage_error>([&] { explain(e, extent_of<"rows"> = 4); }), "\"rows\""));
}

TEST_CASE("common subexpressions and numbers that fall away are counted") {
  const auto e = (exp(X) + exp(X)) * 1_c;  // x, exp, add, 1, multiply: written once each
  const std::string text = explain(e);
  CHECK(contains(text, "nodes: 5 written, "));
  CHECK(contains(text, "3 live"));
}

TEST_CASE("arrays that are there give their sizes") {
  const auto a = ones<float>(4, 5);
  const auto b = ones<float>(5);
  const std::string text = squeezed(explain(sum(exp(a) * b, axis<1>)));
  CHECK(contains(text, "\n0 exp multiply sum<1> [4, 1] float32 100 16 56\n"));  // 20 + 20 + 4 * 4
  CHECK(contains(text, "array0 [4, 5] float32, array1 [5] float32"));
  CHECK_FALSE(contains(text, "another plan runs"));  // it is known which one
}

TEST_CASE("dynamic extents that meet: equal, or one is 1; what does not fit is an error") {
  const auto f = [](const auto& x, const auto& y) { return exp(x) * y; };
  auto step = compile(f, spec<float, dyn>{}, spec<float, dyn>{});
  CHECK(contains(explain(step), "another plan runs"));
  CHECK(contains(squeezed(explain(step)), "\n0 exp multiply [arg0.0] float32 8*arg0.0 4*arg0.0 2*arg0.0\n"));
  (void)step(ones<float>(5), ones<float>(5));
  CHECK(contains(squeezed(explain(step)), "\n0 exp multiply [5] float32 40 20 10\n"));
  (void)step(ones<float>(1), ones<float>(5));  // exp on one element, then a product of five
  const auto costs = kernel_costs(step);
  tenon::index work = 0;
  for (const kernel_cost& k : costs) work += k.flops;
  CHECK(work == 6);
  CHECK(contains(explain(step), "[5] float32"));
  CHECK_THROWS_AS(explain(step, extent_of<"arg0.0"> = 3), shape_error);
  CHECK_THROWS_AS(explain(step, extent_of<"arg0.0"> = -3), usage_error);
  CHECK(contains(squeezed(explain(step, extent_of<"arg1.0"> = 7)), "[7] float32"));  // what if
  const variable<"d", float, dyn, 3> D;
  CHECK_THROWS_AS(explain(slice<0, 0, 4>(D), extent_of<"d.0"> = 3), shape_error);
  CHECK_THROWS_AS((void)flops(exp(slice<0, 0, 4>(D)), extent_of<"d.0"> = 3), shape_error);
}

TEST_CASE("a compiled function, before and after its first call") {
  auto f = compile([](const auto& x, const auto& y) { return matmul(x, y); }, spec<float, dyn, 3>{},
                   spec<float, 3, dyn>{});
  CHECK(contains(squeezed(explain(f)), "\n0 matmul [arg0.0, arg1.1] float32"));
  CHECK(contains(explain(f), "6*arg0.0*arg1.1"));
  (void)f(ones<float>(4, 3), ones<float>(3, 7));
  CHECK(contains(squeezed(explain(f)), "\n0 matmul [4, 7] float32 132 112 168\n"));
  auto g = compile(value_and_grad([](const auto& x) { return sum(x * x); }), spec<double, 8>{});
  const auto costs = kernel_costs(g);
  tenon::index work = 0;
  for (const kernel_cost& k : costs) work += k.flops;
  CHECK(work == 8 + 7 + 8);  // x x, its sum, x + x
  CHECK(output_bytes(g) == 8 + 64);
}

TEST_CASE("an executor: both plans, at the sizes of its arguments; a group has several results") {
  const auto h = tanh(matmul(X, W));
  auto ex =
      bind(group(sum(h), h), cpu(0), arg<"x"> = zeros<float, "batch", 3>(5), arg<"w"> = zeros<float, 3, 2>());
  const std::string predict = squeezed(explain(ex)), train = squeezed(explain(ex, mode::train));
  CHECK(contains(predict, "\nresults 44 [] float32, [5, 2] float32\n"));
  CHECK_FALSE(contains(predict, "backward"));
  CHECK(contains(train, "backward"));
  CHECK(contains(train, "\nresults 128 [] float32, [5, 2] float32, gradient of x [5, 3] float32,"));
  const std::size_t fold = train.find("gradient of w");
  REQUIRE(fold != std::string::npos);
  CHECK(contains(train.substr(fold, 32), "[3, 2] float32"));
  ex.forward(mode::train);
  const std::string arena = detail::with_commas(ex.arena_bytes());
  CHECK(contains(train, "\nintermediate " + arena + " one arena"));
  const auto costs = kernel_costs(ex, mode::train);
  REQUIRE(costs.size() >= 4);
  CHECK(costs[0].ops == std::vector<std::string>{"matmul"});
  CHECK(costs[0].flops == 2 * 5 * 3 * 2);
  CHECK_FALSE(costs[0].backward);
  CHECK(costs.back().backward);
  CHECK_THROWS_AS(kernel_costs(h), usage_error);
  CHECK(kernel_costs(h, extent_of<"batch"> = 5).size() == 2);
}

TEST_CASE("a model's parameters are arguments") {
  nn::sequential<nn::dense<3, 4>, nn::tanh, nn::dense<4, 2>> model;
  const auto e = model(X);
  const std::string text = squeezed(explain(e, extent_of<"batch"> = 2));
  CHECK(contains(text, "parameter0 [3, 4] float32, parameter1 [4] float32,"));
  CHECK(contains(text, "parameter2 [4, 2] float32, parameter3 [2] float32"));
  CHECK(argument_bytes(e).text() == "12*batch + 104");  // 12 + 4 + 8 + 2 floats
  CHECK(flops(e).text() == "50*batch");                 // 24 + 4 + 4 + 16 + 2
}

TEST_CASE("loops: what begins and ends one is no kernel, forwards and backwards") {
  const variable<"xs", float, "t", 2> XS;
  const auto e = sum(scan([](auto s, auto x) { return tanh(s + x); }, B, XS));
  const std::string text = explain(e, mode::train, extent_of<"t"> = 5);
  int forward = 0, backward = 0;
  for (const kernel_cost& k : kernel_costs(e, mode::train, extent_of<"t"> = 5))
    ++(k.backward ? backward : forward);
  CHECK(contains(text, std::to_string(forward + backward) + " kernels (" + std::to_string(forward) +
                           " forward, " + std::to_string(backward) + " backward)"));
  CHECK(forward > 0);
  CHECK(backward > 0);
  CHECK(kernel_count(e, mode::train) == forward + backward);
}

TEST_CASE("tables are aligned, folded and without spaces at the ends of lines") {
  const auto e = -mean(pick(log_softmax(matmul(X, W)), variable<"y", int, "batch">{}));
  for (const std::string& line : lines_of(explain(e, mode::train))) {
    CHECK(line.size() < 200);
    CHECK((line.empty() || line.back() != ' '));
  }
  CHECK(detail::with_commas(0) == "0");
  CHECK(detail::with_commas(999) == "999");
  CHECK(detail::with_commas(1000) == "1,000");
  CHECK(detail::with_commas(-1234567) == "-1,234,567");
  detail::text_table t({{"a", false, 6}, {"n", true, 0}});
  t.row({"one two [3, 4] five", "1"});
  t.rule();
  t.heading("head");
  t.row({"x", "22"});
  CHECK(t.str() == "a        n\n----------\none      1\ntwo\n[3, 4]\nfive\n----------\nhead\nx       22\n");
}

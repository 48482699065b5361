// Graphs as JSON: the format, a way out and back, differences by node, and files that are not what they seem.
#include <tenon/autodiff/branches.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/symbol/json.hpp>

#include "../support.hpp"

#include <cstdio>
#include <filesystem>
#include <limits>

using namespace tenon;
using test::contains;
using test::thrown;

namespace {

const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"y", int, "batch"> Y;

const std::string small =
    "{\n"
    "  \"format\": \"tenon-graph\",\n"
    "  \"version\": 1,\n"
    "  \"nodes\": [\n"
    "    {\"op\": \"variable\", \"name\": \"x\", \"dtype\": \"float32\", \"shape\": [\"batch\", 3]},\n"
    "    {\"op\": \"sum\", \"inputs\": [0], \"attributes\": [2], \"dtype\": \"float32\", \"shape\": "
    "[\"batch\"]},\n"
    "    {\"op\": \"constant\", \"value\": 2, \"dtype\": \"weak\", \"shape\": []},\n"
    "    {\"op\": \"multiply\", \"inputs\": [1, 2], \"dtype\": \"float32\", \"shape\": [\"batch\"]}\n"
    "  ],\n"
    "  \"outputs\": [3]\n"
    "}\n";
auto expression_of_small() { return sum(X, axis<1>) * 2_c; }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
template <class E>
std::string difference(const E& e, const std::string& json) {
  const std::string line = thrown<io_error>([&] { check_json(e, json, "g.json"); });
  CHECK((line.empty() || line.rfind("g.json: ", 0) == 0));
  CHECK_FALSE(contains(line, "\n"));
  return line;
}

}  // namespace

TEST_CASE("the format") {
  CHECK(to_json(expression_of_small()) == small);
  CHECK(difference(expression_of_small(), small).empty());
}

TEST_CASE("out and back: expressions, groups, calls, arrays, parameters, compiled functions, executors") {
  const auto same = [](const auto& e) {
    const std::string text = to_json(e);
    CHECK(parse_graph(text) == record_graph(e));
    CHECK(to_json(parse_graph(text)) == text);
    check_json(e, text);
  };
  const auto logits = matmul(X, W);
  same(logits);
  same(-mean(pick(log_softmax(logits), Y)));
  same(group(sum(logits), logits));
  nn::sequential<nn::dense<3, 4>, nn::tanh, nn::dense<4, 2, "head">> model;
  same(model(X));
  same(exp(ones<double>(2, 3)) * 0.5);
  same(reshape<6>(transpose(W)));
  same(compile([](const auto& a, const auto& b) { return a * b; }, spec<float, dyn>{}, spec<float, dyn>{}));
  same(bind(logits, cpu(0)));
  same(X * constant<std::numeric_limits<int>::max()>);
  const auto r = record_graph(model(X));
  CHECK(r.nodes[0].op == "variable");
  CHECK(r.nodes[1].op == "parameter");
  CHECK(r.nodes[1].number == 0);
  CHECK(contains(to_json(r), "\"name\": \"head\""));
}

TEST_CASE("loops: each node of a body reads what it was written to read, numbers from outside among them") {
  const auto doubled = [](auto limit) {
    return while_loop([limit](auto v) { return sum(v) < limit; }, [](auto v) { return v * 2_c; }, X);
  };
  const auto loop = doubled(100_c);
  const graph_record g = record_graph(loop);
  int comparisons = 0;
  for (const graph_record::node& n : g.nodes) {
    if (n.op != "less") continue;
    ++comparisons;  // before the loop, and in it
    const graph_record::node& limit = g.nodes[std::size_t(n.inputs[1])];
    CHECK(limit.op == "constant");
    CHECK(limit.value == 100);
  }
  CHECK(comparisons == 2);
  for (std::size_t i = 0; i < g.nodes.size(); ++i)
    for (const tenon::index in : g.nodes[i].inputs) CHECK(in < tenon::index(i));
  check_json(loop, to_json(loop), "loop");
  CHECK(parse_graph(to_json(loop)) == g);
  CHECK(contains(thrown<io_error>([&] { check_json(doubled(50_c), to_json(loop), "loop"); }), "value"));
  const auto [last, all] = scan([](auto s, auto x) { return std::pair(tanh(s + x * 3_c), s); }, W * 1_c,
                                variable<"xs", float, "t", 3, 2>());
  check_json(group(last, all), to_json(group(last, all)), "scan");
  const auto branches = cond(
      sum(X) > 0_c, [](auto v) { return v * 2_c; }, [](auto v) { return exp(v); }, X);
  check_json(branches, to_json(branches), "cond");
}

TEST_CASE("numbers that JSON has not, and all digits of those that it has") {
  graph_record g;
  for (const double v : {0.1, -0.0, 1e-320, 1.7976931348623157e308, std::numeric_limits<double>::infinity(),
                         -std::numeric_limits<double>::infinity(), 1. / 3}) {
    graph_record::node n;
    n.op = "constant";
    n.has_value = true;
    n.value = v;
    n.dtype = "weak";
    g.nodes.push_back(n);
  }
  g.outputs = {0};
  CHECK(parse_graph(to_json(g)) == g);
  CHECK(std::signbit(parse_graph(to_json(g)).nodes[1].value));
  g.nodes[0].value = std::numeric_limits<double>::quiet_NaN();
  CHECK(detail::first_difference(g, parse_graph(to_json(g))).empty());
  g.nodes[0].value = -0.0;
  graph_record zero = g;
  zero.nodes[0].value = 0;
  CHECK(contains(detail::first_difference(g, zero), "value: expected -0, got 0"));
}

TEST_CASE("the first difference is named: node, expected, got") {
  const auto e = expression_of_small();
  CHECK(difference(e, replaced(small, "multiply", "divide")) ==
        "g.json: another graph: node 3 (multiply): op: expected \"multiply\", got \"divide\"");
  CHECK(contains(difference(e, replaced(small, "[\"batch\", 3]", "[\"rows\", 3]")),
                 "node 0 (variable): shape: expected [\"batch\", 3], got [\"rows\", 3]"));
  CHECK(contains(difference(e, replaced(small, "[\"batch\", 3]", "[null, 3]")), "got [null, 3]"));
  CHECK(contains(difference(e, replaced(small, "\"x\"", "\"z\"")), "name: expected \"x\", got \"z\""));
  CHECK(contains(difference(e, replaced(small, "[2], \"dtype", "[1], \"dtype")),
                 "node 1 (sum): attributes: expected [2], got [1]"));
  CHECK(contains(difference(e, replaced(small, "\"value\": 2", "\"value\": 2.5")),
                 "node 2 (constant): value: expected 2, got 2.5"));
  CHECK(contains(difference(e, replaced(small, "[1, 2]", "[2, 1]")), "inputs: expected [1, 2], got [2, 1]"));
  CHECK(contains(difference(e, replaced(small, "float32", "float64")), "dtype: expected float32"));
  CHECK(contains(difference(e, replaced(small, "\"outputs\": [3]", "\"outputs\": [1]")),
                 "outputs: expected [3], got [1]"));
  CHECK(contains(difference(exp(e), small), "nodes: expected 5, got 4"));
  CHECK(contains(difference(sum(X, axis<1>), small), "nodes: expected 2, got 4"));
}

TEST_CASE("text that describes no graph") {
  const auto e = expression_of_small();
  const auto refuses = [&](const std::string& from, const std::string& to, const std::string& part) {
    const std::string line = difference(e, replaced(small, from, to));
    CAPTURE(line);
    CHECK_FALSE(contains(line, "another graph"));
    CHECK(contains(line, part));
  };
  refuses("tenon-graph", "onnx", "format");
  refuses("\"version\": 1", "\"version\": 2", "version: expected 1, got 2");
  refuses("\"version\": 1", "\"version\": 1.5", "version");
  refuses("\"version\": 1,", "", "version");
  refuses("\"version\"", "\"more\": 0, \"version\"", "\"more\"");
  refuses("\"op\": \"sum\"", "\"op\": 3", "node 1: op: expected a string, got a number");
  refuses("\"op\": \"sum\", ", "", "node 1: expected the key \"op\"");
  refuses("\"op\": \"sum\"", "\"op\": \"sum\", \"axis\": 1", "node 1: there is no key \"axis\"");
  refuses("[0]", "[1]", "node 1: inputs: expected an earlier node, got 1");
  refuses("[0]", "[-1]", "got -1");
  refuses("[0]", "[99999999999999999999]", "inputs: expected an integer");
  refuses("[0]", "0", "inputs: expected an array");
  refuses("\"value\": 2", "\"value\": \"two\"", "node 2: value");
  refuses("\"value\": 2", "\"value\": 1e999", "node 2: value");
  refuses("[\"batch\", 3]", "[\"batch\", -3]", "shape");
  refuses("[\"batch\", 3]", "[\"\", 3]", "shape");
  refuses("[\"batch\", 3]", "[true, 3]", "shape");
  refuses("\"outputs\": [3]", "\"outputs\": [4]", "outputs: expected an earlier node, got 4");
  refuses("\"outputs\": [3]", "\"outputs\": {}", "outputs");
  for (const char* text : {"", "[]", "3", "null", "{}", "{\"format\": \"tenon-graph\"}"})
    CHECK_FALSE(difference(e, text).empty());
  for (std::size_t n = 0; n + 1 < small.size(); ++n) CHECK_FALSE(difference(e, small.substr(0, n)).empty());
}

TEST_CASE("binding that a file checks") {
  const std::string path = (std::filesystem::temp_directory_path() / "tenon_symbol_json_test.json").string();
  const auto e = matmul(X, W);
  write_file(path, to_json(e));
  auto ex = bind_json(path, e, cpu(0), arg<"x"> = ones<float, "batch", 3>(2), arg<"w"> = ones<float, 3, 2>());
  ex.forward();
  CHECK(test::values(ex.output<0>()) == test::vec(4, 3.));
  const std::string line = thrown<io_error>([&] { bind_json(path, tanh(e), cpu(0)); });
  CHECK(contains(line, path));
  CHECK(contains(line, "another graph"));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(bind_json(path, e, cpu(0)), io_error);
}

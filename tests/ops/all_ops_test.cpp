// Every op of the library is listed, and the derivatives of each elementwise op agree: reverse mode, forward mode and
// central differences, for each operand.
#include "references.hpp"

#include <tenon/eval/cpu/backend.hpp>
#include <tenon/ops/composite.hpp>
#include <tenon/plan/binding.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <vector>

using namespace tenon;
using namespace tenon::detail;

namespace {

template <class Op>
std::string type_name() {
  const std::string text = __PRETTY_FUNCTION__;
  std::smatch found;
  return std::regex_search(text, found, std::regex("Op = (?:tenon::)?(\\w+)")) ? found[1].str() : text;
}

using row = shape_of_extents<"n">;
template <class Op, int K>
using operand_leaf = argument<K, test::operand_type<Op, K, double>, row>;

/// The op on numbered leaves, with more leaves behind it: a seed, or tangents of the operands that have
/// derivatives.
template <class Op, int Arity>
struct applied_op;
template <class Op>
struct applied_op<Op, 1> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}));
};
template <class Op>
struct applied_op<Op, 2> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}, operand_leaf<Op, 1>{}));
};
template <class Op>
struct applied_op<Op, 3> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}, operand_leaf<Op, 1>{}, operand_leaf<Op, 2>{}));
};
template <class Graph, int K>
using with_leaf_of_reals = typename append<Graph, node<named_leaf<number<K>, double, row>>>::type;

template <class Op>
struct derivatives {
  using expression_type = typename applied_op<Op, Op::arity>::type;
  using graph_type = typename expression_type::graph_type;
  static constexpr int root = expression_type::root;
  static constexpr int first = Op::condition == 0 ? 1 : 0, count = Op::arity - first;
  using wrt =
      std::conditional_t<first == 1, places<1, 2>, std::conditional_t<count == 1, places<0>, places<0, 1>>>;
  using seeded = with_leaf_of_reals<graph_type, 10>;
  using one_tangent = with_leaf_of_reals<graph_type, 11>;
  using tangents = typename std::conditional_t<count == 1, std::type_identity<one_tangent>,
                                               std::type_identity<with_leaf_of_reals<one_tangent, 12>>>::type;
  using reverse = plan<passes<seeded, places<root>, derive::pullback, wrt>, host::backend<>, false>;
  using forward = plan<passes<tangents, places<root>, derive::tangent, wrt>, host::backend<>, false>;
};

template <class T>
leaf leaf_over(const std::vector<T>& v) {
  leaf l;
  l.data = v.data();
  l.extent[0] = static_cast<tenon::index>(v.size());
  l.stride[0] = 1;
  return l;
}

using numbers = std::vector<double>;

std::vector<numbers> run(const plan_table& table, const std::vector<leaf>& leaves) {
  std::vector<const leaf*> pointers;
  for (const leaf& l : leaves) pointers.push_back(&l);
  binding<> b(table);
  REQUIRE(b.resolve(pointers.data()));
  std::byte* none[8] = {};
  b.place(none);
  b.run();
  std::vector<numbers> r;
  for (int o = 0; o < table.outputs; ++o) {
    const double* const from = reinterpret_cast<const double*>(b.output(o));
    r.emplace_back(from, from + leaves[0].extent[0]);
  }
  return r;
}

template <class Op>
void check_derivatives() {
  INFO(std::string(Op::name));
  using D = derivatives<Op>;
  constexpr int n = 23;
  // within the domain, and away from ties and kinks
  const bool positive = std::is_same_v<Op, log_op> || std::is_same_v<Op, sqrt_op>;
  std::vector<std::uint8_t> condition(n);
  std::vector<numbers> x(3, numbers(n)), direction(3, numbers(n));
  numbers seed(n);
  for (int i = 0; i < n; ++i) {
    condition[std::size_t(i)] = i % 3 == 0;
    x[0][std::size_t(i)] = positive ? 0.1 + i * 0.37 : -2.05 + i * 0.19;
    x[1][std::size_t(i)] = 1.73 - i * 0.17;
    x[2][std::size_t(i)] = std::cos(i);
    for (int k = 0; k < 3; ++k) direction[std::size_t(k)][std::size_t(i)] = std::sin(1 + i + 5 * k);
    seed[std::size_t(i)] = 0.5 + std::sin(3 * i);
  }
  const auto operands = [&](const std::vector<numbers>& at) {
    std::vector<leaf> l;
    for (int k = 0; k < Op::arity; ++k)
      l.push_back(k == Op::condition ? leaf_over(condition) : leaf_over(at[std::size_t(k)]));
    return l;
  };
  auto leaves = operands(x);
  leaves.push_back(leaf_over(seed));
  const auto reverse = run(D::reverse::table, leaves);
  leaves = operands(x);
  for (int k = D::first; k < Op::arity; ++k) leaves.push_back(leaf_over(direction[std::size_t(k)]));
  const auto forward = run(D::forward::table, leaves);
  CHECK(reverse[0] == forward[0]);

  numbers along(n);  // what reverse mode says of the same direction
  for (int k = D::first; k < Op::arity; ++k) {
    CAPTURE(k);
    const double h = 1e-5;
    auto up = x, down = x;
    for (int i = 0; i < n; ++i) {
      up[std::size_t(k)][std::size_t(i)] += h;
      down[std::size_t(k)][std::size_t(i)] -= h;
    }
    const auto f = test::real_references().at(Op::name);
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto value = [&](const std::vector<numbers>& at) {
        return f(Op::condition == 0 ? condition[i] : test::real(at[0][i]), at[1][i], at[2][i]);
      };
      const double slope = double((value(up) - value(down)) / (2 * test::real(h)));
      const double got = reverse[std::size_t(1 + k - D::first)][i];
      worst = std::max(worst, std::fabs(got - seed[i] * slope) / (1 + std::fabs(slope)));
      along[i] += got / seed[i] * direction[std::size_t(k)][i];
    }
    CHECK(worst < 1e-7);  // h^2 times third derivatives, of order 100 where 1/x is
  }
  double apart = 0;
  for (std::size_t i = 0; i < n; ++i)
    apart = std::max(apart, std::fabs(forward[1][i] - along[i]) / (1 + std::fabs(along[i])));
  CHECK(apart < 1e-13);
}

}  // namespace

TEST_CASE("every op that ops/ declares is in all_ops") {
  std::set<std::string> declared, listed;
  const std::regex declaration("struct (\\w+_op) *:");
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(TENON_SOURCE_DIR) + "/include/tenon/ops")) {
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);)
      if (std::smatch found; std::regex_search(line, found, declaration)) declared.insert(found[1].str());
  }
  test::for_each_op<all_ops>::run([&]<class Op>() { listed.insert(type_name<Op>()); });
  CHECK(declared.size() >= 30);
  CHECK(listed.size() == std::size_t(all_ops::size));
  for (const std::string& op : declared) {
    INFO(op, " is declared; add it to ops/all_ops.hpp");
    CHECK(listed.count(op) == 1);
  }
  for (const std::string& op : listed) {
    INFO(op, " is listed and nowhere declared");
    CHECK(declared.count(op) == 1);
  }
}

TEST_CASE("reverse mode, forward mode and central differences agree for every elementwise op") {
  test::for_each_op<elementwise_ops>::run([]<class Op>() {
    if constexpr (Op::smooth) {
      REQUIRE(test::real_references().count(Op::name) == 1);
      check_derivatives<Op>();
    }
  });
}

// Functions of the program's own in graphs: any number of operands, of any dtypes and ranks; several results.
#include <tenon/array/host_call.hpp>
#include <tenon/autodiff/scan.hpp>
#include <tenon/autodiff/transforms.hpp>
#include <tenon/seeing.hpp>
#include <tenon/symbol/compile.hpp>

#include "../support.hpp"

#include <algorithm>

using namespace tenon;
using test::thrown;
using test::values;

namespace {

/// The sum over j of a(i, j) b(j) c, where d(i) holds, plus e: five dtypes, four ranks.
const auto weighed = [](const tensor<float, dyn, 3>& a, const tensor<std::int8_t, 3>& b,
                        const tensor<double>& c, const tensor<bool, dyn>& d,
                        const tensor<std::int64_t, dyn, 1>& e) {
  auto r = zeros<double>(a.extent(0));
  for (tenon::index i = 0; i < a.extent(0); ++i) {
    if (d(i))
      for (tenon::index j = 0; j < 3; ++j) r(i) += double(a(i, j)) * double(b(j)) * c.item();
    r(i) += double(e(i, 0));
  }
  return r;
};
struct arguments {
  tensor<float, dyn, 3> a;
  tensor<std::int8_t, 3> b{1, -2, 3};
  tensor<double> c = 0.5;
  tensor<bool, dyn> d;
  tensor<std::int64_t, dyn, 1> e;
  explicit arguments(tenon::index n)
      : a(zeros<float>(n, 3)), d(zeros<bool>(n)), e(zeros<std::int64_t>(n, 1)) {
    for (tenon::index i = 0; i < n; ++i) {
      for (tenon::index j = 0; j < 3; ++j) a(i, j) = static_cast<float>(3 * i + j);
      d(i) = i % 3 != 1;
      e(i, 0) = 100 * i;
    }
  }
  test::vec plus_one() const {
    const auto r = weighed(a, b, c, d, e);
    test::vec v(r.begin(), r.end());
    for (double& one : v) ++one;
    return v;
  }
};

}  // namespace

TEST_CASE("five operands, in statements, compiled, with and without fusion") {
  const auto f = [](const auto&... x) { return host_call(weighed, x...) + 1.0; };
  auto planned = compile(f, spec<float, dyn, 3>{}, spec<std::int8_t, 3>{}, spec<double>{}, spec<bool, dyn>{},
                         spec<std::int64_t, dyn, 1>{});
  auto unfused = compile(f, passes::exact | passes::unfused, spec<float, dyn, 3>{}, spec<std::int8_t, 3>{},
                         spec<double>{}, spec<bool, dyn>{}, spec<std::int64_t, dyn, 1>{});
  CHECK(kernel_count(planned) == 3);  // operands side by side, the call, the sum
  for (const tenon::index n : {0, 1, 2, 7, 40}) {
    const arguments x(n);
    const test::vec expected = x.plus_one();
    const tensor<double, dyn> statement = f(x.a, x.b, x.c, x.d, x.e);
    CHECK(values(statement) == expected);
    CHECK(values(planned(x.a, x.b, x.c, x.d, x.e)) == expected);
    CHECK(values(unfused(x.a, x.b, x.c, x.d, x.e)) == expected);
  }
}

TEST_CASE("operands that are views and expressions; names of extents") {
  const variable<"x", float, "batch", 4> X;
  const variable<"n", std::int32_t, "batch"> N;
  const variable<"w", double, 4, "batch"> W;
  const auto e = host_call(
      [](const tensor<float, 4, "batch">& x, const tensor<std::int32_t, "batch">& n,
         const tensor<double, "batch", 4>& w) {
        tensor<double, "batch"> r = zeros<double, "batch">(n.extent(0));
        for (tenon::index i = 0; i < n.extent(0); ++i)
          for (tenon::index k = 0; k < 4; ++k) r(i) += double(x(k, i)) * double(n(i)) + w(i, k);
        return r;
      },
      transpose(X) * 2.f, N + 1, transpose(W));
  static_assert(
      std::is_same_v<std::remove_cvref_t<decltype(e)>::shape_type, tensor<double, "batch">::shape_type>);
  auto ex = simple_bind(e, cpu(0), extent_of<"batch"> = 3);
  for (const tenon::index n : {3, 5, 1}) {
    tensor<float, "batch", 4> x = zeros<float, "batch", 4>(n);
    tensor<std::int32_t, "batch"> k = zeros<std::int32_t, "batch">(n);
    tensor<double, 4, "batch"> w = zeros<double, 4, "batch">(n);
    for (tenon::index i = 0; i < n; ++i) {
      k(i) = static_cast<std::int32_t>(i);
      for (tenon::index j = 0; j < 4; ++j) x(i, j) = static_cast<float>(i + j), w(j, i) = double(10 * j + i);
    }
    ex.forward(arg<"x"> = x, arg<"n"> = k, arg<"w"> = w);
    for (tenon::index i = 0; i < n; ++i)
      CHECK(ex.output<0>()(i) == 2 * double(4 * i + 6) * double(i + 1) + 60 + 4 * double(i));
  }
}

TEST_CASE("extents of the second operand; one operand of any shape") {
  const tensor<float> scale = 3.f;
  const tensor<std::int32_t, dyn> n{1, 2, 3, 4};
  const auto f = [](const tensor<float>& s, const tensor<std::int32_t, dyn>& v) {
    tensor<float, dyn> r = astype<float>(v) * s.item();
    return r;
  };
  CHECK(values(host_call(f, scale, n)) == test::vec{3, 6, 9, 12});
  CHECK(values(host_call(
            [](const tensor<float>& s) {
              return tensor<float, 2>{s.item(), 1};
            },
            scale)) == test::vec{3, 1});
}

TEST_CASE("several results: arrays at once, expressions where something is traced") {
  int calls = 0;
  const auto f = [&calls](const tensor<float, dyn>& x, const tensor<std::int32_t, dyn, 2>& y) {
    ++calls;
    auto order = zeros<std::int64_t>(x.extent(0));
    for (tenon::index i = 0; i < x.extent(0); ++i) order(i) = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return x(a) < x(b); });
    tensor<float, dyn> sorted = x;
    std::sort(sorted.begin(), sorted.end());
    return std::tuple(sorted, order, tensor<double>(double(eval(sum(y)).item())),
                      tensor<bool, 3>{true, false, true});
  };
  const tensor<float, dyn> x{5, 1, 4, 2, 3};
  const auto y = ones<std::int32_t>(3, 2);
  const auto [sorted, order, total, flags] = host_call(f, x, y);
  CHECK(calls == 1);
  CHECK(values(sorted) == test::vec{1, 2, 3, 4, 5});
  CHECK(values(order) == test::vec{1, 3, 4, 2, 0});
  CHECK(total.item() == 6);
  CHECK(values(flags) == test::vec{1, 0, 1});
  auto planned = compile(
      [&](const auto& v, const auto& w) {
        const auto [a, b, c, d] = host_call(f, v * 2.f, w);
        return group(a + astype<float>(c), b + 1, d);
      },
      spec<float, dyn>{}, spec<std::int32_t, dyn, 2>{});
  for (int k = 0; k < 2; ++k) {
    const auto [a, b, d] = planned(x, y);
    CHECK(values(a) == test::vec{8, 10, 12, 14, 16});
    CHECK(values(b) == test::vec{2, 4, 5, 3, 1});
    CHECK(values(d) == test::vec{1, 0, 1});
  }
}

TEST_CASE("in a loop, with an operand from outside") {
  const auto f = [](const tensor<float, 2>& h, const tensor<float, 2>& x, const tensor<std::int32_t>& k) {
    return tensor<float, 2>{h(0) + x(0) * float(k.item()), h(1) - x(1)};
  };
  auto planned = compile(
      [&](const auto& h, const auto& xs, const auto& k) {
        return scan([&](const auto& c, const auto& v, const auto& n) { return host_call(f, c, v, n); }, h, xs,
                    k);
      },
      spec<float, 2>{}, spec<float, "time", 2>{}, spec<std::int32_t>{});
  const tensor<float, 2> h{1, 2};
  const tensor<std::int32_t> k = 3;
  tensor<float, "time", 2> xs = ones<float, "time", 2>(4);
  xs(2, 0) = 5;
  CHECK(values(planned(h, xs, k)) == test::vec{1 + 3 * 8, -2});
}

TEST_CASE("what does not fit leaves targets as they were") {
  tensor<float, dyn> kept{1, 2};
  const tensor<std::int32_t, dyn> y{1, 2};
  const auto wrong = host_call(
      [](const tensor<float, dyn>&, const tensor<std::int32_t, dyn>&, const tensor<std::int32_t, dyn>&) {
        return tensor<float, dyn>{1, 2, 3};
      },
      kept, y, y);
  CHECK(thrown<shape_error>([&] { kept = wrong; }) ==
        "host_call: axis 0 of what the function returned has extent 3, expected 2");
  CHECK(values(kept) == test::vec{1, 2});
  const auto second = [](const tensor<float, dyn>& v) { return std::tuple(v, tensor<float, dyn>{1}); };
  CHECK(thrown<shape_error>([&] { host_call(second, kept); }) ==
        "host_call: axis 0 of result 1 that the function returned has extent 1, expected 2");
}

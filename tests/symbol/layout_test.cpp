// Layered layouts of generated graphs: nothing overlaps, edges go down past what is not theirs, small graphs
// come out as one would draw them.
#include <tenon/symbol/layout.hpp>

#include <doctest/doctest.h>

#include <random>

using tenon::detail::layered_layout;

namespace {

struct made {
  std::vector<double> width, height;
  std::vector<std::pair<int, int>> edges;
};
made random_graph(unsigned seed) {
  std::mt19937 r(seed);
  const auto below = [&](unsigned n) { return int(r() % n); };
  made g;
  const int n = 1 + below(40);
  for (int i = 0; i < n; ++i) {
    g.width.push_back(10 + below(120));
    g.height.push_back(10 + below(60));
  }
  for (int e = n > 1 ? below(unsigned(3 * n)) : 0; e > 0; --e) {
    const int a = below(unsigned(n)), b = below(unsigned(n));
    if (a != b) g.edges.emplace_back(std::min(a, b), std::max(a, b));
  }
  return g;
}

}  // namespace

TEST_CASE("generated graphs: nodes are apart, edges go down and past nodes") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const made g = random_graph(seed);
    layered_layout l(16, 30);
    const int n = int(g.width.size());
    for (int i = 0; i < n; ++i) l.add(g.width[std::size_t(i)], g.height[std::size_t(i)]);
    for (const auto& [a, b] : g.edges) l.link(a, b);
    l.run();
    int overlaps = 0, upward = 0, through = 0, outside = 0;
    const auto left = [&](int i) { return l.x(i) - g.width[std::size_t(i)] / 2; };
    const auto right = [&](int i) { return l.x(i) + g.width[std::size_t(i)] / 2; };
    const auto bottom = [&](int i) { return l.top(i) + g.height[std::size_t(i)]; };
    for (int i = 0; i < n; ++i) {
      outside +=
          left(i) < -1e-6 || right(i) > l.width() + 1e-6 || l.top(i) < -1e-6 || bottom(i) > l.height() + 1e-6;
      for (int j = 0; j < i; ++j)
        overlaps +=
            left(i) < right(j) + 8 && left(j) < right(i) + 8 && l.top(i) < bottom(j) && l.top(j) < bottom(i);
    }
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
      const auto& [a, b] = g.edges[e];
      upward += bottom(a) + 29 > l.top(b);
      const auto route = l.route(int(e));
      double y = bottom(a);
      for (const auto& p : route) {
        upward += p.top < y - 1e-6 || p.bottom < p.top - 1e-6;
        y = p.bottom;
        for (int i = 0; i < n; ++i)
          through +=
              i != a && i != b && p.x > left(i) && p.x < right(i) && p.top < bottom(i) && l.top(i) < p.bottom;
      }
      CHECK(route.front().x == doctest::Approx(l.x(a)));
      CHECK(route.back().x == doctest::Approx(l.x(b)));
    }
    CHECK(overlaps == 0);
    CHECK(upward == 0);
    CHECK(through == 0);
    CHECK(outside == 0);
  }
}

TEST_CASE("a chain is a straight line, a diamond is symmetric") {
  layered_layout chain(10, 20);
  for (int i = 0; i < 5; ++i) chain.add(10 + 10 * i, 10);
  for (int i = 0; i < 4; ++i) chain.link(i, i + 1);
  chain.run();
  for (int i = 1; i < 5; ++i) CHECK(chain.x(i) == doctest::Approx(chain.x(0)).epsilon(0.01));
  layered_layout diamond(10, 20);
  for (int i = 0; i < 4; ++i) diamond.add(40, 10);
  diamond.link(0, 1);
  diamond.link(0, 2);
  diamond.link(1, 3);
  diamond.link(2, 3);
  diamond.run();
  CHECK(diamond.x(0) == doctest::Approx(diamond.x(3)).epsilon(0.02));
  CHECK(std::abs(diamond.x(1) - diamond.x(2)) >= 50 - 1e-6);
  CHECK(diamond.x(1) + diamond.x(2) == doctest::Approx(2 * diamond.x(0)).epsilon(0.02));
  CHECK(diamond.top(1) == diamond.top(2));
}

TEST_CASE("edges that need not cross do not") {
  // two chains whose nodes were added crosswise
  layered_layout l(10, 20);
  for (int i = 0; i < 6; ++i) l.add(20, 10);
  l.link(0, 3);
  l.link(1, 2);
  l.link(2, 5);
  l.link(3, 4);
  l.run();
  CHECK((l.x(0) < l.x(1)) == (l.x(3) < l.x(2)));
  CHECK((l.x(3) < l.x(2)) == (l.x(4) < l.x(5)));
}

TEST_CASE("pins: first and last ranks, in the order of their keys") {
  layered_layout l(10, 20);
  const int a = l.add(8, 0, layered_layout::pin::top, 2), b = l.add(8, 0, layered_layout::pin::top, 1);
  const int x = l.add(30, 20), y = l.add(30, 20), out = l.add(8, 0, layered_layout::pin::bottom, 0);
  l.link(a, x);
  l.link(b, y);
  l.link(x, out);
  l.run();
  CHECK(l.x(b) < l.x(a));
  CHECK(l.top(a) == 0);
  CHECK(l.top(x) == 20);
  CHECK(l.top(out) == l.height());
  layered_layout nothing(1, 1);
  nothing.run();
  CHECK(nothing.width() == 0);
  CHECK(nothing.height() == 0);
}

#include <tenon/ops/joining.hpp>
#include <tenon/ops/matmul.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T, int R>
void moved(report& to, const char* op, const std::string& attributes, int n, auto f) {
  for (int i = to.repeats(n); i > 0; --i) {
    const auto x = draw_part<T, R>(to.random, draw_sizes<R>(to.random), draw_values<T>(to.random));
    to.begin(op, attributes);
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}

template <class T, int... Order>
void permuted(report& to) {
  moved<T, sizeof...(Order)>(to, "permute", listed("order", {Order...}), 20,
                             [](const auto& x) { return tenon::permute<Order...>(x); });
}
/// Axis Order[0] becomes the first, and so on: all 24, as digits of a number.
template <class T, int K>
void permuted_four(report& to) {
  constexpr auto order = [] {
    std::array<int, 4> rest{0, 1, 2, 3}, o{};
    int k = K;
    for (int left = 4; left > 0; --left) {
      const int at = k % left;
      k /= left;
      o[std::size_t(4 - left)] = rest[std::size_t(at)];
      for (int i = at; i + 1 < left; ++i) rest[std::size_t(i)] = rest[std::size_t(i + 1)];
    }
    return o;
  }();
  permuted<T, order[0], order[1], order[2], order[3]>(to);
}

template <class T, int... A>
void flipped(report& to) {
  moved<T, 3>(to, "flip", sizeof...(A) > 0 ? listed("axes", {A...}) : "", 20,
              [](const auto& x) { return tenon::flip(x, tenon::axes<A...>); });
}

template <class T, int R, int A>
void expanded(report& to) {
  moved<T, R>(to, "expand_dims", listed("axis", {A}), 15,
              [](const auto& x) { return tenon::expand_dims<A>(x); });
}

/// Axes of extent 1 are dropped that static extents say are 1.
template <class T>
void squeezed(report& to) {
  source& s = to.random;
  for (int i = to.repeats(40); i > 0; --i) {
    const auto e = draw_sizes<2>(s);
    const auto x = draw_part<T, 2>(s, e, draw_values<T>(s));
    to.begin("squeeze_back");
    record(to, x);
    to.of([&] { return tenon::squeeze<0, 2>(tenon::expand_dims<0>(tenon::expand_dims<1>(x.seen))); });
    const auto fixed = tenon::basic_tensor<T, tenon::shape_of_extents<1, tenon::dyn, 1>>(
        tenon::reshape<1, tenon::dyn, 1>(x.seen));
    to.begin("squeeze");
    to.operand(fixed.flat(), fixed.shape().data(), fixed.strides().data(), 3);
    to.of([&] { return tenon::squeeze(fixed); });
  }
}

template <class T, int R, tenon::extent... E>
void reshaped(report& to, std::initializer_list<index> shape, index multiple) {
  source& s = to.random;
  for (int i = to.repeats(25); i > 0; --i) {
    auto e = draw_sizes<R>(s, 200);
    e[std::size_t(s.below(R))] *= multiple;
    const auto x = draw_part<T, R>(s, e, draw_values<T>(s));
    to.begin("reshape", listed("shape", shape));
    record(to, x);
    to.of([&] { return tenon::reshape<E...>(x.seen); });
  }
}

template <class T, int R, int Axis>
void joined(report& to) {
  source& s = to.random;
  for (int i = to.repeats(20); i > 0; --i) {
    const auto e = draw_sizes<R>(s, 300);
    const auto with_axis = [&](index n) {
      auto r = e;
      r[Axis] = n;
      return r;
    };
    const auto a = draw_part<T, R>(s, e, draw_values<T>(s));
    const auto b = draw_part<T, R>(s, with_axis(s.below(6)), draw_values<T>(s));
    const auto c = draw_part<T, R>(s, with_axis(s.below(6)), draw_values<T>(s));
    const auto like = draw_part<T, R>(s, e, draw_values<T>(s));
    to.begin("concat", listed("axis", {Axis}));
    record(to, a);
    record(to, b);
    to.of([&] { return tenon::concat<Axis>(a.seen, b.seen); });
    to.begin("concat", listed("axis", {Axis}));
    record(to, a);
    record(to, b);
    record(to, c);
    to.of([&] { return tenon::concat<Axis>(a.seen, b.seen, c.seen); });
    to.begin("stack", listed("axis", {Axis}));
    record(to, a);
    record(to, like);
    to.of([&] { return tenon::stack<Axis>(a.seen, like.seen); });
  }
}

template <class T, int RA, int RB>
void spread(report& to) {
  source& s = to.random;
  for (int i = to.repeats(25); i > 0; --i) {
    const auto e = draw_sizes<RB>(s);
    sizes<RA> ea{};
    std::copy(e.end() - RA, e.end(), ea.begin());
    const auto a = draw_part<T, RA>(s, thinned<RA>(s, ea, 50), draw_values<T>(s));
    const auto b = draw_part<T, RB>(s, e, values::tame);
    to.begin("broadcast_like");
    record(to, a);
    record(to, b);
    to.of([&] { return tenon::broadcast_like(a.seen, b.seen); });
  }
}

/// Slices whose bounds the compiler knows.
template <class T, int Axis, index Begin, index End, index Step>
void cut(report& to) {
  source& s = to.random;
  for (int i = to.repeats(20); i > 0; --i) {
    auto e = draw_sizes<2>(s);
    e[Axis] += 8;
    const auto x = draw_part<T, 2>(s, e, draw_values<T>(s));
    to.begin("slice", Axis == 0 ? listed("which", {1, Begin, End, Step})
                                : listed("which", {2, 0, 0, 0, 1, Begin, End, Step}));
    record(to, x);
    to.of([&] { return tenon::slice<Axis, Begin, End, Step>(x.seen); });
  }
}

template <class A, class B>
void products(report& to) {
  constexpr index some[] = {0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 70, 130};
  constexpr values kinds[] = {values::tame, values::ties, values::wide, values::special};
  source& s = to.random;
  for (int i = to.repeats(150); i > 0; --i) {
    const index m = some[s.below(i % 10 == 0 ? 17 : 12)], k = some[s.below(17)], n = some[s.below(14)];
    const auto a = draw_part<A, 2>(s, {m, k}, kinds[s.below(4)]);
    const auto b = draw_part<B, 2>(s, {k, n}, kinds[s.below(4)]);
    to.begin("matmul");
    record(to, a);
    record(to, b);
    to.of([&] { return tenon::matmul(a.seen, b.seen); });
    const auto c = draw_part<A, 2>(s, {k, m}, kinds[s.below(2)]);
    to.begin("matmul_transposed");
    record(to, c);
    record(to, b);
    to.of([&] { return tenon::matmul(tenon::transpose(c.seen), b.seen); });
  }
}

template <class T>
void of_type(report& to) {
  permuted<T, 1, 0>(to);
  permuted<T, 2, 0, 1>(to);
  permuted<T, -1, 1, 0>(to);
  flipped<T>(to);
  flipped<T, 1>(to);
  flipped<T, 0, -1>(to);
  expanded<T, 3, 1>(to);
  squeezed<T>(to);
  reshaped<T, 3, 2, tenon::dyn, 3>(to, {2, -1, 3}, 6);
  reshaped<T, 3, tenon::dyn>(to, {-1}, 1);
  joined<T, 3, 1>(to);
  spread<T, 2, 3>(to);
  cut<T, 0, 2, 7, 1>(to);
  cut<T, 1, 7, 1, -2>(to);
  cut<T, 1, 3, 3, 1>(to);
}

}  // namespace

void shapes(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  of_type<bool>(to);
  [&]<int... K>(std::integer_sequence<int, K...>) { (permuted_four<float, K>(to), ...); }
  (std::make_integer_sequence<int, 24>());
  flipped<float, 0>(to);
  flipped<float, 2>(to);
  expanded<float, 0, 0>(to);
  expanded<float, 1, -1>(to);
  expanded<float, 2, 0>(to);
  expanded<float, 3, -1>(to);
  reshaped<float, 4, tenon::dyn, 4>(to, {-1, 4}, 4);
  reshaped<float, 1, 2, 2, tenon::dyn>(to, {2, 2, -1}, 4);
  joined<float, 1, 0>(to);
  joined<float, 2, 0>(to);
  joined<float, 2, 1>(to);
  joined<float, 4, 3>(to);
  spread<float, 0, 2>(to);
  spread<float, 4, 4>(to);
  products<float, float>(to);
  products<double, double>(to);
  products<i32, i32>(to);
  products<i64, i64>(to);
  products<float, double>(to);
}

}  // namespace oracle

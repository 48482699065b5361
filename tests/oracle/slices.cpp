// x.slice(...): read, assigned to, updated, and assigned from a part of itself; updates of whole arrays that
// read what they write.
#include <tenon/ops/shape.hpp>

#include <tuple>

#include "cases.hpp"

namespace oracle {

namespace {

/// A range that the axis allows, in all the ways of writing it.
tenon::range some_range(source& s, index n) {
  if (n == 0) return {0, 0};
  const index begin = s.below(n);
  index step = s.between(1, 3), end = s.between(begin, n);
  if (s.chance(40)) {
    step = -step;
    end = s.between(-1, begin);
  }
  if (s.chance(5)) {  // none
    end = begin;
    step = 1;
  }
  return {s.chance(30) ? begin - n : begin, end < 0 || (end < n && s.chance(30)) ? end - n : end, step};
}

struct some_index {};
struct some_part {};

struct chosen {
  std::string text;
  template <class K>
  auto operator()(source& s, K, index n) {
    text += text.empty() ? "which=" : ",";
    if constexpr (std::is_same_v<K, some_index>) {
      const index i = s.between(-n, n - 1);
      text += "0," + std::to_string(i) + ",0,0";
      return i;
    } else if constexpr (std::is_same_v<K, some_part>) {
      const tenon::range r = some_range(s, n);
      text += "1," + std::to_string(r.begin) + "," + std::to_string(r.end) + "," + std::to_string(r.step);
      return r;
    } else {
      text += "2,0,0,0";
      return tenon::all;
    }
  }
};

template <class T, int R>
array<T, R> filled(source& s, const sizes<R>& e) {
  auto x = array<T, R>::uninitialised(e);
  const values v = draw_values<T>(s);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = draw<T>(s, v);
  return x;
}

/// The elements of a slice, whose rank says its type.
template <class T, int R, class... K>
void sliced(report& to, int n, K... kinds) {
  source& s = to.random;
  for (int i = to.repeats(n); i > 0; --i) {
    auto e = draw_sizes<R>(s);
    for (index& x : e) x = std::max<index>(x, s.chance(90) ? 1 : 0);
    if ((std::is_same_v<K, some_index> || ...))
      for (index& x : e) x = std::max<index>(x, 1);
    auto x = filled<T, R>(s, e);
    const auto same = x;
    auto original = array<T, R>::uninitialised(e);
    std::copy(x.begin(), x.end(), original.own());
    chosen choose;
    std::size_t axis = 0;
    const auto next = [&](auto kind) { return choose(s, kind, e[axis++]); };
    const std::tuple which{next(kinds)...};
    const auto part = [&](auto& of) { return std::apply([&](auto... w) { return of.slice(w...); }, which); };
    const auto begin = [&](const char* op) {
      to.begin(op, choose.text);
      record_whole(to, x);
    };
    begin("slice");
    to.of([&] { return part(std::as_const(x)); });

    // What is assigned is a part of a larger array too, one that broadcasts.
    using View = decltype(part(std::as_const(x)));
    constexpr int rank = View::rank;
    sizes<rank> target{};
    {
      const View v = part(std::as_const(x));
      for (int k = 0; k < rank; ++k) target[std::size_t(k)] = v.extent(k);
    }
    const auto y = draw_part<T, rank>(s, thinned<rank>(s, target), draw_values<T>(s));
    const auto written = [&](const char* op, auto f) {
      begin(op);
      record(to, y);
      to.of([&] {
        f();
        return x;
      });
    };
    written("slice_assign", [&] { part(x) = y.seen; });
    if constexpr (!std::is_same_v<T, bool>) {
      written("slice_add", [&] { part(x) += y.seen; });
      written("slice_multiply", [&] { part(x) *= y.seen; });
    }
    const T number = draw<T>(s, values::tame);
    begin("slice_fill");
    to.operand(&number, nullptr, nullptr, 0);
    to.of([&] {
      part(x) = number;
      return x;
    });
    // A copy made before all of this kept its elements.
    begin("slice_copy_kept");
    record_whole(to, original);
    to.of([&] { return same; });
  }
}

/// y[1:] = y[:-1] and the like: parts of one array that overlap.
template <class T>
void overlapping(report& to) {
  source& s = to.random;
  for (int i = to.repeats(60); i > 0; --i) {
    const index n = s.between(1, 9), m = s.between(1, 20), shift = s.below(n);
    auto x = filled<T, 2>(s, {n, m});
    to.begin("shift_rows", listed("by", {shift}));
    record_whole(to, x);
    to.of([&] {
      x.slice(tenon::range(shift, n)) = x.slice(tenon::range(0, n - shift));
      return x;
    });
    to.begin("reverse_columns");
    record_whole(to, x);
    to.of([&] {
      x.slice(tenon::all, tenon::range(0, m)) = x.slice(tenon::all, tenon::range(m - 1, -m - 1, -1));
      return x;
    });
  }
}

template <class T>
void in_place(report& to) {
  source& s = to.random;
  for (int i = to.repeats(50); i > 0; --i) {
    const index n = s.between(0, 20), m = s.between(0, 40);
    auto x = filled<T, 2>(s, {n, n});
    const auto alone = [&](const char* op, auto f) {
      to.begin(op);
      record_whole(to, x);
      to.of([&] {
        f();
        return x;
      });
    };
    alone("add_transpose", [&] { x += tenon::transpose(x); });
    alone("subtract_flip", [&] { x = tenon::flip(x) - x; });
    alone("subtract_first_row", [&] {
      if (n > 0) x -= x[0];
    });
    alone("max_of_rows", [&] { x = tenon::maximum(x, tenon::max(x, tenon::axis<1>, tenon::keepdims)); });
    x = filled<T, 2>(s, {n, m});
    const auto y = draw_part<T, 1>(s, {s.chance(30) ? 1 : m}, draw_values<T>(s));
    to.begin("add");
    record_whole(to, x);
    record(to, y);
    to.of([&] {
      x += y.seen;
      return x;
    });
  }
}

template <class T>
void of_type(report& to) {
  sliced<T, 3>(to, 60, some_part{}, some_part{}, some_part{});
  sliced<T, 3>(to, 20, some_index{}, tenon::all, some_part{});
  sliced<T, 2>(to, 20, some_part{}, some_index{});
  sliced<T, 1>(to, 20, some_part{});
  overlapping<T>(to);
}

}  // namespace

void slices(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  of_type<bool>(to);
  sliced<float, 4>(to, 40, some_part{}, some_index{}, some_part{}, tenon::all);
  sliced<float, 2>(to, 20, some_index{}, some_index{});
  sliced<float, 2>(to, 20, some_index{});
  in_place<float>(to);
  in_place<double>(to);
  in_place<i32>(to);
}

}  // namespace oracle

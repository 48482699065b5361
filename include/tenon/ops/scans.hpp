// What runs along an axis, each element from the one before it: sums, products, extrema, recurrences. A chain
// of additions waits for itself, so several lines are taken at once: four of those along the axis (1000 lines
// of 1000 float sums, kept in double: 0.5 ms, one by one 1.7 ms), or blocks that lie side by side.
#pragma once

#include "tenon/ops/copies.hpp"

namespace tenon::detail {

/// One scan of K arrays of T into one of R, all of one shape but for axes that are repeated. Rule has
/// `begin(i, x)`, from the last array's first element, and `next(carry, i, x...)`; `result(carry)` is an
/// element. Backwards, each step reads the element before of arrays but the last: see recurrence_op.
template <class T, class R, int K, class Rule>
struct scan {
  using carry = decltype(std::declval<const Rule&>().begin(index(), T()));
  static constexpr index together = 4, block = 16, columns = 256;

  const array_access* in;
  const array_access& out;
  int axis;
  bool back;
  Rule rule;

  static index step_of(const array_access& a, int axis) { return a.stride[axis] * size_of(a.type); }
  static T read(const std::byte* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  carry next(carry c, index i, const T (&v)[K]) const {
    if constexpr (K == 1)
      return rule.next(c, i, v[0]);
    else
      return rule.next(c, i, v[0], v[1]);
  }

  /// `Lines` lines from their first elements on, in the direction of the scan.
  template <index Lines>
  void along(const std::byte* const (&x)[K][together], std::byte* const (&y)[together],
             const index (&step)[K], index out_step, index n) const {
    carry c[Lines];
    const std::byte* p[K][Lines];
    std::byte* q[Lines];
    index i = back ? n - 1 : 0;
    const auto put = [&](index j) {
      const R r = static_cast<R>(rule.result(c[j]));
      std::memcpy(q[j], &r, sizeof r);
      q[j] += out_step;
      for (int k = 0; k < K; ++k) p[k][j] += step[k];
    };
    for (index j = 0; j < Lines; ++j) {
      for (int k = 0; k < K; ++k) p[k][j] = x[k][j];
      q[j] = y[j];
      c[j] = rule.begin(i, read(p[K - 1][j]));
      put(j);
    }
    for (index left = n - 1; left > 0; --left) {
      i += back ? -1 : 1;
      for (index j = 0; j < Lines; ++j) {
        T v[K];
        for (int k = 0; k < K; ++k) v[k] = read(p[k][j]);
        c[j] = next(c[j], i, v);
        put(j);
      }
    }
  }

  /// At most `columns` lines that lie side by side, by blocks.
  void across(const std::byte* const (&x)[K], std::byte* y, const index (&step)[K], const index (&apart)[K],
              index out_step, index out_apart, index n, index lines) const {
    carry c[columns];
    const auto get = [&](int k, const std::byte* from, index j, index some, T* v) {
      if (some == block && apart[k] == index(sizeof(T)))
        std::memcpy(v, from + j * apart[k], sizeof(T) * block);
      else
        for (index m = 0; m < block; ++m) v[m] = read(from + (j + (m < some ? m : some - 1)) * apart[k]);
    };
    for (index count = 0; count < n; ++count) {
      const index i = back ? n - 1 - count : count;
      for (index j = 0; j < lines; j += block) {
        const index some = lines - j < block ? lines - j : block;
        T v[K][block];
        R r[block];
        for (int k = count == 0 ? K - 1 : 0; k < K; ++k) get(k, x[k] + count * step[k], j, some, v[k]);
        for (index m = 0; m < block; ++m) {
          T w[K];
          for (int k = 0; k < K; ++k) w[k] = count == 0 ? v[K - 1][m] : v[k][m];
          c[j + m] = count == 0 ? rule.begin(i, w[K - 1]) : next(c[j + m], i, w);
          r[m] = static_cast<R>(rule.result(c[j + m]));
        }
        std::byte* const to = y + count * out_step + j * out_apart;
        if (some == block && out_apart == index(sizeof(R)))
          std::memcpy(to, r, sizeof r);
        else
          for (index m = 0; m < some; ++m) std::memcpy(to + m * out_apart, &r[m], sizeof(R));
      }
    }
  }

  void run() const {
    const index n = out.extent[axis];
    if (out.size() == 0) return;
    index step[K], first[K];
    for (int k = 0; k < K; ++k) {
      const index s = step_of(in[k], axis);
      first[k] = back ? (n - 1) * s + (k + 1 < K ? s : 0) : 0;
      step[k] = back ? -s : s;
    }
    const index out_step = back ? -step_of(out, axis) : step_of(out, axis);
    std::byte* const y = out.data + (back ? (n - 1) * step_of(out, axis) : 0);
    const int last = out.rank - 1;
    const bool side = axis != last && out.extent[last] >= 8;
    outer_walk<K + 1> walk;
    for (int a = 0; a < out.rank; ++a) {
      if (a == axis || (side && a == last)) continue;
      index steps[K + 1];
      for (int k = 0; k < K; ++k) steps[k] = step_of(in[k], a);
      steps[K] = step_of(out, a);
      walk.add(out.extent[a], steps);
    }
    if (!side) {
      const index groups = (walk.count + together - 1) / together;
      share(groups, 20 + 2 * n, [&](index begin, index end) {
        const std::byte* x[K][together];
        std::byte* to[together];
        index held = 0;
        walk.each(begin * together, end * together < walk.count ? end * together : walk.count,
                  [&](const index* at) {
                    for (int k = 0; k < K; ++k) x[k][held] = in[k].data + at[k] + first[k];
                    to[held] = y + at[K];
                    if (++held == together) {
                      along<together>(x, to, step, out_step, n);
                      held = 0;
                    }
                  });
        for (index j = 0; j < held; ++j) {
          for (int k = 0; k < K; ++k) x[k][0] = x[k][j];
          to[0] = to[j];
          along<1>(x, to, step, out_step, n);
        }
      });
      return;
    }
    const index width = out.extent[last], blocks = (width + columns - 1) / columns;
    index apart[K];
    for (int k = 0; k < K; ++k) apart[k] = step_of(in[k], last);
    const index out_apart = step_of(out, last);
    share(walk.count * blocks, 20 + n * (width < columns ? width : columns) / 2, [&](index begin, index end) {
      for (index b = begin; b < end; ++b)
        walk.each(b / blocks, b / blocks + 1, [&](const index* at) {
          const index j = b % blocks * columns;
          const std::byte* x[K];
          for (int k = 0; k < K; ++k) x[k] = in[k].data + at[k] + first[k] + j * apart[k];
          across(x, y + at[K] + j * out_apart, step, apart, out_step, out_apart, n,
                 width - j < columns ? width - j : columns);
        });
    });
  }
};

/// Scans K arrays of T into `out`, of R.
template <class T, class R, int K, class Rule>
void scan_along(const array_access* in, const array_access& out, index axis, bool back, const Rule& rule) {
  scan<T, R, K, Rule>{in, out, int(axis), back, rule}.run();
}

}  // namespace tenon::detail

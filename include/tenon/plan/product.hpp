// How a product of arrays becomes matrix products: axes merged, which of them are rows and columns of a
// matrix, and which are walked in a loop.
#pragma once

#include "tenon/graph/op.hpp"
#include "tenon/plan/launch.hpp"

namespace tenon::detail {

/// Matrices so small that a kernel of their own takes them, under any strides. (Measured with AVX-512 in
/// float, against the packed kernel: 512 products of 4 x 4 took 8 us, not 55; 64 of 32 x 32 43 us, not 66; 64
/// of 64 x 64 318 us, not 420. Two or three long vectors are faster as matrix-vector products.)
constexpr bool small_product(index m, index n, index k) {
  constexpr index most = index(1) << 18, most_b = index(1) << 14, most_thin = 512;
  if ((m < 2 && n > 3) || n < 2 || k < 1 || m > most || n > most || k > most || n * k > most_b) return false;
  return m * n * k <= (m < 4 || n < 4 ? most_thin : most);
}

/// An operand: its extents, and its strides in elements.
struct product_operand {
  const extents& shape;
  const index* stride;
};

/// Lays a product of two arrays out as `count` matrix products. Axes that both operands and the result walk
/// as one are merged. Of the axes of the result that only b has, the last is the columns; of those that only
/// a has, one is the rows; the others are looped over, with stride 0 in the operand that lacks them. Where
/// the last axis of the result is one that only a has, the operands change places: c^T = b^T a^T.
///
/// Returns which operands have to be copied to row-major memory first, as bits (1: a, 2: b); the layout is to
/// be made anew then.
class product_layout {
 public:
  static int make(product_launch& p, const product_operand& a, const product_operand& b,
                  const attributes& roles) {
    product_layout l;
    l.read(a, b, roles);
    return l.write(p);
  }

 private:
  struct inner_axis {
    index extent, a, b;
  };
  product_axis out_[max_rank]{};
  bool in_a_[max_rank]{}, in_b_[max_rank]{};
  inner_axis in_[max_rank]{};
  int outs_ = 0, ins_ = 0;
  index total_ = 1, k_ = 1;
  int copies_ = 0;

  TENON_COLD void read(const product_operand& a, const product_operand& b, const attributes& roles) {
    const int left = int(roles.a[0]), inner = int(roles.a[1]), right = int(roles.a[2]);
    const int batch_a = a.shape.rank - left - inner, batch_b = b.shape.rank - inner - right;
    const int batch = batch_a > batch_b ? batch_a : batch_b;
    product_axis all[max_rank];
    bool in_a[max_rank], in_b[max_rank];
    int n = 0;
    const auto add = [&](int i, int j) {  // axis i of a, axis j of b; negative: none
      const index x = i >= 0 ? a.shape[i].size : 1, y = j >= 0 ? b.shape[j].size : 1;
      in_a[n] = i >= 0 && x != 1;
      in_b[n] = j >= 0 && y != 1;
      all[n] = {x == 1 ? y : x, in_a[n] ? a.stride[i] : 0, in_b[n] ? b.stride[j] : 0, 0};
      total_ *= all[n++].extent;
    };
    for (int i = 0; i < batch; ++i) add(i - (batch - batch_a), i - (batch - batch_b));
    for (int i = 0; i < left; ++i) add(batch_a + i, -1);
    for (int i = 0; i < right; ++i) add(-1, batch_b + inner + i);
    index step = 1;
    for (int i = n - 1; i >= 0; --i) {
      all[i].c = step;
      step *= all[i].extent;
    }
    for (int i = 0; i < n; ++i) {
      if (all[i].extent == 1) continue;
      if (outs_ > 0 && in_a_[outs_ - 1] == in_a[i] && in_b_[outs_ - 1] == in_b[i]) {
        product_axis& last = out_[outs_ - 1];
        if (last.a == all[i].a * all[i].extent && last.b == all[i].b * all[i].extent) {
          last = {last.extent * all[i].extent, all[i].a, all[i].b, all[i].c};
          continue;
        }
      }
      in_a_[outs_] = in_a[i];
      in_b_[outs_] = in_b[i];
      out_[outs_++] = all[i];
    }
    for (int i = 0; i < inner; ++i) {
      const index extent = a.shape[batch_a + left + i].size;
      k_ *= extent;
      if (extent == 1) continue;
      const inner_axis next{extent, a.stride[batch_a + left + i], b.stride[batch_b + i]};
      if (ins_ > 0) {
        inner_axis& last = in_[ins_ - 1];
        const bool joins_a = last.a == next.a * extent, joins_b = last.b == next.b * extent;
        copies_ |= (joins_a ? 0 : 1) | (joins_b ? 0 : 2);
        last = {last.extent * extent, next.a, next.b};
      } else {
        in_[ins_++] = next;
      }
    }
  }

  TENON_COLD int write(product_launch& p) {
    p.rank = 0;
    p.count = 1;
    p.swapped = false;
    p.a_row = p.a_column = p.b_row = p.b_column = 1;
    if (total_ == 0 || k_ == 0) {  // nothing, or zeros
      p.m = total_ == 0 ? 0 : 1;
      p.n = p.c_row = total_;
      p.k = 0;
      return 0;
    }
    if (outs_ > 0 && !in_b_[outs_ - 1]) exchange(p);
    const inner_axis k = ins_ > 0 ? in_[0] : inner_axis{1, 1, 1};
    const int columns = outs_ > 0 && !in_a_[outs_ - 1] ? outs_ - 1 : -1;
    int rows = -1;
    for (int i = 0; i < outs_; ++i) {
      if (in_b_[i]) continue;
      const bool fits = k.extent == 1 || k.a == 1 || out_[i].a == 1;
      const bool fitted = rows < 0 || k.extent == 1 || k.a == 1 || out_[rows].a == 1;
      if (rows < 0 || fits > fitted || (fits == fitted && out_[i].extent >= out_[rows].extent)) rows = i;
    }
    p.m = rows < 0 ? 1 : out_[rows].extent;
    p.n = columns < 0 ? 1 : out_[columns].extent;
    p.k = k_;
    p.a_row = rows < 0 ? 1 : out_[rows].a;
    p.a_column = k.a;
    p.b_row = k.b;
    p.b_column = columns < 0 ? 1 : out_[columns].b;
    p.c_row = rows < 0 ? p.n : out_[rows].c;
    for (int i = 0; i < outs_; ++i) {
      if (i == rows || i == columns) continue;
      p.axis[p.rank++] = out_[i];
      p.count *= out_[i].extent;
    }
    if (!small_product(p.m, p.n, p.k)) {
      if (p.m > 1 && p.k > 1 && p.a_row != 1 && p.a_column != 1) copies_ |= 1;
      if (p.n > 1 && p.k > 1 && p.b_row != 1 && p.b_column != 1) copies_ |= 2;
    }
    return p.swapped ? ((copies_ & 1) << 1) | (copies_ >> 1) : copies_;
  }

  void exchange(product_launch& p) {
    p.swapped = true;
    copies_ = ((copies_ & 1) << 1) | (copies_ >> 1);
    for (int i = 0; i < outs_; ++i) {
      std::swap(out_[i].a, out_[i].b);
      std::swap(in_a_[i], in_b_[i]);
    }
    for (int i = 0; i < ins_; ++i) std::swap(in_[i].a, in_[i].b);
  }
};

}  // namespace tenon::detail

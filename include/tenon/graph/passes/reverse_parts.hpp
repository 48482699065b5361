// The cotangent of an array that slices take apart: their cotangents one after the other.
//
//   x̄ = embed(ȳ_1) + ... + embed(ȳ_n) = concat(ȳ_1 ... ȳ_n)      where y_k = x[b_k:b_(k+1)] make up x
//
// The gates of an LSTM, or the queries, keys and values of attention, come of one product this way. One copy
// stands for n arrays of zeros and their sum.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon {
struct concat_op;
}

namespace tenon::detail {

/// The terms of a sum; those of `most` at the most.
constexpr int terms_of(const graph_builder& b, int sum, int* term, int count, int most) {
  if (count < most && b.is(sum, core::add) && b.node[sum].shape == b.node[b.node[sum].in[0]].shape &&
      b.node[sum].shape == b.node[b.node[sum].in[1]].shape) {
    count = terms_of(b, b.node[sum].in[0], term, count, most);
    return terms_of(b, b.node[sum].in[1], term, count, most);
  }
  if (count < most) term[count] = sum;
  return count + 1;
}

/// A sum, or what stands for it where some of its terms are parts that make up one axis.
constexpr int joined_parts(graph_builder& b, int sum) {
  constexpr int most = 32;
  if (!b.is(sum, core::add) ||
      (!b.is(b.node[sum].in[0], core::embed) && !b.is(b.node[sum].in[1], core::embed)))
    return sum;
  int term[most]{};
  const int terms = terms_of(b, sum, term, 0, most);
  if (terms > most) return sum;
  const int join = b.find<concat_op>();
  for (int first = 0; first < terms && join >= 0; ++first) {
    const array_node& part = b.node[term[first]];
    const attributes& r = part.attribute;
    if (!b.is(term[first], core::embed) || r.a[1] != 0 || r.a[3] != 1) continue;
    const index axis = r.a[0], all = b.shape_of(term[first])[int(axis)].code;
    bool used[most]{};
    int next[most]{}, count = 0;
    index end = 0;
    for (bool more = true; more && end != all;) {  // the part that begins where the last one ended
      more = false;
      for (int k = 0; k < terms && !more; ++k) {
        const attributes& s = b.node[term[k]].attribute;
        if (used[k] || !b.is(term[k], core::embed) || s.a[0] != axis || s.a[3] != 1 || s.a[1] != end ||
            s.a[2] <= s.a[1])
          continue;
        used[k] = more = true;
        end = s.a[2];
        next[count++] = b.node[term[k]].in[0];
      }
    }
    if (end != all || count == 0) continue;  // no part makes up an axis of extent 0
    int whole = next[0];
    for (int k = 1; k < count; ++k) whole = b.push(join, whole, next[k], -1, {{axis}});
    for (int k = 0; k < terms; ++k)
      if (!used[k]) whole = b.push(core::add, whole, term[k]);
    return whole;
  }
  return sum;
}

}  // namespace tenon::detail

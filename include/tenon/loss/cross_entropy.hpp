// Cross-entropy losses on logits, stable for large ones.
#pragma once

#include "tenon/ops/composite.hpp"

namespace tenon::loss {

/// The mean of -log softmax(logits)[label]: logits [batch, classes], integer labels [batch] -> [].
template <tensor_like Logits, tensor_like Labels>
auto softmax_cross_entropy(const Logits& logits, const Labels& labels) {
  return call([](auto z, auto l) { return -mean(tenon::detail::pick_last(log_softmax(z), l)); }, logits,
              labels);
}

/// The mean of log(1 + exp(-s z)) with s = 1 for label 1 and -1 for label 0: logits and 0/1 labels of one
/// shape -> []. Computed as max(z, 0) - z y + log(1 + exp(-|z|)), which never overflows.
template <tensor_like Logits, tensor_like Labels>
auto sigmoid_cross_entropy(const Logits& logits, const Labels& labels) {
  return call([](auto z, auto y) { return mean(relu(z) - z * y + log(1_c + exp(-abs(z)))); }, logits, labels);
}

}  // namespace tenon::loss

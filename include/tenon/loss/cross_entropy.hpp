// Cross-entropy losses on logits, stable for large ones.
#pragma once

#include "tenon/ops/composite.hpp"

namespace tenon::loss {

namespace detail {
/// Whether labels are of an integer dtype.
template <class Labels>
inline constexpr bool integer_labels =
    is_integer(dtype_of<typename tenon::detail::operand_as<0, Labels>::type::value_type>);
}  // namespace detail

/// The mean of -log softmax(logits)[label]: logits [batch, classes], integer labels [batch] -> [].
template <tensor_like Logits, tensor_like Labels>
auto softmax_cross_entropy(const Logits& logits, const Labels& labels) {
  static_assert(detail::integer_labels<Labels>,
                "tenon: softmax_cross_entropy takes integer labels; convert them with astype<int>(labels)");
  if constexpr (detail::integer_labels<Labels>)
    return call([](auto z, auto l) { return -mean(tenon::detail::pick_last(log_softmax(z), l)); }, logits,
                labels);
  else
    return mean(logits);
}

/// The mean of log(1 + exp(-s z)) with s = 1 for label 1 and -1 for label 0: logits and 0/1 labels of one
/// shape -> []. Computed as max(z, 0) - z y + log(1 + exp(-|z|)), which never overflows.
template <tensor_like Logits, tensor_like Labels>
auto sigmoid_cross_entropy(const Logits& logits, const Labels& labels) {
  return call([](auto z, auto y) { return mean(relu(z) - z * y + log(1_c + exp(-abs(z)))); }, logits, labels);
}

}  // namespace tenon::loss

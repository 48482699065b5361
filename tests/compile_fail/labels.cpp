// Class labels are integers.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 8, 3> logits;
  const tenon::tensor<float, 8> labels;
  static_cast<void>(tenon::loss::softmax_cross_entropy(
      logits, labels));  // expect: softmax_cross_entropy takes integer labels
}

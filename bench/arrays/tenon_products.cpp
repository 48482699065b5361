// Matrix products, stacks of them, einsum.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

namespace {

void product(tenon::index m, tenon::index k, tenon::index n) {
  generator g{1};
  using matrix = tensor<float, dyn, dyn>;
  const auto a = std::make_shared<matrix>(uniform<float>(g, m, k)),
             b = std::make_shared<matrix>(uniform<float>(g, k, n)),
             c = std::make_shared<matrix>(zeros<float>(m, n));
  add("matmul [" + std::to_string(m) + ", " + std::to_string(k) + "] x [" + std::to_string(k) + ", " +
          std::to_string(n) + "]",
      "tenon", [=] {
        *c = matmul(*a, *b);
        keep(c->flat());
      });
}

}  // namespace

void tenon_products() {
  for (const tenon::index n : {16, 64, 256, 1024, 2048}) product(n, n, n);
  product(100'000, 64, 64);
  product(64, 100'000, 64);
  product(1, 1024, 1024);
}

}  // namespace arrays

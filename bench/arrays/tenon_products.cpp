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
  for (const auto& [count, n] : {std::pair<tenon::index, tenon::index>{64, 32}, {512, 8}, {8, 256}}) {
    generator g{1};
    using stack = tensor<float, dyn, dyn, dyn>;
    const auto a = std::make_shared<stack>(uniform<float>(g, count, n, n)),
               b = std::make_shared<stack>(uniform<float>(g, count, n, n)),
               c = std::make_shared<stack>(zeros<float>(count, n, n));
    add("batched matmul [" + std::to_string(count) + ", " + std::to_string(n) + ", " + std::to_string(n) +
            "]",
        "tenon", [=] {
          *c = matmul(*a, *b);
          keep(c->flat());
        });
  }
  generator g{1};
  const auto a = std::make_shared<tensor<float, 100, 200>>(uniform<float, 100, 200>(g));
  const auto b = std::make_shared<tensor<float, 200, 300>>(uniform<float, 200, 300>(g));
  const auto c = std::make_shared<tensor<float, 300, 50>>(uniform<float, 300, 50>(g));
  const auto y = std::make_shared<tensor<float, 100, 50>>();
  add("einsum ij,jk,kl->il", "tenon", [=] {
    *y = einsum<"ij,jk,kl->il">(*a, *b, *c);
    keep(y->flat());
  });
}

}  // namespace arrays

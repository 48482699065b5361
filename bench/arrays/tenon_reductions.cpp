// Reductions over every axis, softmax, layer norm.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

void tenon_reductions() {
  generator g{1};
  const auto x = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 1000, 1000));
  const auto line = std::make_shared<tensor<float, dyn>>(zeros<float>(1000));
  const auto one = std::make_shared<tensor<float>>(0.0f);
  add("sum [1000, 1000] axis 0", "tenon", [=] {
    *line = sum(*x, axis<0>);
    keep(line->flat());
  });
  add("sum [1000, 1000] axis 1", "tenon", [=] {
    *line = sum(*x, axis<1>);
    keep(line->flat());
  });
  add("sum [1000, 1000]", "tenon", [=] {
    *one = sum(*x);
    keep(one->flat());
  });
  add("max [1000, 1000] axis 0", "tenon", [=] {
    *line = max(*x, axis<0>);
    keep(line->flat());
  });
  add("max [1000, 1000] axis 1", "tenon", [=] {
    *line = max(*x, axis<1>);
    keep(line->flat());
  });
  add("variance [1000, 1000] axis 0", "tenon", [=] {
    *line = variance(*x, axis<0>);
    keep(line->flat());
  });
  add("variance [1000, 1000] axis 1", "tenon", [=] {
    *line = variance(*x, axis<1>);
    keep(line->flat());
  });
  const auto places = std::make_shared<tensor<std::int64_t, dyn>>(zeros<std::int64_t>(1000));
  add("argmax [1000, 1000] axis 0", "tenon", [=] {
    *places = argmax(*x, axis<0>);
    keep(places->flat());
  });
  add("argmax [1000, 1000] axis 1", "tenon", [=] {
    *places = argmax(*x, axis<1>);
    keep(places->flat());
  });

  const auto t = std::make_shared<tensor<float, dyn, dyn, dyn>>(uniform<float>(g, 64, 1000, 100));
  const auto r0 = std::make_shared<tensor<float, dyn, dyn>>(zeros<float>(1000, 100));
  const auto r1 = std::make_shared<tensor<float, dyn, dyn>>(zeros<float>(64, 100));
  const auto r2 = std::make_shared<tensor<float, dyn, dyn>>(zeros<float>(64, 1000));
  add("sum [64, 1000, 100] axis 0", "tenon", [=] {
    *r0 = sum(*t, axis<0>);
    keep(r0->flat());
  });
  add("sum [64, 1000, 100] axis 1", "tenon", [=] {
    *r1 = sum(*t, axis<1>);
    keep(r1->flat());
  });
  add("sum [64, 1000, 100] axis 2", "tenon", [=] {
    *r2 = sum(*t, axis<2>);
    keep(r2->flat());
  });
  add("sum [64, 1000, 100]", "tenon", [=] {
    *one = sum(*t);
    keep(one->flat());
  });

  const auto y = std::make_shared<tensor<float, dyn, dyn>>(*x);
  add("softmax [1000, 1000]", "tenon", [=] {
    *y = softmax(*x);
    keep(y->flat());
  });
  const auto small = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 4096, 10));
  const auto small_out = std::make_shared<tensor<float, dyn, dyn>>(*small);
  add("softmax [4096, 10]", "tenon", [=] {
    *small_out = softmax(*small);
    keep(small_out->flat());
  });
  add("layer norm [1000, 1000]", "tenon", [=] {
    *y = call(
        [](auto v) {
          const auto centred = v - mean(v, axis<1>, keepdims);
          return centred / sqrt(mean(square(centred), axis<1>, keepdims) + 0.00001_c);
        },
        *x);
    keep(y->flat());
  });
}

}  // namespace arrays

// Transposes, permutations, slices with steps, concatenation.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

void tenon_shapes() {
  generator g{1};
  const auto x = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 1000, 1000));
  const auto y = std::make_shared<tensor<float, dyn, dyn>>(*x);
  add("transpose [1000, 1000]", "tenon", [=] {
    *y = transpose(*x);
    keep(y->flat());
  });
  const auto t = std::make_shared<tensor<float, dyn, dyn, dyn>>(uniform<float>(g, 64, 128, 100));
  const auto p0 = std::make_shared<tensor<float, dyn, dyn, dyn>>(zeros<float>(64, 100, 128));
  const auto p1 = std::make_shared<tensor<float, dyn, dyn, dyn>>(zeros<float>(100, 64, 128));
  const auto p2 = std::make_shared<tensor<float, dyn, dyn, dyn>>(zeros<float>(128, 64, 100));
  add("permute [64, 128, 100] to 0, 2, 1", "tenon", [=] {
    *p0 = permute<0, 2, 1>(*t);
    keep(p0->flat());
  });
  add("permute [64, 128, 100] to 2, 0, 1", "tenon", [=] {
    *p1 = permute<2, 0, 1>(*t);
    keep(p1->flat());
  });
  add("permute [64, 128, 100] to 1, 0, 2", "tenon", [=] {
    *p2 = permute<1, 0, 2>(*t);
    keep(p2->flat());
  });
  const auto part = std::make_shared<tensor<float, dyn, dyn>>(zeros<float>(500, 334));
  const auto& source = std::as_const(*x);
  add("x[::2, ::3] [1000, 1000]", "tenon", [=, &source, hold = x] {
    *part = source.slice(range(0, 1000, 2), range(0, 1000, 3)) * 1.0f;
    keep(part->flat());
  });
  add("x[::-1, ::-1] [1000, 1000]", "tenon", [=] {
    *y = flip(*x, axes<0, 1>);
    keep(y->flat());
  });
  add("y[::2, :] = 1 [1000, 1000]", "tenon", [=] {
    y->slice(range(0, 1000, 2), tenon::all) = 1.0f;
    keep(y->flat());
  });
  const auto a = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 500, 1000));
  const auto b = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 1000, 500));
  add("concat two [500, 1000], axis 0", "tenon", [=] {
    *y = concat<0>(*a, *a);
    keep(y->flat());
  });
  const auto piece = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 125, 1000));
  add("concat eight [125, 1000], axis 0", "tenon", [=] {
    const auto& p = *piece;
    *y = concat<0>(p, p, p, p, p, p, p, p);
    keep(y->flat());
  });
  add("concat two [1000, 500], axis 1", "tenon", [=] {
    *y = concat<1>(*b, *b);
    keep(y->flat());
  });
}

}  // namespace arrays

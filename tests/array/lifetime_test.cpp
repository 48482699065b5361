// Expressions own what they read: every operation may be returned over locals and temporaries that are gone. The run
// under AddressSanitizer is what counts here.
#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

using matrix = tensor<float, dyn, dyn>;

// Made anew each time, so that memory that is read too late holds something else.
matrix fresh() { return matrix{{1, -2, 3}, {4, 5, -6}}; }
void disturb() {
  std::vector<std::unique_ptr<matrix>> others;
  for (int i = 0; i < 64; ++i) others.push_back(std::make_unique<matrix>(full<float>(777.f, 2, 3)));
}

/// f over a local, over a temporary, and over a named part, evaluated when all are gone: thrice the same.
template <class F>
vec late(F f) {
  auto over_local = [&] {
    const matrix a = fresh();
    return f(a);
  }();
  auto over_temporary = f(fresh());
  auto over_named = [&] {
    matrix a = fresh();
    auto part = a * 1_c;
    return f(part);
  }();
  disturb();
  auto copy = over_local;
  auto moved = std::move(over_temporary);
  const vec r = values(copy);
  CHECK(values(over_local) == r);
  CHECK(values(moved) == r);
  CHECK(values(over_named) == r);
  return r;
}

}  // namespace

TEST_CASE("elementwise operations over arrays that are gone") {
  CHECK(late([](auto&& x) { return -x; }) == vec{-1, 2, -3, -4, -5, 6});
  CHECK(late([](auto&& x) { return abs(x) + square(x) * 2.f; }) == vec{3, 10, 21, 36, 55, 78});
  CHECK(late([](auto&& x) { return x + eval(exp(x) * 0_c); }) == vec{1, -2, 3, 4, 5, -6});
  CHECK(late([](auto&& x) { return where(x > 0.f, x, eval(x * 10.f)); }) == vec{1, -20, 3, 4, 5, -60});
  CHECK(late([](auto&& x) { return astype<int>(x) + 1; }) == vec{2, -1, 4, 5, 6, -5});
  CHECK(late([](auto&& x) { return maximum(x, tensor<float, 3>{2, 2, 2}); }) == vec{2, 2, 3, 4, 5, 2});
}

TEST_CASE("reductions over arrays that are gone") {
  CHECK(late([](auto&& x) { return sum(x, axis<0>); }) == vec{5, 3, -3});
  CHECK(late([](auto&& x) { return max(x, axis<1>, keepdims); }) == vec{3, 5});
  CHECK(late([](auto&& x) { return mean(x); })[0] == doctest::Approx(5. / 6));
}

TEST_CASE("views over arrays that are gone") {
  CHECK(late([](auto&& x) { return transpose(x); }) == vec{1, 4, -2, 5, 3, -6});
  CHECK(late([](auto&& x) { return reshape<3, 2>(x); }) == vec{1, -2, 3, 4, 5, -6});
  CHECK(late([](auto&& x) { return slice<1, 2, 0, -1>(x) * 2.f; }) == vec{6, -4, -12, 10});
  CHECK(late([](auto&& x) {
          return broadcast_like(tensor<float, 1, 3>{{1, 2, 3}}, x);
        }) == vec{1, 2, 3, 1, 2, 3});
}

TEST_CASE("matrix products and composites over arrays that are gone") {
  CHECK(late([](auto&& x) { return matmul(x, transpose(fresh())); }) == vec{14, -24, -24, 77});
  const vec probabilities = late([](auto&& x) { return softmax(x); });
  CHECK(probabilities[0] + probabilities[1] + probabilities[2] == doctest::Approx(1));
  CHECK(late([](auto&& x) { return pick(x, tensor<int, 2>{1, 2}); }) == vec{-2, -6});
}

TEST_CASE("slices of arrays that are gone") {
  auto kept = [] {
    matrix local = fresh();
    return local.slice(all, range(2, -4, -1));
  }();
  const auto constant_part = [] {
    const matrix local = fresh();
    return local.slice(1);
  }();
  disturb();
  CHECK(values(kept) == vec{3, -2, 1, -6, 5, 4});
  CHECK(values(constant_part) == vec{4, 5, -6});
  kept = 1;  // a view outlives its tensor: it writes to a buffer that nobody else sees
  CHECK(values(kept + 1.f) == vec{2, 2, 2, 2, 2, 2});
}

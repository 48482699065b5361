// tril, triu, diag, trace: values against index arithmetic, derivatives.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/triangles.hpp>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class T, int K>
void check_triangles() {
  for (const tenon::index m : {0, 1, 3, 4})
    for (const tenon::index n : {1, 2, 4}) {
      CAPTURE(m);
      CAPTURE(n);
      const auto x = counted<T>(2, m, n);
      check_elements(tril<K>(x), {2, m, n},
                     [&](const dims& i) { return i[2] <= i[1] + K ? T(x(i[0], i[1], i[2])) : T(0); });
      check_elements(triu<K>(x), {2, m, n},
                     [&](const dims& i) { return i[2] >= i[1] + K ? T(x(i[0], i[1], i[2])) : T(0); });
      const tenon::index r = K < 0 ? -K : 0, c = K > 0 ? K : 0;
      const tenon::index d = std::max<tenon::index>(0, std::min(m - r, n - c));
      check_elements(diag<K>(x), {2, d}, [&](const dims& i) { return x(i[0], i[1] + r, i[1] + c); });
    }
}

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

}  // namespace

TEST_CASE("triangles and diagonals of matrices") {
  check_triangles<float, 0>();
  check_triangles<double, 1>();
  check_triangles<std::int32_t, -1>();
  check_triangles<std::int64_t, 3>();
  check_triangles<bool, -5>();
  CHECK(values(tril(transpose(counted<float>(2, 2)))) == vec{1, 0, 2, 4});
  CHECK(values(diag(transpose(counted<float>(2, 3)) * 2.f)) == vec{2, 10});
}

TEST_CASE("diagonal matrices") {
  const auto v = counted<float>(3);
  check_elements(diag(v), {3, 3}, [](const dims& i) { return i[0] == i[1] ? i[0] + 1 : 0; });
  check_elements(diag<2>(v), {5, 5}, [](const dims& i) { return i[1] == i[0] + 2 ? i[0] + 1 : 0; });
  check_elements(diag<-1>(v), {4, 4}, [](const dims& i) { return i[0] == i[1] + 1 ? i[1] + 1 : 0; });
  const auto m = counted<std::int32_t>(2, 3);
  check_elements(diag_embed(m), {2, 3, 3},
                 [&](const dims& i) { return i[1] == i[2] ? int(m(i[0], i[1])) : 0; });
  CHECK(test::extents(diag(zeros<float>(0))) == dims{0, 0});
  CHECK(values(diag<1>(zeros<float>(0))) == vec{0});
  CHECK(shaped<decltype(diag(zeros<float, "n">(2))), shape_of_extents<"n", "n">>);
  CHECK(shaped<decltype(diag<1>(zeros<float, 3>())), shape_of_extents<4, 4>>);
  CHECK(values(diag(diag<-2>(v) + 1.f)) == vec{1, 1, 1, 1, 1});
}

TEST_CASE("trace") {
  CHECK(values(trace(counted<float, 3, 3>())) == vec{15});
  CHECK(values(trace<1>(counted<std::int32_t>(2, 2, 3))) == vec{2 + 6, 8 + 12});
  CHECK(values(trace(zeros<double>(0, 3))) == vec{0});
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{1, -2, 3}, {0.5, 5, 6}};
  const tensor<double, dyn, dyn> d = x;
  const auto f = [](const auto& t) {
    return sum(square(tril(t)) * triu<-1>(t)) + sum(square(diag<1>(t))) + square(trace(t));
  };
  check_grads(f, primals(x), {.order = 2});
  check_grads(f, primals(d), {.order = 2});
  CHECK(values(grad([](const auto& t) { return trace(t); })(d)) == vec{1, 0, 0, 0, 1, 0});
  check_grads([](const auto& v) { return sum(square(diag<-1>(v)) * diag<-1>(v)); },
              primals(tensor<double, dyn>{1, 2, 3}), {.order = 2});
}

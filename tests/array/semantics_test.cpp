// What a tensor and an expression mean: values, sharing, aliasing, evaluation once. Each case is a promise.
#include "../support.hpp"

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

int calls = 0;

/// The identity, which counts how often its value is computed.
struct counted_op : elementwise<1> {
  static constexpr auto name = "counted";
  template <class V>
  TENON_INLINE static V value(V x) {
    ++calls;
    return x;
  }
};
template <tensor_like A>
constexpr auto counted(A&& a) {
  return apply<counted_op>(static_cast<A&&>(a));
}

using matrix = tensor<float, dyn, dyn>;
using vector = tensor<float, dyn>;

const float* address(const auto& t) { return t.data(); }

}  // namespace

TEST_CASE("two operands of one type are two arrays") {
  tensor<float, 3> a{0.f, 1.f, 2.f}, b{3.f, 4.f, 5.f};
  const auto difference = values(astype<double>(a) - astype<double>(b));
  CHECK(difference == vec{-3, -3, -3});
  CHECK(values(tanh(a) - tanh(b)) != vec{0, 0, 0});
  CHECK(values(tanh(a) - tanh(a)) == vec{0, 0, 0});
}

TEST_CASE("an expression means the values that its leaves had when it was written") {
  tensor<float, 3> a{1, 2, 3};
  const tensor<float, 3> b{10, 20, 30};
  const vec before{11, 22, 33};
  SUBCASE("the leaf is assigned to") {
    auto e = a + b;
    a = zeros<float, 3>();
    CHECK(values(e) == before);
    CHECK(values(a + b) == vec{10, 20, 30});
  }
  SUBCASE("an element is assigned to") {
    auto e = a + b;
    a(1) = 7;
    CHECK(values(e) == before);
    CHECK(a(1) == 7);
  }
  SUBCASE("the leaf is updated in place") {
    auto e = a + b;
    a += b;
    CHECK(values(e) == before);
    CHECK(values(a) == before);
  }
  SUBCASE("a slice is written through") {
    auto e = a + b;
    a.slice(range(0, 2)) = 9;
    CHECK(values(e) == before);
    CHECK(values(a) == vec{9, 9, 3});
  }
  SUBCASE("written through a raw pointer taken before") {
    float* p = a.data();
    auto e = a + b;
    p[0] = 100;
    CHECK(values(e) == before);
    CHECK(values(a + b) == vec{110, 22, 33});
  }
  SUBCASE("written through a raw pointer taken afterwards") {
    auto e = a + b;
    a.data()[0] = 100;
    CHECK(values(e) == before);
    CHECK(a(0) == 100);
  }
  SUBCASE("written through a view that lives") {
    auto view = a.slice(range(0, 2));
    auto e = a + b;
    view = 50;
    CHECK(values(e) == before);
    CHECK(values(a) == vec{50, 50, 3});
  }
  SUBCASE("the leaf is moved away") {
    auto e = a + b;
    tensor<float, 3> c = std::move(a);
    c(0) = 5;
    CHECK(values(e) == before);
    CHECK(c(0) == 5);
  }
}

TEST_CASE("slices that are read are values") {
  tensor<float, 4> x{1, 2, 3, 4};
  const vec before{2, 3};
  SUBCASE("of a temporary view") {
    auto e = x.slice(range(0, 2)) + 1.f;
    x.slice(range(0, 2)) = 9;
    CHECK(values(e) == before);
  }
  SUBCASE("of a named view that is written to afterwards") {
    auto view = x.slice(range(0, 2));
    auto e = view + 1.f;
    view = 9;
    CHECK(values(e) == before);
    CHECK(values(view) == vec{9, 9});
  }
  SUBCASE("of a temporary view beside a named one") {
    auto view = x.slice(range(0, 2));
    auto e = x.slice(range(0, 2)) + 1.f;
    view = 9;
    CHECK(values(e) == before);
  }
  SUBCASE("of a tensor that is written to by pointer") {
    float* p = x.data();
    auto e = std::as_const(x).slice(range(0, 2)) + 1.f;
    p[0] = 9;
    CHECK(values(e) == before);
  }
  SUBCASE("kept without an operation") {
    const auto part = std::as_const(x).slice(range(0, 2));
    x(0) = 9;
    CHECK(values(part) == vec{1, 2});
  }
  SUBCASE("of a tensor that is gone") {
    auto e = [] {
      vector local{5, 6, 7};
      return local.slice(range(1, 3)) * 2.f;
    }();
    CHECK(values(e) == vec{12, 14});
  }
}

TEST_CASE("a write through a slice reaches the tensor and no copy of it") {
  matrix x{{1, 2}, {3, 4}};
  matrix y = x;
  x.slice(0, all) = 9;
  CHECK(values(x) == vec{9, 9, 3, 4});
  CHECK(values(y) == vec{1, 2, 3, 4});
  x[1] = vector{7, 8};
  CHECK(values(x) == vec{9, 9, 7, 8});
  x.slice(all, range(1, -3, -1)) += matrix{{10, 20}, {30, 40}};  // columns 1, 0
  CHECK(values(x) == vec{29, 19, 47, 38});
  CHECK(values(y) == vec{1, 2, 3, 4});
}

TEST_CASE("aliasing is right by default") {
  SUBCASE("the transpose of the target") {
    matrix m{{1, 2}, {3, 4}};
    m = transpose(m) + m;
    CHECK(values(m) == vec{2, 5, 5, 8});
    m(0, 1) = 0;
    m = transpose(m);
    CHECK(values(m) == vec{2, 5, 0, 8});
  }
  SUBCASE("the target changes its shape") {
    matrix m{{1, 2, 3}, {4, 5, 6}};
    m = transpose(m);
    CHECK(m.extent(0) == 3);
    CHECK(values(m) == vec{1, 4, 2, 5, 3, 6});
  }
  SUBCASE("a matrix product over its operand") {
    matrix m{{1, 2}, {3, 4}};
    m = matmul(m, m);
    CHECK(values(m) == vec{7, 10, 15, 22});
  }
  SUBCASE("a reduction that is broadcast over its operand") {
    vector v{1, 2, 3};
    v = v - max(v);
    CHECK(values(v) == vec{-2, -1, 0});
    v = v / sum(v);
    CHECK(v(0) == doctest::Approx(2. / 3));
  }
  SUBCASE("a row broadcast over the matrix that it comes from") {
    matrix m{{1, 2}, {3, 4}, {5, 6}};
    m -= eval(m.slice(range(1, 2), all));
    CHECK(values(m) == vec{-2, -2, 0, 0, 2, 2});
    m = matrix{{1, 2}, {3, 4}, {5, 6}};
    m = m - m.slice(range(1, 2), all);
    CHECK(values(m) == vec{-2, -2, 0, 0, 2, 2});
  }
  SUBCASE("overlapping slices shift right and left, backwards and by steps") {
    for (const bool right : {true, false}) {
      vector s{1, 2, 3, 4, 5};
      if (right) {
        s.slice(range(1, 5)) = s.slice(range(0, 4));
        CHECK(values(s) == vec{1, 1, 2, 3, 4});
      } else {
        s.slice(range(0, 4)) = s.slice(range(1, 5));
        CHECK(values(s) == vec{2, 3, 4, 5, 5});
      }
    }
    vector s{1, 2, 3, 4, 5};
    s.slice(range(0, 5)) = s.slice(range(4, -6, -1));
    CHECK(values(s) == vec{5, 4, 3, 2, 1});
    s.slice(range(0, 5, 2)) = s.slice(range(2, 5));
    CHECK(values(s) == vec{3, 4, 2, 2, 1});
    s.slice(range(1, 3)) += s.slice(range(0, 2));
    CHECK(values(s) == vec{3, 7, 6, 2, 1});
  }
  SUBCASE("large shifts, over several tasks") {
    vector s = arange<float>(0, 100000);
    s.slice(range(1, 100000)) = s.slice(range(0, 99999));
    bool right = s(0) == 0;
    for (tenon::index i = 1; i < 100000; ++i) right = right && s(i) == float(i - 1);
    CHECK(right);
  }
}

TEST_CASE("a named lazy expression is evaluated once, whatever reads it") {
  const tensor<float, 5> a{1, 2, 3, 4, 5};
  calls = 0;
  vector once = counted(a) + 1.f;
  const int one = calls;
  CHECK(one > 0);
  calls = 0;
  auto e = counted(a) + 1.f;
  CHECK(calls == 0);
  vector r = e;
  vector s = e * e;
  CHECK(sum(e).leaf_count == 1);
  CHECK(eval(sum(e)).item() == 20);
  CHECK(values(r) == vec{2, 3, 4, 5, 6});
  CHECK(values(s) == vec{4, 9, 16, 25, 36});
  CHECK(calls == one);
  r(0) = 99;  // the value kept for e is not r's
  CHECK(values(e) == vec{2, 3, 4, 5, 6});
  auto copy = e;  // a copy knows the value too
  CHECK(values(copy) == vec{2, 3, 4, 5, 6});
  CHECK(calls == one);
  // a subexpression without a name is computed with what reads it
  calls = 0;
  s = (counted(a) + 1.f) * 2.f;
  CHECK(calls == one);
}

TEST_CASE("copies share their buffer until one is written to") {
  matrix x{{1, 2}, {3, 4}};
  matrix y = x;
  CHECK(x.buffer() == y.buffer());
  const tensor<float, 2, dyn> fixed = y;  // another type of extents, the same elements
  CHECK(fixed.buffer() == x.buffer());
  y(0, 0) = 5;
  CHECK(x(0, 0) == 1);
  CHECK(fixed(0, 0) == 1);
  CHECK(address(x) == address(fixed));
  CHECK(address(x) != address(y));
  matrix z;
  z = x;
  CHECK(z.buffer() == x.buffer());
  const float* moved = address(y);
  z = std::move(y);
  CHECK(address(z) == moved);
}

TEST_CASE("updates of the only holder are in place") {
  vector w{1, 2, 3}, g{1, 1, 1};
  const float* const before = address(w);
  w -= 0.5f * g;
  CHECK(address(w) == before);
  CHECK(values(w) == vec{0.5, 1.5, 2.5});
  w = w + w * 2.f;
  CHECK(address(w) == before);
  CHECK(values(w) == vec{1.5, 4.5, 7.5});
  w = g + 1.f;  // no operand of its own: the buffer is kept
  CHECK(address(w) == before);
  vector holder = w;
  w += g;
  CHECK(address(w) != before);
  CHECK(address(holder) == before);
  CHECK(values(holder) == vec{2, 2, 2});
  CHECK(values(w) == vec{3, 3, 3});
  // an expression that lives is a holder
  auto e = w * 2.f;
  w += g;
  CHECK(values(e) == vec{6, 6, 6});
  w *= 2;
  w /= 4.f;
  CHECK(values(w) == vec{2, 2, 2});
}

TEST_CASE("data() ends sharing: copies are made at once") {
  vector x{1, 2, 3};
  vector early = x;
  float* p = x.data();
  CHECK(address(early) != p);
  p[0] = 10;
  CHECK(early(0) == 1);
  vector late = x;
  CHECK(address(late) != address(x));
  p[1] = 20;
  CHECK(values(late) == vec{10, 2, 3});
  late = x;
  p[2] = 30;
  CHECK(values(late) == vec{10, 20, 3});
  CHECK(values(x) == vec{10, 20, 30});
  x = late * 2.f;  // the pointer goes on seeing x
  CHECK(p[0] == 20);
  x = late;
  CHECK(p[0] == 10);
  x = vector{7, 8, 9};
  CHECK(p[0] == 7);
  x += late;
  CHECK(p[0] == 17);
}

TEST_CASE("a writable view that lives ends sharing, until it is gone") {
  vector x{1, 2, 3};
  {
    auto view = x.slice(range(0, 2));
    vector copy = x;
    CHECK_FALSE(copy.buffer() == x.buffer());
    view = 5;
    CHECK(values(copy) == vec{1, 2, 3});
    auto second = view;  // a view of the same elements
    second = 6;
    CHECK(values(view) == vec{6, 6});
    x = vector{7, 8, 9};
    CHECK(values(view) == vec{7, 8});
  }
  vector copy = x;
  CHECK(copy.buffer() == x.buffer());
}

TEST_CASE("noalias writes straight into the target") {
  vector x{1, 2, 3}, y{0, 0, 0};
  const float* const before = address(y);
  noalias(y) = x + 1.f;
  CHECK(values(y) == vec{2, 3, 4});
  CHECK(address(y) == before);
  vector holder = y;
  noalias(y) = x * 2.f;
  CHECK(values(holder) == vec{2, 3, 4});
  CHECK(values(y) == vec{2, 4, 6});
  vector other{1};
  noalias(other) = x;  // of another extent
  CHECK(values(other) == vec{1, 2, 3});
  other(0) = 9;
  CHECK(x(0) == 1);
}

TEST_CASE("a tensor that was moved from may be assigned, and says what it is when read") {
  vector x{1, 2, 3};
  vector y = std::move(x);
  CHECK_THROWS_AS(std::as_const(x)(0), usage_error);
  CHECK_THROWS_AS(std::as_const(x).begin(), usage_error);
  CHECK_THROWS_AS(x(0) = 1, usage_error);
  CHECK_THROWS_AS(eval(x + y), usage_error);
  CHECK_THROWS_AS(x.slice(0), usage_error);
  CHECK_THROWS_AS(x += y, usage_error);
  x = y + 1.f;
  CHECK(values(x) == vec{2, 3, 4});
  y = std::move(x);
  x = y;
  CHECK(values(x) == vec{2, 3, 4});
  tensor<float, 3> fixed{1, 2, 3}, other = std::move(fixed);
  fixed = other;
  CHECK(values(fixed) == vec{1, 2, 3});
  vector& self = x;
  x = self;
  x = std::move(self);
  CHECK(values(x) == vec{2, 3, 4});
}

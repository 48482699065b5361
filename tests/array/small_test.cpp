// Small tensors of static extents: elements inside the tensor, the same meanings, no allocation.
#define TENON_NO_BUFFER_CACHE  // every buffer is to be counted

#include <tenon/array/elements.hpp>
#include <tenon/autodiff/transforms.hpp>
#include <tenon/symbol/compile.hpp>
#include <type_traits>

#include "../support.hpp"
#include "../symbol/allocations.hpp"

using namespace tenon;
using test::thrown;
using test::values;
using test::vec;

namespace {

using m2 = tensor<float, 2, 2>;
using m4 = tensor<float, 4, 4>;
using v3 = tensor<float, 3>;

const float* address(const auto& t) { return t.flat(); }
bool inside(const auto& t) {
  const auto* const p = reinterpret_cast<const std::byte*>(t.flat());
  const auto* const at = reinterpret_cast<const std::byte*>(&t);
  return p >= at && p < at + sizeof t;
}
m4 counted(float from) {
  m4 m;
  for (int i = 0; i < 16; ++i) m(i / 4, i % 4) = from + float(i);
  return m;
}

}  // namespace

TEST_CASE("which tensors hold their elements inside, and how") {
  static_assert(sizeof(tensor<float, 3>) == 12);
  static_assert(sizeof(m4) == 64 && alignof(m4) == 64);
  static_assert(sizeof(tensor<float, 4>) == 16 && alignof(tensor<float, 4>) == 16);
  static_assert(sizeof(tensor<double>) == 8);
  static_assert(std::is_trivially_copyable_v<m4>);
  static_assert(tensor<double, 4, 4, 4>::inside && tensor<float, 64>::inside && tensor<float, 0>::inside);
  static_assert(!tensor<float, 65>::inside && !tensor<complex128, 64>::inside && !tensor<float, dyn>::inside);
  static_assert(!tensor<float, "n">::inside && tensor<float, 0, 7>::inside);
  CHECK(inside(m4()));
  CHECK(inside(tensor<double, 4, 4, 4>()));
  CHECK(!inside(tensor<float, 65>()));
  CHECK(values(m2()) == vec{0, 0, 0, 0});
  CHECK(values(tensor<float, 0>()).empty());
}

TEST_CASE("a regular value") {
  m2 a{{1, 2}, {3, 4}};
  m2 b = a;
  b(0, 0) = 9;
  CHECK(values(a) == vec{1, 2, 3, 4});
  CHECK(values(b) == vec{9, 2, 3, 4});
  std::swap(a, b);
  CHECK(values(a) == vec{9, 2, 3, 4});
  m2& same = a;
  a = same;
  a = std::move(same);
  CHECK(values(a) == vec{9, 2, 3, 4});
  m2 moved = std::move(a);
  a = moved;  // what was moved from may be assigned
  CHECK(values(a) == vec{9, 2, 3, 4});
  const auto made = [] {
    m2 local{{5, 6}, {7, 8}};
    return local;
  };
  CHECK(values(made()) == vec{5, 6, 7, 8});
  std::vector<m4> list;
  for (int i = 0; i < 20; ++i) list.push_back(counted(float(i)));
  for (int i = 0; i < 20; ++i) {
    CHECK(list[std::size_t(i)](3, 3) == float(i + 15));
    CHECK(reinterpret_cast<std::uintptr_t>(address(list[std::size_t(i)])) % 64 == 0);
  }
}

TEST_CASE("an expression means the values that its leaves had") {
  v3 a{1, 2, 3};
  auto e = a * 2.f + 1.f;
  a = v3{7, 7, 7};
  CHECK(values(e) == vec{3, 5, 7});
  auto kept = [] {
    v3 local{1, 2, 3};
    return local * local;  // safe to return and evaluate later
  }();
  CHECK(values(kept) == vec{1, 4, 9});
  auto twice = e + e;  // of a named expression
  auto copy = twice;
  CHECK(values(copy) == vec{6, 10, 14});
  auto with_large = [] {
    v3 local{1, 2, 3};
    return local + zeros<float>(4, 3);  // beside an array that is not small
  }();
  CHECK(values(with_large) == vec{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3});
  const tensor<float, dyn> sum_of = a + ones<float>(3);
  CHECK(values(sum_of) == vec{8, 8, 8});
}

TEST_CASE("aliasing is right by default") {
  m4 a = counted(0);
  const m4 before = a;
  a = transpose(a) + a;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) CHECK(a(i, j) == before(i, j) + before(j, i));
  a = matmul(a, a);
  a = counted(0);
  a.slice(all, range(1, 4)) = a.slice(all, range(0, 3));
  CHECK(a(1, 1) == 4);
  CHECK(a(1, 3) == 6);
  noalias(a) = before + 1.f;
  CHECK(a(0, 0) == 1);
  a += a;
  a *= 0.5f;
  a -= before;
  CHECK(values(a) == vec(16, 1.));
  v3 u{1, 2, 3};
  u = u / sqrt(sum(u * u));
  CHECK(double(u(2)) == doctest::Approx(3 / std::sqrt(14.)));
}

TEST_CASE("slices, elements and pointers") {
  m4 a = counted(0);
  auto row = a[1];
  row = 5.f;
  CHECK(a(1, 0) == 5);
  row.slice(range(0, 2)) += 1.f;
  CHECK(a(1, 1) == 6);
  CHECK(a(1, 2) == 5);
  auto e = row + 0.f;  // a value: the view can be written to at any time
  a(1, 3) = 100;
  CHECK(values(e) == vec{6, 6, 5, 5});
  const m4& c = a;
  const auto part = c[0];  // of what is const, a value of its own
  a(0, 0) = -1;
  CHECK(part(0) == 0);
  const auto some = c.slice(range(0, 2), 1);
  a(0, 1) = -1;
  CHECK(values(some) == vec{1, 6});
  auto of_temporary = counted(0)[3];
  CHECK(values(of_temporary) == vec{12, 13, 14, 15});
  auto columns = counted(0).slice(all, range(0, 4, 2));
  CHECK(values(columns) == vec{0, 2, 4, 6, 8, 10, 12, 14});
  a.data()[15] = 3;
  CHECK(a(3, 3) == 3);
  for (float& x : a) x = 1;
  CHECK(values(sum(a)) == vec{16});
  a[a > 0.f] = 2.f;
  CHECK(values(sum(a)) == vec{32});
  CHECK(values(c[tensor<int, 2>{0, 1}]) == vec(8, 2.));
  auto chosen = counted(0)[tensor<int, 1>{2}];
  CHECK(values(chosen) == vec{8, 9, 10, 11});
  for (auto line : rows(a)) line = 4.f;
  CHECK(values(a) == vec(16, 4.));
}

TEST_CASE("a failed assignment changes nothing") {
  m2 a{{1, 2}, {3, 4}};
  const tensor<float, dyn, dyn> wrong = ones<float>(3, 2);
  CHECK_THROWS_AS(a = wrong, shape_error);
  CHECK_THROWS_AS(a += wrong, shape_error);
  CHECK_THROWS_AS(a[0] = ones<float>(3), shape_error);
  CHECK_THROWS_AS(a.slice(range(0, 5)), index_error);
  CHECK_THROWS_AS(a(2, 0), index_error);
  tensor<float> s = 1.f;
  CHECK(values(a) == vec{1, 2, 3, 4});
  CHECK(s.item() == 1);
}

TEST_CASE("numbers: tensors of rank 0") {
  tensor<double> s = 2.0;
  const tensor<double, dyn> x{1, 2, 3};
  CHECK(values(x * s) == vec{2, 4, 6});
  auto e = x * s;
  s = 5.0;
  CHECK(values(e) == vec{2, 4, 6});
  s += 1.0;
  s *= s;
  CHECK(double(s) == 36);
  CHECK(values(v3{1, 2, 3} * tensor<float, 1>{2}) == vec{2, 4, 6});
}

TEST_CASE("nothing is allocated") {
  m4 a = counted(0), b = counted(1), c;
  v3 u{1, 2, 3};
  tensor<float> s;
  [[maybe_unused]] const long statements = allocations_of([&] {
    c = a + b * 2.f;
    c += exp(a * 0.f) / (b + 1.f);
    c = matmul(a, transpose(b)) - sum(a, axis<0>);
    c = where(a > b, a, maximum(b, 0.f));
    u = u / sqrt(sum(u * u));
    s = sum(a * b);
    s = mean(a) + max(b);
    const auto e = a * 2.f;
    const auto f = e + e;
    c = f;
    const m4 d = eval(c * c);
    c = d;
    c(1, 2) = 3;
    c[0] = 1.f;
    u = c[0].slice(range(0, 3)).size() > 2 ? u : u;
  });
  const auto f = [](auto x, auto y) { return sum(tanh(matmul(x, y)) * x); };
  auto value = compile(f, spec<float, 4, 4>{}, spec<float, 4, 4>{});
  auto both = compile(value_and_grad<0, 1>(f), spec<float, 4, 4>{}, spec<float, 4, 4>{});
  [[maybe_unused]] const long compiled = allocations_of([&] {
    s = value(a, b);
    const auto [v, g] = both(a, b);
    c = std::get<0>(g) + std::get<1>(g);
    const auto [v2, g2] = value_and_grad(f)(a, b);
    c = g2;
    const auto [v3_, t] = jvp(f, primals(a, b), tangents(b, a));
    s = t;
  });
#if TENON_COUNTS
  CHECK(statements == 0);
  CHECK(compiled == 0);
#endif
}

TEST_CASE("a named lazy expression keeps its value, copies of it too") {
  v3 a{1, 2, 3};
  auto e = a * a;
  auto r = e + 1.f;
  auto copy = e;
  auto moved = std::move(copy);
  CHECK(values(r) == vec{2, 5, 10});
  CHECK(values(moved + e) == vec{2, 8, 18});
}

// Memory of others as operands and as targets.
#include <tenon/array/borrow.hpp>

#include "../support.hpp"

#include <limits>
#include <memory>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

template <class R>
concept borrows = requires(R&& r) {
  borrow(static_cast<R&&>(r));
};
static_assert(borrows<std::vector<float>&> && borrows<const std::vector<float>&> &&
              borrows<std::span<float>>);
static_assert(!borrows<std::vector<float>> && !borrows<std::array<int, 3>>);  // about to go
static_assert(!borrows<std::vector<bool>&> && !borrows<std::vector<std::string>&>);

}  // namespace

TEST_CASE("borrowed memory is read and written in place") {
  std::vector<float> memory(12);
  for (int i = 0; i < 12; ++i) memory[std::size_t(i)] = float(i);
  auto b = borrow(memory.data(), 3, 4);
  static_assert(std::is_same_v<decltype(b), basic_borrow<float, shape<dyn_size, dyn_size>, true>>);
  static_assert(std::is_same_v<decltype(borrow<"batch", 4>(memory.data(), 3)),
                               basic_borrow<float, shape_of_extents<"batch", 4>, true>>);
  CHECK(b.data() == memory.data());
  CHECK(values(b * 2.f) == vec{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22});
  CHECK(values(sum(b, axis<0>)) == vec{12, 15, 18, 21});
  memory[0] = 5;
  const auto late = b + 1.f;
  memory[0] = 7;
  CHECK(values(late)[0] == 8);  // read when it is evaluated
  b(1, 2) = -1;
  CHECK(memory[6] == -1);
  b = b + 1.f;
  CHECK(memory == std::vector<float>{8, 2, 3, 4, 5, 6, 0, 8, 9, 10, 11, 12});
  b -= 1.f;
  b *= b;
  CHECK(memory[1] == 1);
  CHECK(memory[11] == 121);
  b = 3.f;
  CHECK(memory == std::vector<float>(12, 3));
  b = tensor<float, 4>{1, 2, 3, 4};  // broadcast, as a slice does
  CHECK(memory == std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4});
  const tensor<float, dyn, dyn> copy = b;
  b = 0.f;
  CHECK(values(copy)[5] == 2);
  auto c = b;  // a handle
  c = 1.f;
  CHECK(memory[3] == 1);
  CHECK(thrown<shape_error>([&] { b = zeros<float>(3, 5); }) != "");
  CHECK(memory == std::vector<float>(12, 1));
}

TEST_CASE("pointers to const are read only") {
  const double memory[] = {1, 2, 3};
  const auto b = borrow<3>(memory);
  static_assert(!std::is_assignable_v<decltype((b)), tensor<double, 3>>);
  static_assert(std::is_same_v<decltype(b(0)), const double&>);
  static_assert(!std::is_copy_assignable_v<basic_borrow<double, shape<size<3>>, false>>);
  CHECK(values(exp(b * 0.0)) == vec{1, 1, 1});
}

TEST_CASE("strides, negative ones too") {
  std::vector<int> memory(24);
  for (int i = 0; i < 24; ++i) memory[std::size_t(i)] = i;
  const auto columns = borrow(memory.data(), {3, 4}, {1, 6});
  CHECK(values(columns) == vec{0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20});
  auto back = borrow<2, dyn>(memory.data() + 23, {2, 3}, {-12, -2});
  CHECK(values(back) == vec{23, 21, 19, 11, 9, 7});
  CHECK(values(sum(back, axis<1>)) == vec{63, 27});
  back += 100;
  CHECK(memory[23] == 123);
  CHECK(memory[22] == 22);
  CHECK(memory[7] == 107);
  CHECK(values(back.slice(all, range(0, 2))) == vec{123, 121, 111, 109});
  back[1] = 0;
  CHECK(memory[7] == 0);
  CHECK(memory[19] == 119);
  const int one = 5;
  CHECK(values(borrow(&one, {2, 3}, {0, 0})) == vec{5, 5, 5, 5, 5, 5});
  const auto windows = borrow(static_cast<const int*>(memory.data()), {5, 2}, {1, 1});
  CHECK(values(windows) == vec{0, 1, 1, 2, 2, 3, 3, 4, 4, 5});
  const std::array<tenon::index, 2> extents{2, 2}, strides{2, 1};
  CHECK(values(borrow(memory.data(), extents, strides)) == vec{0, 1, 2, 3});
}

TEST_CASE("targets that overlap what is read get the values as they were") {
  std::vector<double> memory{1, 2, 3, 4, 5, 6, 7, 8, 9};
  auto b = borrow(memory.data(), 3, 3);
  b = transpose(b);
  CHECK(memory == std::vector<double>{1, 4, 7, 2, 5, 8, 3, 6, 9});
  b = matmul(b, b) - b;
  CHECK(memory == std::vector<double>{29, 62, 95, 34, 76, 118, 39, 90, 141});
  memory = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  borrow(memory.data() + 1, 8) = borrow(memory.data(), 8);
  CHECK(memory == std::vector<double>{1, 1, 2, 3, 4, 5, 6, 7, 8});
  borrow(memory.data(), 8) = borrow(memory.data() + 1, 8) * 1.0;
  CHECK(memory == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 8});
  auto forward = borrow(memory.data(), 9);
  forward = flip(forward);
  CHECK(memory == std::vector<double>{8, 8, 7, 6, 5, 4, 3, 2, 1});
  forward = forward + sum(forward);
  CHECK(memory == std::vector<double>{52, 52, 51, 50, 49, 48, 47, 46, 45});
  forward = softmax(forward * 0.0);
  CHECK(memory[8] == doctest::Approx(1. / 9));
  tensor<double, 4> t{1, 2, 3, 4};
  borrow(t.data() + 1, 3) = borrow(t.data(), 3);
  CHECK(values(t) == vec{1, 1, 2, 3});
  t = borrow(static_cast<const double*>(t.data()), {4}, {0}) + t;
  CHECK(values(t) == vec{2, 2, 3, 4});
}

TEST_CASE("vectors, arrays and spans") {
  std::vector<float> v{1, 2, 3, 4, 5, 6};
  const std::vector<float>& c = v;
  std::array<int, 3> a{1, 2, 3};
  static_assert(std::is_same_v<decltype(borrow(a)), basic_borrow<int, shape<size<3>>, true>>);
  static_assert(std::is_same_v<decltype(borrow(c)), basic_borrow<float, shape<dyn_size>, false>>);
  CHECK(values(borrow(v) + borrow(c)) == vec{2, 4, 6, 8, 10, 12});
  borrow<dyn, 3>(v) += 1.f;
  CHECK(v == std::vector<float>{2, 3, 4, 5, 6, 7});
  CHECK(test::extents(borrow<dyn, 3>(c)) == dims{2, 3});
  CHECK(test::extents(borrow<2, dyn>(c)) == dims{2, 3});
  CHECK(test::extents(borrow<dyn, dyn>(c, 3, 2)) == dims{3, 2});
  borrow(std::span(a)) = borrow(std::span<const int>(a)) * 2;
  CHECK(a == std::array<int, 3>{2, 4, 6});
  std::vector<complex64> z{{1, 2}};
  CHECK(eval(borrow(z) * borrow(z))(0) == complex64{-3, 4});
  CHECK(contains(thrown<shape_error>([&] { (void)borrow<dyn, 4>(v); }),
                 "6 elements do not fill the shape [1, 4]"));
  CHECK(thrown<shape_error>([&] { (void)borrow<dyn, dyn>(v, -2, -3); }) != "");
  CHECK(thrown<shape_error>(
            [&] { (void)borrow<dyn, dyn>(v, tenon::index(1) << 62, tenon::index(1) << 62); }) != "");
  CHECK(values(borrow(std::vector<double>{}.data(), 0)).empty());
}

TEST_CASE("what cannot be borrowed is refused") {
  float x[4]{};
  constexpr tenon::index large = std::numeric_limits<tenon::index>::max();
  CHECK(values(borrow(static_cast<float*>(nullptr), 3, 0)).empty());
  CHECK(eval(sum(borrow(static_cast<float*>(nullptr), 0))).item() == 0);
  borrow(static_cast<float*>(nullptr), 0) = 1.f;
  CHECK(contains(thrown<usage_error>([] { (void)borrow(static_cast<float*>(nullptr), 3); }), "null"));
  CHECK(contains(thrown<shape_error>([&] { (void)borrow(x, -1); }), "negative"));
  CHECK(thrown<shape_error>([&] { (void)borrow(x, large, large); }) != "");
  CHECK(thrown<shape_error>([&] { (void)borrow(x, large); }) != "");
  CHECK(thrown<shape_error>([&] { (void)borrow(x, large, 0, large); }) != "");
  CHECK(thrown<shape_error>([&] { (void)borrow(x, {2, 2}, {large, 1}); }) != "");
  CHECK(thrown<shape_error>([&] {
          (void)borrow(x, {2, 2}, {std::numeric_limits<tenon::index>::min(), 1});
        }) != "");
  CHECK(contains(thrown<shape_error>([&] { (void)borrow<3, dyn>(x, {2, 2}, {2, 1}); }), "expected extent 3"));
  CHECK(contains(thrown<usage_error>([&] { (void)borrow(x, {2, 2}, {0, 1}); }), "stride 0"));
  const auto* odd = reinterpret_cast<const double*>(reinterpret_cast<const char*>(x) + 1);
  CHECK(contains(thrown<usage_error>([&] { (void)borrow(odd, 1); }), "multiple of"));
}

TEST_CASE("parts of parts") {
  tensor<float, 3, 4> t{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}};
  t.slice(range(1, 3)).slice(all, range(0, 4, 2))[1] = -1.f;
  CHECK(values(t) == vec{0, 1, 2, 3, 4, 5, 6, 7, -1, 9, -1, 11});
  t[0] = t[1] + t[0];  // straight into the row
  t[1] += t[1];
  t.slice(all, 0) = sum(t, axis<1>);
  CHECK(values(t) == vec{28, 6, 8, 10, 44, 10, 12, 14, 18, 9, -1, 11});
  const tensor<float, 3, 4> copy = t;
  t[2] = t[0];
  CHECK(copy(2, 1) == 9);
  CHECK(t(2, 1) == 6);
}

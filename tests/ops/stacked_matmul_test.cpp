// Matrix products of operands of any rank: stacks that broadcast, vectors, strides; every dtype.
#include "naive.hpp"

#include <tenon/array/random.hpp>
#include <tenon/eval/cpu/threads.hpp>

using namespace tenon;
using test::integers;
using test::naive;
using test::nd;
using test::read;

namespace {

template <class A, class B>
void check(const char* spec, const A& a, const B& b) {
  CAPTURE(spec);
  const nd expected = naive(spec, {read(a), read(b)});
  CHECK(read(matmul(a, b)) == expected);
}

/// As they are, with the last two axes exchanged in memory, and under strides along one axis and the other.
template <class A, class B>
void check_layouts(const char* spec, const A& a, const B& b) {
  check(spec, a, b);
  const nd expected = naive(spec, {read(a), read(b)});
  if constexpr (A::rank > 1 && B::rank > 1) {
    const A at = swapaxes<-1, -2>(a);
    const B bt = swapaxes<-1, -2>(b);
    CHECK(read(matmul(swapaxes<-1, -2>(at), b)) == expected);
    CHECK(read(matmul(a, swapaxes<-1, -2>(bt))) == expected);
  }
  for (const int which : {0, 1})
    test::with_strides(a, which, [&](const auto& va) {
      test::with_strides(b, 1 - which, [&](const auto& vb) { CHECK(read(matmul(va, vb)) == expected); });
    });
}

}  // namespace

TEST_CASE_TEMPLATE("stacks of matrices", T, float, std::int64_t) {
  for (const tenon::index m : {0, 1, 3, 20})
    for (const tenon::index k : {0, 1, 5, 18})
      for (const tenon::index n : {0, 1, 2, 7, 17, 40}) {
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        check_layouts("bij,bjk->bik", integers<T>(3, m, k), integers<T>(3, k, n));
        check("bij,bjk->bik", integers<T>(1, m, k), integers<T>(3, k, n));
        check("bij,bjk->bik", integers<T>(3, m, k), integers<T>(1, k, n));
        check("bij,bjk->bik", integers<T>(0, m, k), integers<T>(0, k, n));
      }
}

TEST_CASE_TEMPLATE("matrices beside stacks, and vectors", T, double, std::int32_t) {
  for (const tenon::index m : {0, 1, 4, 33})
    for (const tenon::index k : {0, 1, 6, 40})
      for (const tenon::index n : {1, 3, 35}) {
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        check_layouts("bij,jk->bik", integers<T>(2, m, k), integers<T>(k, n));
        check_layouts("ij,bjk->bik", integers<T>(m, k), integers<T>(2, k, n));
        check_layouts("bij,j->bi", integers<T>(2, m, k), integers<T>(k));
        check_layouts("j,bjk->bk", integers<T>(k), integers<T>(2, k, n));
        check("ij,j->i", integers<T>(m, k), integers<T>(k));
        check("j,jk->k", integers<T>(k), integers<T>(k, n));
        check("j,j->", integers<T>(k), integers<T>(k));
      }
}

TEST_CASE("two axes of stacks broadcast against each other") {
  check("abij,abjk->abik", integers<float>(2, 1, 3, 4), integers<float>(1, 5, 4, 6));
  check("abij,bjk->abik", integers<float>(2, 5, 3, 4), integers<float>(5, 4, 6));
  check("bij,abjk->abik", integers<float>(1, 3, 4), integers<float>(2, 5, 4, 6));
  check("abij,jk->abik", integers<float>(2, 5, 3, 4), integers<float>(4, 6));
}

TEST_CASE("products large enough to be packed") {
  check_layouts("bij,bjk->bik", integers<float>(3, 70, 50), integers<float>(3, 50, 65));
  check_layouts("bij,jk->bik", integers<double>(3, 40, 90), integers<double>(90, 33));
  check_layouts("ij,bjk->bik", integers<float>(40, 90), integers<float>(3, 90, 33));
}

TEST_CASE("extents of the result; named stacks; misfits at run time") {
  const auto x = ones<float, "batch", 4, 3>(2);
  const auto w = ones<float, 3, 5>();
  CHECK(std::is_same_v<decltype(matmul(x, w))::shape_type, shape<spelled<"batch">, size<4>, size<5>>>);
  CHECK(std::is_same_v<decltype(matmul(ones<float, 7, 1, 2, 3>(), ones<float, 4, 3, 5>()))::shape_type,
                       shape_of_extents<7, 4, 2, 5>>);
  CHECK(std::is_same_v<decltype(matmul(ones<float, 3>(), ones<float, 3>()))::shape_type, shape<>>);
  CHECK(test::values(matmul(x, w)) == test::vec(40, 3.));
  const std::string inner =
      test::thrown<shape_error>([&] { eval(matmul(ones<float>(2, 3, 4), ones<float>(2, 5, 6))); });
  for (const char* part : {"matmul", "[2, 3, 4]", "[2, 5, 6]"}) CHECK(test::contains(inner, part));
  const std::string stack =
      test::thrown<shape_error>([&] { eval(matmul(ones<float>(2, 3, 4), ones<float>(3, 4, 6))); });
  for (const char* part : {"matmul", "[2, 3, 4]", "[3, 4, 6]"}) CHECK(test::contains(stack, part));
}

TEST_CASE("the same bits on any number of threads") {
  generator g{5};
  const auto check_threads = [&](const auto& a, const auto& b) {
    set_num_threads(1);
    const auto one = eval(matmul(a, b));
    for (const int threads : {2, 3}) {
      set_num_threads(threads);
      const auto more = eval(matmul(a, b));
      CHECK(std::memcmp(one.data(), more.data(), std::size_t(one.size()) * sizeof(*one.data())) == 0);
    }
    set_num_threads(2);
  };
  check_threads(uniform<float>(g, 600, 7, 9), uniform<float>(g, 600, 9, 5));
  check_threads(uniform<float>(g, 3, 150, 300), uniform<float>(g, 3, 300, 170));
  check_threads(uniform<double>(g, 40, 33, 65), uniform<double>(g, 65, 70));
  check_threads(uniform<float>(g, 50, 40, 41), uniform<float>(g, 41));
  // few terms, whose rows are shared out
  for (const int rows : {2047, 2049, 4097}) {
    check_threads(uniform<float>(g, rows, 2), uniform<float>(g, 2, 64));
    check_threads(uniform<float>(g, rows, 3), uniform<float>(g, 3, 17));
    check_threads(uniform<double>(g, rows, 1), uniform<double>(g, 1, 61));
    check_threads(uniform<float>(g, rows, 12), transpose(uniform<float>(g, 5, 12)));
  }
}

TEST_CASE("an operand that is computed, and what follows") {
  const auto a = integers<float>(3, 4, 5), b = integers<float>(3, 5, 6);
  const auto bias = integers<float>(6);
  test::dynamic<float, 3> doubled = a * 2.f, r = matmul(a * 2.f, b) + bias;
  nd expected = naive("bij,bjk->bik", {read(doubled), read(b)});
  for (std::size_t i = 0; i < expected.value.size(); ++i) expected.value[i] += bias(tenon::index(i % 6));
  CHECK(read(r) == expected);
  CHECK(read(matmul(a, swapaxes<-1, -2>(a))) == naive("bij,bkj->bik", {read(a), read(a)}));
}

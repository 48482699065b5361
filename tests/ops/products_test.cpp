// dot, inner, outer, vecdot, matvec, vecmat, tensordot, kron, khatri_rao, cross, matrix_power and diagonals, against
// sums over all labels.
#include "naive.hpp"

using namespace tenon;
using test::integers;
using test::naive;
using test::nd;
using test::read;

namespace {

nd merged(nd x, std::vector<tenon::index> shape) {
  x.shape = std::move(shape);
  return x;
}

}  // namespace

TEST_CASE_TEMPLATE("dot and inner", T, float, std::int32_t) {
  for (const tenon::index k : {0, 1, 4}) {
    CAPTURE(k);
    const auto v = integers<T>(k), w = integers<T>(k);
    const auto a = integers<T>(3, k), b = integers<T>(k, 5), bt = integers<T>(5, k);
    const auto c = integers<T>(2, 3, k), d = integers<T>(4, k, 5), dt = integers<T>(4, 5, k);
    CHECK(read(dot(v, w)) == naive("i,i->", {read(v), read(w)}));
    CHECK(read(dot(a, b)) == naive("ij,jk->ik", {read(a), read(b)}));
    CHECK(read(dot(c, v)) == naive("aij,j->ai", {read(c), read(v)}));
    CHECK(read(dot(v, d)) == naive("j,bjk->bk", {read(v), read(d)}));
    CHECK(read(dot(c, d)) == naive("aij,bjk->aibk", {read(c), read(d)}));
    CHECK(read(inner(v, w)) == naive("i,i->", {read(v), read(w)}));
    CHECK(read(inner(a, bt)) == naive("ij,kj->ik", {read(a), read(bt)}));
    CHECK(read(inner(c, dt)) == naive("aij,bkj->aibk", {read(c), read(dt)}));
    CHECK(read(inner(v, c)) == naive("j,aij->ai", {read(v), read(c)}));
  }
  const tensor<T> two = T(2);
  const auto a = integers<T>(3, 4);
  CHECK(read(dot(two, a)) == read(a * T(2)));
  CHECK(read(inner(a, two)) == read(a * T(2)));
}

TEST_CASE_TEMPLATE("outer, vecdot, matvec, vecmat", T, double, std::int64_t) {
  for (const tenon::index n : {0, 1, 5, 20}) {
    CAPTURE(n);
    const auto v = integers<T>(n), w = integers<T>(3);
    CHECK(read(outer(v, w)) == naive("i,j->ij", {read(v), read(w)}));
    const auto m = integers<T>(2, n);
    CHECK(read(outer(w, m)) == merged(naive("i,jk->ijk", {read(w), read(m)}), {3, 2 * n}));
    CHECK(read(outer(swapaxes<0, 1>(m), w)) == merged(naive("kj,i->jki", {read(m), read(w)}), {2 * n, 3}));
    CHECK(read(vecdot(m, v)) == naive("ij,j->i", {read(m), read(v)}));
    CHECK(read(vecdot(m, m, axis<0>)) == naive("ij,ij->j", {read(m), read(m)}));
    const auto stack = integers<T>(4, 3, n);
    CHECK(read(matvec(stack, v)) == naive("aij,j->ai", {read(stack), read(v)}));
    const auto columns = integers<T>(4, n), rows = integers<T>(4, 3);
    CHECK(read(matvec(stack, columns)) == naive("aij,aj->ai", {read(stack), read(columns)}));
    CHECK(read(vecmat(rows, stack)) == naive("ai,aij->aj", {read(rows), read(stack)}));
    CHECK(read(vecmat(w, stack)) == naive("i,aij->aj", {read(w), read(stack)}));
  }
  const tensor<T> two = T(2), three = T(3);
  CHECK(read(outer(two, three)) == nd{{1, 1}, {6}});
}

TEST_CASE_TEMPLATE("tensordot", T, float, std::int64_t) {
  const auto a = integers<T>(2, 3, 4, 5), b = integers<T>(4, 5, 6, 3);
  CHECK(read(tensordot(a, b)) == naive("abcd,cdef->abef", {read(a), read(b)}));
  const auto c = integers<T>(5, 6);
  CHECK(read(tensordot<1>(a, c)) == naive("abcd,de->abce", {read(a), read(c)}));
  CHECK(read(tensordot<0>(c, c)) == naive("ab,cd->abcd", {read(c), read(c)}));
  CHECK(read(tensordot(a, b, axes<1, 3>, axes<3, 1>)) == naive("abcd,edfb->acef", {read(a), read(b)}));
  CHECK(read(tensordot(a, b, axes<-3, -1, 2>, axes<-1, 1, 0>)) == naive("abcd,cdfb->af", {read(a), read(b)}));
  CHECK(read(tensordot(a, a, axes<0, 1, 2, 3>, axes<0, 1, 2, 3>)) ==
        naive("abcd,abcd->", {read(a), read(a)}));
  test::with_strides(a, 0, [&](const auto& v) {
    CHECK(read(tensordot(v, b)) == naive("abcd,cdef->abef", {read(a), read(b)}));
  });
  const auto none = integers<T>(0, 3), x = integers<T>(3, 2);
  CHECK(read(tensordot<1>(none, x)) == naive("ij,jk->ik", {read(none), read(x)}));
  CHECK(read(tensordot(none, none, axes<0>, axes<0>)) == naive("ij,ik->jk", {read(none), read(none)}));
}

TEST_CASE_TEMPLATE("kron and khatri_rao", T, double, std::int32_t) {
  const auto a = integers<T>(2, 3), b = integers<T>(4, 5);
  const auto c = integers<T>(6);
  CHECK(read(kron(a, b)) == merged(naive("ij,kl->ikjl", {read(a), read(b)}), {8, 15}));
  CHECK(read(kron(c, c)) == merged(naive("i,j->ij", {read(c), read(c)}), {36}));
  CHECK(read(kron(a, c)) == merged(naive("ij,l->ijl", {read(a), read(c)}), {2, 18}));
  CHECK(read(kron(c, a)) == merged(naive("j,kl->kjl", {read(c), read(a)}), {2, 18}));
  CHECK(read(kron(transpose(a), b)) == merged(naive("ji,kl->ikjl", {read(a), read(b)}), {12, 10}));
  CHECK(read(kron(integers<T>(0, 2), b)) == nd{{0, 10}, {}});
  const auto d = integers<T>(3, 5), e = integers<T>(2, 5);
  CHECK(read(khatri_rao(b, d)) == merged(naive("ik,jk->ijk", {read(b), read(d)}), {12, 5}));
  CHECK(read(khatri_rao(b, d, e)) == merged(naive("ak,bk,ck->abck", {read(b), read(d), read(e)}), {24, 5}));
  using fixed = decltype(kron(ones<T, 2, 3>(), ones<T, 4, 5>()));
  CHECK(std::is_same_v<typename fixed::shape_type, shape_of_extents<8, 15>>);
}

TEST_CASE_TEMPLATE("cross", T, double, std::int32_t) {
  const auto a = integers<T>(4, 3), b = integers<T>(4, 3);
  nd expected{{4, 3}, {}};
  for (tenon::index i = 0; i < 4; ++i)
    for (tenon::index j = 0; j < 3; ++j)
      expected.value.push_back(static_cast<long double>(T(a(i, (j + 1) % 3)) * T(b(i, (j + 2) % 3)) -
                                                        T(a(i, (j + 2) % 3)) * T(b(i, (j + 1) % 3))));
  CHECK(read(cross(a, b)) == expected);
  CHECK(read(transpose(cross<0>(transpose(a), transpose(b)))) == expected);
  const auto row = integers<T>(3);
  CHECK(read(cross(a, row)) == read(cross(a, broadcast_to(row, shape_of(a)))));
  CHECK_THROWS_AS(eval(cross(integers<T>(2, 4), row)), shape_error);
}

TEST_CASE("matrix_power") {
  const auto x = integers<double>(2, 3, 3);
  nd power = naive("bij,bjk->bik", {read(x), read(x)});
  CHECK(read(matrix_power<1>(x)) == read(x));
  CHECK(read(matrix_power<2>(x)) == power);
  for (int n = 3; n <= 5; ++n) power = naive("bij,bjk->bik", {power, read(x)});
  CHECK(read(matrix_power<5>(x)) == power);
  CHECK(test::values(matrix_power<0>(x)) == test::vec{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK_THROWS_AS(eval(matrix_power<2>(integers<double>(2, 3))), shape_error);
}

TEST_CASE("diagonals") {
  const auto x = integers<float>(2, 3, 4);
  const auto check = [&](const nd& got, int offset) {
    nd expected{{2, 0}, {}};
    for (tenon::index b = 0; b < 2; ++b)
      for (tenon::index i = 0; i < 3; ++i)
        if (i + offset >= 0 && i + offset < 4)
          expected.value.push_back(static_cast<long double>(x(b, i, i + offset)));
    expected.shape[1] = tenon::index(expected.value.size()) / 2;
    CHECK(got == expected);
  };
  check(read(diagonal(x)), 0);
  check(read(diagonal<1>(x)), 1);
  check(read(diagonal<3>(x)), 3);
  check(read(diagonal<-2>(x)), -2);
  check(read(diagonal<9>(x)), 9);
  check(read(diagonal<-9>(x)), -9);
  check(read(diagonal<1, 0, 1>(permute<1, 2, 0>(x))), 1);
  CHECK(std::is_same_v<decltype(diagonal<1>(ones<float, 3, 4>()))::shape_type, shape_of_extents<3>>);
  CHECK(std::is_same_v<decltype(diagonal(ones<float, "n", "n">(4, 4)))::shape_type, shape<spelled<"n">>>);
  CHECK(test::values(diagonal(eye<float>(3)) + 1.f) == test::vec{2, 2, 2});
}

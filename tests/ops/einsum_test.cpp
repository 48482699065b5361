// einsum against a loop over all labels: one operand and several, repeated labels, "...", implicit outputs, extents 1
// and 0, strides; what the order of products is, and what the result's type says.
#include "naive.hpp"

using namespace tenon;
using test::integers;
using test::integers_of;
using test::naive;
using test::nd;
using test::read;

namespace {

/// The specification with its output written out, for the naive loop.
template <detail::einsum_spec S, class... X>
void check(const char* full, const X&... x) {
  CAPTURE(S.text);
  CHECK(read(einsum<S>(x...)) == naive(full, {read(x)...}));
}
template <detail::einsum_spec S, class... X>
void check(const X&... x) {
  check<S>(S.text, x...);
}

}  // namespace

TEST_CASE_TEMPLATE("one operand", T, float, std::int64_t) {
  const auto v = integers<T>(5);
  const auto m = integers<T>(4, 4), r = integers<T>(3, 7);
  const auto t = integers<T>(3, 4, 3);
  const auto u = integers<T>(2, 3, 3, 2);
  check<"i->">(v);
  check<"ij->ji">(r);
  check<"ij->j">(r);
  check<"ij->">(r);
  check<"ii->i">(m);
  check<"ii->">(m);
  check<"iji->ij">(t);
  check<"iji->j">(t);
  check<"ijji->ji">(u);
  check<"ijji->">(u);
  check<"...ij->...ji">(t);
  check<"...i->...">(t);
  check<"i...->...i">(t);
  check<"i j k -> k i">("ijk->ki", t);
  check<"ji">("ji->ij", r);
  check<"ii">("ii->", m);
  check<"bA">("bA->Ab", r);
  check<"...">("...->...", r);
  check<"i->i">(integers<T>(0));
  check<"ij->i">(integers<T>(2, 0));
  const auto cube = integers<T>(3, 3, 3);
  check<"iii->i">(cube);
  check<"iii->">(cube);
}

TEST_CASE_TEMPLATE("two operands", T, double, std::int32_t) {
  for (const tenon::index n : {0, 1, 3, 17}) {
    CAPTURE(n);
    const auto a = integers<T>(4, n), b = integers<T>(n, 5);
    const auto v = integers<T>(n);
    const auto s = integers<T>(2, 4, n), t = integers<T>(2, n, 5);
    check<"ij,jk->ik">(a, b);
    check<"ij,jk->ki">(a, b);
    check<"ij,jk">("ij,jk->ik", a, b);
    check<"ij,j->i">(a, v);
    check<"j,jk->k">(v, b);
    check<"i,i->">(v, v);
    check<"i,i->i">(v, v);
    check<"i,j->ij">(v, v);
    check<"i,j->ji">(v, v);
    check<"bij,bjk->bik">(s, t);
    check<"bij,bjk->ibk">(s, t);
    check<"bij,bjk->kib">(s, t);
    check<"bij,jk->bik">(s, b);
    check<"ij,bjk->bik">(a, t);
    check<"bij,kj->bki">(s, a);
    check<"bij,bij->b">(s, s);
    check<"bij,bij->">(s, s);
    check<"bij,ij->bj">(s, a);
    check<"ij,kl->">(a, b);
    check<"ij,kj->ki">(a, a);
  }
}

TEST_CASE("several axes summed, several in a batch, larger sizes, strides") {
  const auto q = integers<float>(2, 9, 3, 8), k = integers<float>(2, 7, 3, 8);
  check<"bqhd,bkhd->bhqk">(q, k);
  const auto w = integers<float>(2, 3, 9, 7);
  check<"bhqk,bkhd->bqhd">(w, k);
  check<"bqhd,bkhd->bqk">(q, k);
  check<"bqhd,bqhd->hq">(q, q);
  const auto a = integers<double>(40, 50), b = integers<double>(50, 45);
  check<"ij,jk->ik">(a, b);
  check<"ji,kj->ki">(a, integers<double>(33, 40));
  test::with_strides(q, 1, [&](const auto& x) {
    CHECK(read(einsum<"bqhd,bkhd->bhqk">(x, k)) == naive("bqhd,bkhd->bhqk", {read(x), read(k)}));
    CHECK(read(einsum<"bqhd,bkhd->qk">(x, k)) == naive("bqhd,bkhd->qk", {read(x), read(k)}));
  });
  CHECK(read(einsum<"ij,jk->ik">(transpose(b), transpose(a))) == naive("ji,kj->ik", {read(b), read(a)}));
}

TEST_CASE("a copy of one operand that makes matrices too large to read the other as it is") {
  const auto b = integers<double>(3, 7, 2, 3);
  for (const int which : {0, 1})
    test::with_strides(integers<double>(7, 5, 3, 7), which, [&](const auto& x) {
      CHECK(read(einsum<"aibj,bjck->akic">(x, b)) == naive("aibj,bjck->akic", {read(x), read(b)}));
      CHECK(read(einsum<"aibj,bjck->akic">(permute<3, 1, 2, 0>(x), b)) ==
            naive("jiba,bjck->akic", {read(x), read(b)}));
    });
}

TEST_CASE("repeated labels beside others; lone labels are summed first; the same operand twice") {
  const auto m = integers<double>(4, 4), a = integers<double>(4, 3);
  const auto t = integers<double>(4, 3, 4);
  check<"ii,ij->j">(m, a);
  check<"ii,ij->ij">(m, a);
  check<"ii,jj->ij">(m, m);
  check<"iji,ij->j">(t, a);
  check<"ij,kl->il">(m, a);
  check<"ijk,il->l">(t, a);
  check<"ij,ij->ij">(m, m);
  check<"ij,ji->">(m, m);
}

TEST_CASE("ellipses broadcast from the right; without one in the output they are summed") {
  const auto a = integers<double>(3, 2, 4, 5);
  const auto b = integers<double>(2, 5, 6);
  const auto c = integers<double>(5, 6);
  check<"...ij,...jk->...ik">(a, b);
  check<"...ij,...jk->...ik">(a, c);
  check<"...ij,jk->...ik">(a, c);
  check<"...ij,...jk->ik...">(a, b);
  check<"...ij,...jk">("...ij,...jk->...ik", a, b);
  check<"i...,i...->...">(a, integers<double>(3, 4, 5));
  check<"...ij,...jk->ik">("xyij,yjk->ik", a, b);
  check<"...,...->...">(a, integers<double>(4, 1));
}

TEST_CASE("static extents 1 broadcast") {
  const auto a = integers_of<double, 3, 1>();
  const auto b = integers_of<double, 4, 5>();
  const auto one = integers_of<double, 1, 1>();
  check<"ij,jk->ik">(a, b);
  check<"ij,jk->jk">(a, b);
  check<"ij,ij->ij">(one, b);
  check<"ij,ij->i">(b, one);
  check<"bij,bjk->bik">(integers_of<double, 1, 2, 3>(), integers_of<double, 6, 3, 4>());
  check<"ij->i">(a);
  check<"ij,jk->ik">(integers_of<double, 3, 1>(), integers_of<double, 1, 2>());
}

TEST_CASE("three operands and more") {
  const auto a = integers<double>(2, 3), b = integers<double>(3, 4), c = integers<double>(4, 5),
             d = integers<double>(5, 2), e = integers<double>(2, 2);
  check<"ij,jk,kl->il">(a, b, c);
  check<"ij,jk,kl,lm->im">(a, b, c, d);
  check<"ij,jk,kl,lm,mn->ni">(a, b, c, d, e);
  check<"ij,jk,kl,li->">(a, b, c, d);
  const auto x = integers<double>(3, 4, 5);
  const auto v = integers<double>(3), w = integers<double>(4);
  check<"ijk,i,j->k">(x, v, w);
  check<"ij,i,j->">(b, v, w);
  check<"i,j,k->kij">(v, w, integers<double>(2));
  check<"i,i,i->i">(v, v, v);
  check<"i,i,i->">(v, v, v);
  check<"ijk,il,jm,kn->lmn">(x, integers<double>(3, 2), integers<double>(4, 3), integers<double>(5, 2));
  check<"a,b,c,d,e,f->">(v, v, w, w, v, w);
  const auto three = integers_of<double, 3, 3>();
  check<"ab,bc,cd,de,ef,fg->ag">(three, three, three, three, three, three);
  const auto two = integers_of<double, 2, 2>();
  check<"ab,bc,cd,de,ef,fg,gh,hi->ai">(two, two, two, two, two, two, two, two);
}

TEST_CASE("the order of products is the cheapest where sizes are known, else from left to right") {
  using detail::einsum_plan;
  // (a b) c costs 2 * 100 * 100 + 2 * 100 * 3, a (b c) 100 * 100 * 3 + 2 * 100 * 3
  using thin = einsum_plan<"ij,jk,kl->il", shape_of_extents<2, 100>, shape_of_extents<100, 100>,
                           shape_of_extents<100, 3>>;
  using flat = einsum_plan<"ij,jk,kl->il", shape_of_extents<100, 90>, shape_of_extents<90, 100>,
                           shape_of_extents<100, 3>>;
  using open = einsum_plan<"ij,jk,kl->il", shape_of_extents<dyn, dyn>, shape_of_extents<dyn, dyn>,
                           shape_of_extents<dyn, dyn>>;
  CHECK(thin::splits.first[7] == 0b011);
  CHECK(flat::splits.first[7] == 0b001);
  CHECK(flat::splits.first[6] == 0b010);
  CHECK(open::splits.first[7] == 0b011);
}

TEST_CASE("names and sizes of the result; misfits at run time") {
  const auto x = ones<float, "batch", 3>(2);
  const auto w = ones<float, 3, 5>();
  CHECK(std::is_same_v<decltype(einsum<"bi,io->ob">(x, w))::shape_type, shape<size<5>, spelled<"batch">>>);
  CHECK(std::is_same_v<decltype(einsum<"bi,bj->bij">(x, x))::shape_type,
                       shape<spelled<"batch">, size<3>, size<3>>>);
  CHECK(std::is_same_v<decltype(einsum<"bi,io->ob">(x, astype<double>(w)))::value_type, double>);
  CHECK(test::values(einsum<"bi,io->ob">(x, w)) == test::vec(10, 3.));
  const std::string text =
      test::thrown<shape_error>([&] { eval(einsum<"ij,jk->ik">(ones<float>(2, 3), ones<float>(4, 5))); });
  for (const char* part : {"[2, 3]", "[4, 5]"}) CHECK(test::contains(text, part));
  CHECK_THROWS_AS(eval(einsum<"ii->i">(ones<float>(2, 3))), shape_error);
  CHECK_THROWS_AS(eval(einsum<"i,i->i">(ones<float>(2), ones<float>(3))), shape_error);
}

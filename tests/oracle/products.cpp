#include <tenon/ops/einsum.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

constexpr values kinds[] = {values::tame, values::ties, values::wide, values::special};

/// Extents of labels for one case; repeated letters have one.
struct label_sizes {
  index of[128]{};
  explicit label_sizes(source& s) {
    constexpr index some[] = {1, 1, 2, 2, 3, 3, 4, 5, 7};
    for (index& n : of) n = s.chance(3) ? 0 : some[s.below(9)];
  }
};
template <int R>
sizes<R> extents_of(const label_sizes& l, const char* term) {
  sizes<R> e{};
  for (index& n : e) n = l.of[int(*term++)];
  return e;
}

std::string spec_of(const char* text) {
  std::string numbers = "spec=";
  for (const char* c = text; *c != 0; ++c) numbers += (c == text ? "" : ",") + std::to_string(int(*c));
  return numbers;
}

/// Parts of the ranks R, with the extents that the letters of terms say.
template <class T, int... R, class F>
void parts(report& to, const std::string& op, const std::string& attributes, int n, bool special,
           std::initializer_list<const char*> terms, F f) {
  source& s = to.random;
  for (int i = to.repeats(n); i > 0; --i) {
    label_sizes l(s);
    const char* const* term = terms.begin();
    const values v = kinds[s.below(special ? 4 : 2)];
    const auto drawn = [&]<int Rank>(std::integral_constant<int, Rank>) {
      return draw_part<T, Rank>(s, extents_of<Rank>(l, *term++), v);
    };
    const std::tuple<part<T, R>...> x{drawn(std::integral_constant<int, R>())...};
    std::apply(
        [&](const auto&... operand) {
          to.begin(op, attributes);
          (record(to, operand), ...);
          to.of([&] { return f(operand.seen...); });
        },
        x);
  }
}

template <class T, tenon::detail::einsum_spec S, int... R>
void summed(report& to, std::initializer_list<const char*> terms) {
  parts<T, R...>(to, "einsum", spec_of(S.text), 25, false, terms,
                 [](const auto&... x) { return tenon::einsum<S>(x...); });
}

template <class T>
void of_type(report& to) {
  const auto matmul = [](const auto& a, const auto& b) { return tenon::matmul(a, b); };
  parts<T, 3, 3>(to, "matmul", "", 40, true, {"bij", "bjk"}, matmul);
  parts<T, 3, 2>(to, "matmul", "", 40, true, {"bij", "jk"}, matmul);
  parts<T, 2, 3>(to, "matmul", "", 30, true, {"ij", "bjk"}, matmul);
  parts<T, 4, 3>(to, "matmul", "", 30, true, {"abij", "bjk"}, matmul);
  parts<T, 1, 3>(to, "matmul", "", 30, true, {"j", "bjk"}, matmul);
  parts<T, 3, 1>(to, "matmul", "", 30, true, {"bij", "j"}, matmul);
  parts<T, 1, 1>(to, "matmul", "", 20, true, {"j", "j"}, matmul);
  parts<T, 4, 3>(to, "tensordot", "axes=3,1,1,0", 30, true, {"aicj", "ijd"},
                 [](const auto& a, const auto& b) {
                   return tenon::tensordot(a, b, tenon::axes<3, 1>, tenon::axes<1, 0>);
                 });
  const auto dot = [](const auto& a, const auto& b) { return tenon::dot(a, b); };
  parts<T, 3, 3>(to, "dot", "", 25, true, {"aij", "bjk"}, dot);
  parts<T, 2, 1>(to, "dot", "", 25, true, {"ij", "j"}, dot);
  parts<T, 2, 3>(to, "inner", "", 25, true, {"ij", "abj"},
                 [](const auto& a, const auto& b) { return tenon::inner(a, b); });
  parts<T, 2, 1>(to, "outer", "", 25, true, {"ij", "k"},
                 [](const auto& a, const auto& b) { return tenon::outer(a, b); });
  parts<T, 2, 3>(to, "kron", "", 25, true, {"ij", "klm"},
                 [](const auto& a, const auto& b) { return tenon::kron(a, b); });
  parts<T, 3>(to, "diagonal", "which=1,0,2", 25, true, {"ijk"},
              [](const auto& x) { return tenon::diagonal<1, 0, 2>(x); });
  parts<T, 3>(to, "diagonal", "which=-2,1,0", 25, true, {"ijk"},
              [](const auto& x) { return tenon::diagonal<-2, 1, 0>(x); });
  summed<T, "ij,jk->ki", 2, 2>(to, {"ij", "jk"});
  summed<T, "bij,bkj->bki", 3, 3>(to, {"bij", "bkj"});
  summed<T, "bij,ij->bj", 3, 2>(to, {"bij", "ij"});
  summed<T, "iij,j->i", 3, 1>(to, {"iij", "j"});
  summed<T, "aibj,bjck->akic", 4, 4>(to, {"aibj", "bjck"});
  summed<T, "...ij,jk->...ik", 4, 2>(to, {"abij", "jk"});
  summed<T, "ij,jk,kl->il", 2, 2, 2>(to, {"ij", "jk", "kl"});
  summed<T, "ij,kj,k", 2, 2, 1>(to, {"ij", "kj", "k"});
}

}  // namespace

void products(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
}

}  // namespace oracle

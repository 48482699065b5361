// qr, svd, eigh, pinv, lstsq, matrix_rank, norms, cond: what defines each of them, in long double, over
// generated shapes; published values; rank-deficient, equal, huge and tiny singular values; NaN; threads.
#include "matrices.hpp"

#include <doctest/doctest.h>

namespace test {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

template <class T>
dense diagonal(const vectors<T>& x, index s) {
  dense d(x.extent(1), x.extent(1));
  for (index i = 0; i < d.m; ++i) d(i, i) = x(s, i);
  return d;
}
template <class T>
bool ascending(const vectors<T>& x, index s, bool down) {
  for (index i = 1; i < x.extent(1); ++i)
    if (down ? x(s, i) > x(s, i - 1) : x(s, i) < x(s, i - 1)) return false;
  return true;
}
template <class T>
bool all_nan(const T& x) {
  for (const auto v : x)
    if (!std::isnan(v)) return false;
  return true;
}

/// The defining properties of a singular value decomposition.
template <class T>
void check_svd(const stack<T>& a, double unit_size) {
  const auto [u, s, vh] = linalg::svd(a);
  const vectors<T> alone = linalg::svdvals(a);
  const index m = a.extent(1), n = a.extent(2), k = std::min(m, n);
  REQUIRE(extents(u) == dims{a.extent(0), m, k});
  REQUIRE(extents(s) == dims{a.extent(0), k});
  REQUIRE(extents(vh) == dims{a.extent(0), k, n});
  const double tolerance = rounding<T>(std::max(m, n));
  for (index i = 0; i < a.extent(0); ++i) {
    CHECK(distance(at(u, i) * diagonal(s, i) * at(vh, i), at(a, i)) <= tolerance * unit_size);
    CHECK(distance(flipped(at(u, i)) * at(u, i), unit(k)) <= tolerance);
    CHECK(distance(at(vh, i) * flipped(at(vh, i)), unit(k)) <= tolerance);
    CHECK(ascending(s, i, true));
    for (index j = 0; j < k; ++j) {
      CHECK(s(i, j) >= 0);
      CHECK(std::fabs(double(s(i, j)) - double(alone(i, j))) <= tolerance * unit_size);
    }
  }
}

template <class T>
void check_eigh(const stack<T>& a, double unit_size) {
  const auto [w, v] = linalg::eigh(a);
  const vectors<T> alone = linalg::eigvalsh(a);
  const index n = a.extent(1);
  const double tolerance = rounding<T>(n);
  for (index i = 0; i < a.extent(0); ++i) {
    CHECK(distance(symmetrised(at(a, i)) * at(v, i), at(v, i) * diagonal(w, i)) <= tolerance * unit_size);
    CHECK(distance(flipped(at(v, i)) * at(v, i), unit(n)) <= tolerance);
    CHECK(ascending(w, i, false));
    for (index j = 0; j < n; ++j)
      CHECK(std::fabs(double(w(i, j)) - double(alone(i, j))) <= tolerance * unit_size);
  }
}

template <class T>
void check_qr(const stack<T>& a) {
  const auto [q, r] = linalg::qr(a);
  const index m = a.extent(1), n = a.extent(2), k = std::min(m, n);
  REQUIRE(extents(q) == dims{a.extent(0), m, k});
  REQUIRE(extents(r) == dims{a.extent(0), k, n});
  for (index i = 0; i < a.extent(0); ++i) {
    const double tolerance = rounding<T>(std::max(m, n));
    CHECK(distance(at(q, i) * at(r, i), at(a, i)) <= tolerance * (1 + size_of_elements(at(a, i))));
    CHECK(distance(flipped(at(q, i)) * at(q, i), unit(k)) <= tolerance);
    for (index row = 0; row < k; ++row)
      for (index column = 0; column < row; ++column) CHECK(r(i, row, column) == 0);
  }
}

/// The four conditions of Penrose.
template <class T>
void check_pinv(const stack<T>& a, double factor = 1) {
  const stack<T> p = linalg::pinv(a);
  REQUIRE(extents(p) == dims{a.extent(0), a.extent(2), a.extent(1)});
  for (index i = 0; i < a.extent(0); ++i) {
    const dense x = at(a, i), y = at(p, i);
    const double tolerance = factor * rounding<T>(std::max(x.m, x.n)) * (1 + size_of_elements(x)) *
                             (1 + size_of_elements(y)) * (1 + size_of_elements(y));
    CHECK(distance(x * y * x, x) <= tolerance);
    CHECK(distance(y * x * y, y) <= tolerance);
    CHECK(distance(flipped(x * y), x * y) <= tolerance);
    CHECK(distance(flipped(y * x), y * x) <= tolerance);
  }
}

/// [2, m, n] of rank r.
template <class T>
stack<T> of_rank(generator& g, index m, index n, index r) {
  const stack<T> a = random_stack<T>(g, 2, m, r), b = random_stack<T>(g, 2, r, n);
  stack<T> x = zeros<T>(2, m, n);
  for (index s = 0; s < 2; ++s) {
    const dense product = at(a, s) * at(b, s);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) x(s, i, j) = T(product(i, j));
  }
  return x;
}

}  // namespace

TEST_CASE_TEMPLATE("qr, svd, pinv, rank over generated shapes", T, float, double) {
  generator g{11};
  for (const auto& [m, n] : shapes) {
    CAPTURE(m);
    CAPTURE(n);
    const stack<T> a = random_stack<T>(g, 2, m, n);
    check_qr(a);
    check_svd(a, 1 + std::sqrt(double(m * n)));
    check_pinv(a);
    CHECK(same_bits(linalg::qr(a).q, linalg::qr(across(a)).q));
    CHECK(same_bits(linalg::svd(a).u, linalg::svd(across(a)).u));
    const tensor<std::int64_t, dyn> rank = linalg::matrix_rank(a);
    for (index s = 0; s < 2; ++s) CHECK(rank(s) == std::min(m, n));
  }
}

TEST_CASE_TEMPLATE("eigh over generated sizes", T, float, double) {
  generator g{12};
  for (const index n : sizes) {
    CAPTURE(n);
    const stack<T> a = random_stack<T>(g, 2, n, n);
    check_eigh(a, 1 + double(n));
    CHECK(same_bits(linalg::eigh(a).eigenvectors, linalg::eigh(across(a)).eigenvectors));
  }
}

TEST_CASE("matrices of less than full rank, with equal singular values, and zeros") {
  generator g{13};
  for (const auto [m, n, r] :
       {std::array<index, 3>{6, 4, 2}, {4, 6, 3}, {20, 20, 7}, {30, 18, 1}, {3, 3, 0}}) {
    CAPTURE(m);
    CAPTURE(r);
    const stack<double> a = of_rank<double>(g, m, n, r);
    check_svd(a, 1 + double(m * n));
    check_pinv(a, 16);
    const tensor<std::int64_t, dyn> rank = linalg::matrix_rank(a);
    CHECK(rank(0) == r);
    CHECK(rank(1) == r);
  }
  for (const index n : {1, 4, 16, 33}) {
    stack<double> same = zeros<double>(3, n, n);  // a multiple of I, ones, a permutation with signs
    for (index i = 0; i < n; ++i) {
      same(0, i, i) = 3;
      same(2, i, (i + 1) % n) = i % 2 == 0 ? -1 : 1;
      for (index j = 0; j < n; ++j) same(1, i, j) = 1;
    }
    check_svd(same, double(n + 3));
    check_eigh(same, double(n + 3));
    check_qr(same);
  }
}

TEST_CASE("singular values of every size") {
  // diag(1, 10^-2, ..., 10^-22) between two orthogonal matrices: small against the greatest
  generator g{14};
  const auto left = linalg::qr(random_stack<double>(g, 1, 12, 12)),
             right = linalg::qr(random_stack<double>(g, 1, 12, 12));
  for (const double scale : {1.0, 1e290, 1e-290, 1e-305}) {
    CAPTURE(scale);
    stack<double> a = zeros<double>(1, 12, 12);
    const dense u = at(left.q, 0), v = at(right.q, 0);
    for (index i = 0; i < 12; ++i)
      for (index j = 0; j < 12; ++j) {
        long double sum = 0;
        for (index k = 0; k < 12; ++k) sum += u(i, k) * std::pow(10.0L, -2.0L * k) * v(j, k);
        a(0, i, j) = double(sum * scale);
      }
    const vectors<double> s = linalg::svdvals(a);
    for (index k = 0; k < 12; ++k)
      CHECK(std::fabs(double(s(0, k)) - std::pow(10.0, -2.0 * double(k)) * scale) <= 1e-14 * scale);
    CHECK(distance(flipped(at(linalg::svd(a).u, 0)) * at(linalg::svd(a).u, 0), unit(12)) < 1e-13);
  }
  const stack<double> smallest = full<double>(5e-324, 1, 2, 2);
  CHECK(eval(linalg::svdvals(smallest))(0, 0) == 1e-323);
}

TEST_CASE("published and exact values") {
  const tensor<double, 3, 3> hilbert{
      {1, 1.0 / 2, 1.0 / 3}, {1.0 / 2, 1.0 / 3, 1.0 / 4}, {1.0 / 3, 1.0 / 4, 1.0 / 5}};
  const double known[] = {0.002687340355773529, 0.1223270658539059, 1.408318927123654};
  const tensor<double, 3> w = linalg::eigvalsh(hilbert), s = linalg::svdvals(hilbert);
  for (index k = 0; k < 3; ++k) {
    CHECK(w(k) == doctest::Approx(known[k]).epsilon(1e-13));
    CHECK(s(2 - k) == doctest::Approx(known[k]).epsilon(1e-13));
  }
  CHECK(eval(linalg::cond(hilbert)).item() == doctest::Approx(524.0567775860644).epsilon(1e-12));
  CHECK(eval(linalg::cond<1>(hilbert)).item() == doctest::Approx(748).epsilon(1e-12));
  CHECK(eval(linalg::cond<linalg::ord::inf>(hilbert)).item() == doctest::Approx(748).epsilon(1e-12));
  // second differences: 2 - 2 cos(k pi / (n + 1))
  constexpr int n = 20;
  tensor<double, dyn, dyn> second = eye<double>(n) * 2.0;
  for (index i = 1; i < n; ++i) second(i, i - 1) = second(i - 1, i) = -1;
  const tensor<double, dyn> values_of = linalg::eigvalsh(second);
  for (index k = 0; k < n; ++k)
    CHECK(values_of(k) ==
          doctest::Approx(2 - 2 * std::cos(double(k + 1) * 3.14159265358979323846 / (n + 1))));
  // Householder's signs
  const auto [q, r] = linalg::qr(tensor<double, 2, 2>{{3, 5}, {4, 10}});
  CHECK(r(0, 0) == doctest::Approx(-5));
  CHECK(r(0, 1) == doctest::Approx(-11));
  CHECK(r(1, 1) == doctest::Approx(2));
  CHECK(q(0, 0) == doctest::Approx(-0.6));
  const tensor<double, 2, 2> singular{{1, 2}, {2, 4}};
  CHECK(eval(linalg::cond(zeros<double>(2, 2))).item() == inf);
  CHECK(eval(linalg::cond<1>(singular)).item() == inf);
}

TEST_CASE("lstsq: normal equations, shortest solutions, rank, residuals") {
  generator g{15};
  for (const auto [m, n, r] :
       {std::array<index, 3>{8, 3, 3}, {3, 8, 3}, {6, 6, 6}, {9, 5, 2}, {5, 9, 2}, {0, 3, 0}}) {
    CAPTURE(m);
    CAPTURE(n);
    CAPTURE(r);
    const stack<double> a = of_rank<double>(g, m, n, r), b = random_stack<double>(g, 2, m, 4);
    const auto [x, residuals, rank, s] = linalg::lstsq(a, b);
    REQUIRE(extents(x) == dims{2, n, 4});
    REQUIRE(extents(residuals) == dims{2, 4});
    const stack<double> p = linalg::pinv(a);
    for (index i = 0; i < 2; ++i) {
      CHECK(rank(i) == r);
      dense rest = at(a, i) * at(x, i);
      for (std::size_t k = 0; k < rest.v.size(); ++k) rest.v[k] -= at(b, i).v[k];
      CHECK(size_of_elements(flipped(at(a, i)) * rest) < 1e-11);
      CHECK(distance(at(p, i) * at(a, i) * at(x, i), at(x, i)) < 1e-11);  // nothing in A's null space
      for (index k = 0; k < 4; ++k) {
        long double sum = 0;
        for (index row = 0; row < m; ++row) sum += rest(row, k) * rest(row, k);
        CHECK(double(residuals(i, k)) == doctest::Approx(double(sum)));
      }
    }
    CHECK(values(s) == values(linalg::svd(a).s));
  }
  // a line through four points: 0.95 + 1 x
  const tensor<double, 4, 2> a{{0, 1}, {1, 1}, {2, 1}, {3, 1}};
  const auto line = linalg::lstsq(a, tensor<double, 4>{-1, 0.2, 0.9, 2.1});
  CHECK(line.x(0) == doctest::Approx(1));
  CHECK(line.x(1) == doctest::Approx(-0.95));
  CHECK(line.residuals.item() == doctest::Approx(0.05));
  CHECK(line.rank.item() == 2);
  CHECK(line.singular_values(0) == doctest::Approx(4.10003045));
}

TEST_CASE("a tolerance is relative to the greatest singular value") {
  const tensor<double, 3, 3> a{{100, 0, 0}, {0, 1, 0}, {0, 0, 0.01}};
  CHECK(eval(linalg::matrix_rank(a)).item() == 3);
  CHECK(eval(linalg::matrix_rank(a, 1e-3)).item() == 2);
  CHECK(eval(linalg::matrix_rank(a, 0.5)).item() == 1);
  const tensor<double, 3, 3> p = linalg::pinv(a, 1e-3), whole = linalg::pinv(a);
  CHECK(p(2, 2) == 0);
  CHECK(p(1, 1) == doctest::Approx(1));
  CHECK(whole(2, 2) == doctest::Approx(100));
  CHECK(linalg::lstsq(a, tensor<double, 3>{1, 1, 1}, 0.5).rank.item() == 1);
  stack<double> both = zeros<double>(2, 3, 3);
  for (index i = 0; i < 2; ++i)
    for (index k = 0; k < 3; ++k) both(i, k, k) = a(k, k);
  const tensor<double, 2> each{1e-3, 0.5};  // one for each matrix
  CHECK(values(linalg::matrix_rank(both, each)) == vec{2, 1});
  CHECK(eval(linalg::pinv(both, each))(1, 1, 1) == 0);
}

TEST_CASE_TEMPLATE("norms", T, float, double) {
  generator g{16};
  using linalg::ord;
  for (const auto& [m, n] : shapes) {
    if (m == 0 || n == 0) continue;
    const stack<T> a = random_stack<T>(g, 2, m, n);
    const vectors<T> s = linalg::svdvals(a);
    for (index i = 0; i < 2; ++i) {
      double squares = 0, rows = 0, least_row = inf, columns = 0, least_column = inf, nuclear = 0;
      for (index r = 0; r < m; ++r) {
        double sum = 0;
        for (index c = 0; c < n; ++c) sum += std::fabs(double(a(i, r, c)));
        for (index c = 0; c < n; ++c) squares += double(a(i, r, c)) * double(a(i, r, c));
        rows = std::max(rows, sum);
        least_row = std::min(least_row, sum);
      }
      for (index c = 0; c < n; ++c) {
        double sum = 0;
        for (index r = 0; r < m; ++r) sum += std::fabs(double(a(i, r, c)));
        columns = std::max(columns, sum);
        least_column = std::min(least_column, sum);
      }
      for (index k = 0; k < s.extent(1); ++k) nuclear += double(s(i, k));
      const auto near = [](double x) { return doctest::Approx(x).epsilon(rounding<T>(8)); };
      const auto norm_of = [&](const auto& e) { return double(eval(e)(i)); };
      CHECK(norm_of(linalg::matrix_norm(a)) == near(std::sqrt(squares)));
      CHECK(norm_of(linalg::matrix_norm<ord::nuclear>(a)) == near(nuclear));
      CHECK(norm_of(linalg::matrix_norm<ord::inf>(a)) == near(rows));
      CHECK(norm_of(linalg::matrix_norm<ord::minus_inf>(a)) == near(least_row));
      CHECK(norm_of(linalg::matrix_norm<1>(a)) == near(columns));
      CHECK(norm_of(linalg::matrix_norm<-1>(a)) == near(least_column));
      CHECK(norm_of(linalg::matrix_norm<2>(a)) == near(double(s(i, 0))));
      CHECK(norm_of(linalg::matrix_norm<-2>(a)) == near(double(s(i, s.extent(1) - 1))));
    }
  }
  const tensor<T, 2, 3> x{{3, -4, 0}, {1, 2, -2}};
  CHECK(values(linalg::vector_norm(x, axis<-1>)) == vec{5, 3});
  CHECK(values(linalg::vector_norm<1>(x, axis<-1>)) == vec{7, 5});
  CHECK(values(linalg::vector_norm<0>(x, axis<-1>)) == vec{2, 3});
  CHECK(values(linalg::vector_norm<linalg::ord::inf>(x, axis<0>)) == vec{3, 4, 2});
  CHECK(values(linalg::vector_norm<linalg::ord::minus_inf>(x)) == vec{0});
  CHECK(extents(linalg::vector_norm<3>(x, axis<0>, keepdims)) == dims{1, 3});
  CHECK(double(eval(linalg::vector_norm<3>(x)).item()) == doctest::Approx(std::cbrt(27 + 64 + 1 + 8 + 8)));
  CHECK(extents(linalg::matrix_norm(x, keepdims)) == dims{1, 1});
}

TEST_CASE("NaN and inf give NaN, and end") {
  for (const index n : {2, 3, 20}) {
    for (const double bad : {not_a_number, inf, -inf}) {
      stack<double> a = ones<double>(2, n, n);
      for (index i = 0; i < n; ++i) a(0, i, i) = a(1, i, i) = double(3 + i);
      a(0, n - 1, 0) = bad;
      const auto qr = linalg::qr(a);
      const auto svd = linalg::svd(a);
      const auto eigh = linalg::eigh(a);
      CHECK(all_nan(eval(qr.q[0])));
      CHECK(all_nan(eval(svd.u[0])));
      CHECK(all_nan(eval(svd.s[0])));
      CHECK(all_nan(eval(svd.vh[0])));
      CHECK(all_nan(eval(eigh.eigenvalues[0])));
      CHECK(all_nan(eval(eigh.eigenvectors[0])));
      CHECK(all_nan(eval(eval(linalg::svdvals(a))[0])));
      CHECK(all_nan(eval(eval(linalg::eigvalsh(a))[0])));
      CHECK(all_nan(eval(eval(linalg::pinv(a))[0])));
      CHECK(!all_nan(eval(svd.s[1])));
      CHECK(distance(at(qr.q, 1) * at(qr.r, 1), at(a, 1)) < 1e-12);
    }
  }
}

TEST_CASE("the number of threads changes no bit") {
  generator g{17};
  const stack<double> a = random_stack<double>(g, 50, 9, 9);
  const int before = num_threads();
  set_num_threads(1);
  const auto svd = linalg::svd(a);
  const auto eigh = linalg::eigh(a);
  for (const int threads : {2, 5}) {
    set_num_threads(threads);
    CHECK(same_bits(svd.vh, linalg::svd(a).vh));
    CHECK(same_bits(eigh.eigenvectors, linalg::eigh(a).eigenvectors));
  }
  set_num_threads(before);
}

}  // namespace test

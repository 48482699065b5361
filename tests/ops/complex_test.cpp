// Complex numbers against std::complex: arithmetic, functions, parts, reductions, products, shape ops.
#include <tenon/tenon.hpp>

#include <complex>

#include "../support.hpp"

using namespace tenon;

namespace {

template <class T>
std::vector<T> telling() {
  using R = decltype(T::re);
  std::vector<T> v;
  for (const R a : {R(0), R(-0.0), R(1), R(-2.5), R(0.3), R(7)})
    for (const R b : {R(0), R(1), R(-1.25), R(3)}) v.push_back(T(a, b));
  return v;
}

template <class T>
tensor<T, dyn> operand(tenon::index n, tenon::index every) {
  const std::vector<T> v = telling<T>();
  auto x = zeros<T>(n);
  for (tenon::index i = 0; i < n; ++i) x(i) = v[static_cast<std::size_t>(i / every) % v.size()];
  return x;
}

template <class T>
bool near(T got, std::complex<decltype(T::re)> wanted, int ulps) {
  using R = decltype(T::re);
  if (std::isnan(wanted.real()) || std::isnan(wanted.imag()) || std::isinf(std::abs(wanted)))
    return std::isnan(got.re) || std::isnan(got.im) || std::isinf(got.re) || std::isinf(got.im);
  const R scale = std::max(std::abs(wanted), std::numeric_limits<R>::min());
  return std::abs(std::complex<R>(got) - wanted) <= R(ulps) * std::numeric_limits<R>::epsilon() * scale;
}

template <class T, class F, class G>
void check_unary(const char* name, F ours, G theirs, int ulps) {
  INFO(std::string(name));
  const tenon::index n = static_cast<tenon::index>(telling<T>().size()) + 3;
  const auto a = operand<T>(n, 1);
  const auto r = eval(ours(a));
  for (tenon::index i = 0; i < n; ++i) {
    INFO(i, ": ", double(a(i).real()), " + i ", double(a(i).imag()));
    CHECK(near<T>(r(i), theirs(std::complex<decltype(T::re)>(T(a(i)))), ulps));
  }
}

template <class T>
void check_functions() {
  using C = std::complex<decltype(T::re)>;
  check_unary<T>(
      "exp", [](auto& x) { return exp(x); }, [](C x) { return std::exp(x); }, 4);
  check_unary<T>(
      "log", [](auto& x) { return log(x); }, [](C x) { return std::log(x); }, 4);
  check_unary<T>(
      "sqrt", [](auto& x) { return sqrt(x); }, [](C x) { return std::sqrt(x); }, 4);
  check_unary<T>(
      "sin", [](auto& x) { return sin(x); }, [](C x) { return std::sin(x); }, 4);
  check_unary<T>(
      "cos", [](auto& x) { return cos(x); }, [](C x) { return std::cos(x); }, 4);
  check_unary<T>(
      "tan", [](auto& x) { return tan(x); }, [](C x) { return std::tan(x); }, 8);
  check_unary<T>(
      "tanh", [](auto& x) { return tanh(x); }, [](C x) { return std::tanh(x); }, 8);
  check_unary<T>(
      "sinh", [](auto& x) { return sinh(x); }, [](C x) { return std::sinh(x); }, 4);
  check_unary<T>(
      "acosh", [](auto& x) { return acosh(x); }, [](C x) { return std::acosh(x); }, 8);
  check_unary<T>(
      "atan", [](auto& x) { return atan(x); }, [](C x) { return std::atan(x); }, 8);
  check_unary<T>(
      "log10", [](auto& x) { return log10(x); }, [](C x) { return std::log10(x); }, 4);
  check_unary<T>(
      "conj", [](auto& x) { return conj(x); }, [](C x) { return std::conj(x); }, 0);
  check_unary<T>(
      "square", [](auto& x) { return square(x); }, [](C x) { return x * x; }, 2);
  check_unary<T>(
      "negate", [](auto& x) { return -x; }, [](C x) { return -x; }, 0);
  using L = std::complex<long double>;
  check_unary<T>(
      "exp2", [](auto& x) { return exp2(x); }, [](C x) { return C(std::exp(L(x) * std::log(2.0L))); }, 8);
  check_unary<T>(
      "log2", [](auto& x) { return log2(x); }, [](C x) { return C(std::log(L(x)) / std::log(2.0L)); }, 8);
  check_unary<T>(
      "expm1", [](auto& x) { return expm1(x); }, [](C x) { return C(std::exp(L(x)) - 1.0L); }, 8);
  check_unary<T>(
      "log1p", [](auto& x) { return log1p(x); }, [](C x) { return C(std::log(L(x) + 1.0L)); }, 8);
  check_unary<T>(
      "expm1 of small numbers", [](auto& x) { return expm1(x * 1e-4f); },
      [](C x) {
        const L z(x * C(decltype(T::re)(1e-4f)));
        return C(z + z * z / 2.0L + z * z * z / 6.0L + z * z * z * z / 24.0L + z * z * z * z * z / 120.0L);
      },
      8);
  check_unary<T>(
      "log1p of small numbers", [](auto& x) { return log1p(x * 1e-4f); },
      [](C x) {
        const L z(x * C(decltype(T::re)(1e-4f)));
        return C(z - z * z / 2.0L + z * z * z / 3.0L - z * z * z * z / 4.0L + z * z * z * z * z / 5.0L);
      },
      8);
  check_unary<T>(
      "sign", [](auto& x) { return sign(x); }, [](C x) { return x == C(0) ? C(0) : x / std::abs(x); }, 4);
  check_unary<T>(
      "round", [](auto& x) { return round(x); },
      [](C x) { return C(std::nearbyint(x.real()), std::nearbyint(x.imag())); }, 0);
}

template <class T>
void check_arithmetic() {
  using R = decltype(T::re);
  using C = std::complex<R>;
  const tenon::index m = static_cast<tenon::index>(telling<T>().size()), n = m * m;
  const auto a = operand<T>(n, 1), b = operand<T>(n, m);
  const auto sum = eval(a + b), difference = eval(a - b), product = eval(a * b), quotient = eval(a / b);
  const auto power = eval(pow(a, b));
  const auto same = eval(a == b);
  const auto chosen = eval(where(a == b, a, conj(b)));
  const auto size = eval(abs(a)), turn = eval(angle(a)), re = eval(real(a)), im = eval(imag(a));
  const auto made = eval(make_complex(im, re));
  for (tenon::index i = 0; i < n; ++i) {
    const C x = T(a(i)), y = T(b(i));
    INFO(i, ": (", double(x.real()), ", ", double(x.imag()), ") (", double(y.real()), ", ", double(y.imag()),
         ")");
    CHECK(near<T>(sum(i), x + y, 0));
    CHECK(near<T>(difference(i), x - y, 0));
    CHECK(near<T>(product(i), x * y, 2));
    if (y != C(0)) CHECK(near<T>(quotient(i), x / y, 4));
    if (x != C(0)) CHECK(near<T>(power(i), y == C(0) ? C(1) : std::pow(x, y), 4));
    CHECK(same(i) == (x == y));
    CHECK(near<T>(chosen(i), x == y ? x : std::conj(y), 0));
    CHECK(double(size(i)) == doctest::Approx(double(std::abs(x))));
    CHECK(double(turn(i)) == doctest::Approx(double(std::arg(x))));
    CHECK(re(i) == x.real());
    CHECK(im(i) == x.imag());
    CHECK(near<T>(made(i), C(x.imag(), x.real()), 0));
  }
}

}  // namespace

TEST_CASE("arithmetic of complex numbers is that of std::complex") {
  check_arithmetic<complex64>();
  check_arithmetic<complex128>();
}
TEST_CASE("functions of complex numbers are those of std::complex") {
  check_functions<complex64>();
  check_functions<complex128>();
}

TEST_CASE("complex arrays reduce, multiply and change shape") {
  const auto a = reshape<4, 6>(operand<complex128>(24, 1));
  const tensor<complex128, 4, 6> x = a;
  const auto rows = eval(sum(x, axis<1>));
  const auto columns = eval(sum(x, axis<0>));
  const auto means = eval(mean(x, axis<0>));
  const auto product = eval(matmul(x, conj(transpose(x))));
  const auto running = eval(cumsum<1>(x));
  const auto taken = eval(concat<0>(x, x));
  using C = std::complex<double>;
  for (tenon::index i = 0; i < 4; ++i) {
    C s = 0, p = 0;
    for (tenon::index j = 0; j < 6; ++j) {
      s += C(complex128(x(i, j)));
      CHECK(near<complex128>(running(i, j), s, 4));
    }
    CHECK(near<complex128>(rows(i), s, 4));
    for (tenon::index k = 0; k < 4; ++k) {
      p = 0;
      for (tenon::index j = 0; j < 6; ++j) p += C(complex128(x(i, j))) * std::conj(C(complex128(x(k, j))));
      CHECK(near<complex128>(product(i, k), p, 8));
    }
  }
  for (tenon::index j = 0; j < 6; ++j) {
    C s = 0;
    for (tenon::index i = 0; i < 4; ++i) s += C(complex128(x(i, j)));
    CHECK(near<complex128>(columns(j), s, 4));
    CHECK(near<complex128>(means(j), s / 4.0, 4));
    CHECK(near<complex128>(taken(5, j), C(complex128(x(1, j))), 0));
  }
  CHECK(eval(norm(x)).item() == doctest::Approx(std::sqrt(eval(sum(square(abs(x)))).item())));
}

TEST_CASE("a complex number is NaN, infinite or finite as its parts are") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const tensor<complex128, 5> z{{1, 2}, {nan, 1}, {1, -inf}, {inf, nan}, {0, nan}};
  CHECK(test::values(isnan(z)) == test::vec{0, 1, 0, 1, 1});
  CHECK(test::values(isinf(z)) == test::vec{0, 0, 1, 1, 0});
  CHECK(test::values(isfinite(z)) == test::vec{1, 0, 0, 0, 0});
  CHECK(std::as_const(z)(0) == complex128(1, 2));
}

TEST_CASE("variances of complex numbers are real") {
  const auto z = operand<complex128>(24, 1);
  using C = std::complex<double>;
  C mean = 0;
  for (tenon::index i = 0; i < 24; ++i) mean += C(complex128(z(i))) / 24.0;
  double spread = 0;
  for (tenon::index i = 0; i < 24; ++i) spread += std::norm(C(complex128(z(i))) - mean);
  static_assert(std::is_same_v<decltype(eval(variance(z)))::value_type, double>);
  CHECK(double(variance(z)) == doctest::Approx(spread / 24));
  CHECK(double(variance<1>(z)) == doctest::Approx(spread / 23));
  CHECK(double(stddev(z)) == doctest::Approx(std::sqrt(spread / 24)));
  CHECK(test::extents(variance(reshape<4, 6>(z), axis<0>, keepdims)) == test::dims{1, 6});
  const auto c = eval(cov(reshape<2, 12>(z)));  // Hermitian, variances on its diagonal
  CHECK(c(0, 0).real() == doctest::Approx(double(variance<1>(z.slice(range(0, 12))))));
  CHECK(c(0, 0).imag() == doctest::Approx(0));
  CHECK(near<complex128>(c(0, 1), std::conj(C(c(1, 0))), 4));
}

TEST_CASE("vecdot and vecmat conjugate their vector, as numpy has it; dot, inner and matvec do not") {
  const tensor<complex128, 2> a{{1, 2}, {3, -1}}, b{{0, 1}, {2, 5}};
  const tensor<complex128, 2, 2> m{{{1, 1}, {0, 2}}, {{3, 0}, {-1, 4}}};
  CHECK(complex128(vecdot(a, b)) == complex128(3, 18));  // np.vecdot(a, b), and so on
  CHECK(complex128(dot(a, b)) == complex128(9, 14));
  CHECK(complex128(inner(a, b)) == complex128(9, 14));
  const auto v = eval(vecmat(a, m)), w = eval(matvec(m, a));
  CHECK(v(0) == complex128(12, 2));
  CHECK(v(1) == complex128(-3, 13));
  CHECK(w(0) == complex128(1, 9));
  CHECK(w(1) == complex128(4, 19));
}

TEST_CASE("real and complex numbers meet") {
  const tensor<float, 2> r{1, 2};
  const tensor<complex64, 2> z{complex64(0, 1), complex64(3, -1)};
  const auto promoted = eval(r * z);
  static_assert(std::is_same_v<decltype(promoted)::value_type, complex64>);
  CHECK(promoted(1) == complex64(6, -2));
  const auto wide = eval(astype<double>(r) + z);
  static_assert(std::is_same_v<decltype(wide)::value_type, complex128>);
  CHECK(wide(0) == complex128(1, 1));
  const auto scaled = eval(z * 2 + std::complex<float>(1, 1));
  CHECK(scaled(0) == complex64(1, 3));
  CHECK(eval(astype<complex128>(z))(1) == complex128(3, -1));
  CHECK(eval(astype<complex64>(tensor<std::int32_t, 2>{4, 5}))(1) == complex64(5, 0));
}

namespace {
/// A product of [m, k] and [k, n] as its definition has it.
template <class A, class B>
std::complex<double> exact_product(const A& a, const B& b, tenon::index i, tenon::index j) {
  std::complex<long double> s = 0;
  for (tenon::index k = 0; k < a.extent(1); ++k) {
    const auto x = std::complex<long double>(a(i, k).re, a(i, k).im);
    const auto y = std::complex<long double>(b(k, j).re, b(k, j).im);
    s += x * y;
  }
  return {double(s.real()), double(s.imag())};
}
}  // namespace

TEST_CASE("matrix products of complex and of real numbers, of sizes beyond what is small") {
  const tenon::index m = 21, k = 70, n = 33;
  const auto part = [](tenon::index rows, tenon::index columns, double step) {
    return from_function<double>([=](auto i, auto j) { return std::sin(step * double(i * columns + j)); },
                                 rows, columns);
  };
  const auto a = eval(make_complex(part(m, k, 0.7), part(m, k, 1.1)));
  const auto b = eval(make_complex(part(k, n, 0.3), part(k, n, 0.9)));
  const auto c = eval(make_complex(part(m, k, 0.7), zeros<double>(m, k)));  // the real factor, as complex
  const auto check = [&](const auto& got, const auto& x) {
    REQUIRE(got.shape() == std::array<tenon::index, 2>{m, n});
    double worst = 0;
    for (tenon::index i = 0; i < m; ++i)
      for (tenon::index j = 0; j < n; ++j)
        worst = std::max(worst, std::abs(std::complex<double>(got(i, j)) - exact_product(x, b, i, j)));
    CHECK(worst < 1e-13);
  };
  check(eval(matmul(a, b)), a);
  check(eval(einsum<"ij,jk->ik">(a, b)), a);
  check(eval(tensordot<1>(a, b)), a);
  check(eval(matmul(part(m, k, 0.7), b)), c);
  check(eval(transpose(matmul(transpose(b), transpose(a)))), a);
  check(eval(eval(matmul(expand_dims<0>(a), b))[0]), a);
  const auto left = eval(matmul(a, real(b)));
  for (tenon::index j = 0; j < n; ++j) {
    std::complex<double> s = 0;
    for (tenon::index i = 0; i < k; ++i) s += std::complex<double>(a(4, i)) * b(i, j).re;
    CHECK(near<complex128>(left(4, j), s, 200));
  }
  const auto mixed = eval(matmul(astype<complex64>(a), real(b)));
  static_assert(std::is_same_v<decltype(mixed)::value_type, complex128>);
}

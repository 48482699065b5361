#include <tenon/array/histograms.hpp>
#include <tenon/array/sets.hpp>
#include <tenon/ops/bits.hpp>
#include <tenon/ops/numbers.hpp>
#include <tenon/ops/quantiles.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/ops/searching.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T, int R>
void counted(report& to, const char* op, const std::string& attributes, index least, values v, auto f) {
  source& s = to.random;
  for (int i = to.repeats(20); i > 0; --i) {
    auto e = draw_sizes<R>(s);
    for (index& n : e) n = std::max(n, least);
    const auto x = draw_part<T, R>(s, e, v);
    to.begin(op, attributes);
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}

/// A sorted array and values to find in it.
template <class T>
void searched(report& to, const char* op, auto f) {
  source& s = to.random;
  for (int i = to.repeats(20); i > 0; --i) {
    const values v = draw_values<T>(s);
    const auto sorted = tenon::eval(tenon::sort(draw_part<T, 1>(s, draw_sizes<1>(s), v).seen));
    const auto x = draw_part<T, 2>(s, draw_sizes<2>(s), v);
    to.begin(op);
    record_whole(to, sorted);
    record(to, x);
    to.of([&] { return f(sorted, x.seen); });
  }
}

template <class T>
void ordered(report& to) {
  searched<T>(to, "searchsorted_left",
              [](const auto& s, const auto& x) { return tenon::searchsorted(s, x); });
  searched<T>(to, "searchsorted_right",
              [](const auto& s, const auto& x) { return tenon::searchsorted<tenon::side::right>(s, x); });
  searched<T>(to, "isin", [](const auto& s, const auto& x) { return tenon::isin(x, s); });
  for (const values v : {values::ties, values::special}) {
    counted<T, 2>(to, "cummax", listed("axis", {1}), 0, v, [](const auto& x) { return tenon::cummax<1>(x); });
    counted<T, 3>(to, "cummin", listed("axis", {0}), 0, v, [](const auto& x) { return tenon::cummin<0>(x); });
    counted<T, 2>(to, "unique_values", "", 0, v, [](const auto& x) { return tenon::unique_values(x); });
    counted<T, 2>(to, "unique_counts", "", 0, v,
                  [](const auto& x) { return tenon::unique_counts(x).counts; });
  }
}

template <class T, tenon::between Method>
void of_quantiles(report& to) {
  const std::string method = listed("method", {index(Method)});
  counted<T, 2>(to, "quantile", method + ";" + listed("percent", {30}) + ";" + listed("axes", {1}), 1,
                values::tame, [](const auto& x) { return tenon::quantile<Method>(x, 0.3, tenon::axis<1>); });
  counted<T, 3>(to, "quantile", method + ";" + listed("percent", {75}) + ";" + listed("axes", {0, 2}), 1,
                values::ties,
                [](const auto& x) { return tenon::quantile<Method>(x, 0.75, tenon::axes<0, 2>); });
}

/// Of what is not NaN; elements alone, since specials overflow between them.
template <class T, tenon::between Method>
void of_numbers(report& to) {
  const std::string method = listed("method", {index(Method)});
  counted<T, 2>(to, "nanquantile", method + ";" + listed("percent", {30}) + ";" + listed("axes", {1}), 1,
                values::special,
                [](const auto& x) { return tenon::nanquantile<Method>(x, 0.3, tenon::axis<1>); });
  counted<T, 3>(to, "nanquantile", method + ";" + listed("percent", {75}) + ";" + listed("axes", {0, 2}), 1,
                values::special,
                [](const auto& x) { return tenon::nanquantile<Method>(x, 0.75, tenon::axes<0, 2>); });
}

template <class T>
void of_reals(report& to) {
  of_numbers<T, tenon::between::lower>(to);
  of_numbers<T, tenon::between::higher>(to);
  of_numbers<T, tenon::between::nearest>(to);
  of_quantiles<T, tenon::between::linear>(to);
  of_quantiles<T, tenon::between::lower>(to);
  of_quantiles<T, tenon::between::higher>(to);
  of_quantiles<T, tenon::between::nearest>(to);
  of_quantiles<T, tenon::between::midpoint>(to);
  counted<T, 2>(to, "median", listed("axes", {0}), 1, values::tame,
                [](const auto& x) { return tenon::median(x, tenon::axis<0>); });
  counted<T, 1>(to, "histogram", listed("bins", {7}), 1, values::ties,
                [](const auto& x) { return tenon::histogram(x, 7).counts; });
  binary<T, T, 2, 2>(to, "fmax", 25, [](const auto& a, const auto& b) { return tenon::fmax(a, b); });
  binary<T, T, 2, 2>(to, "fmin", 25, [](const auto& a, const auto& b) { return tenon::fmin(a, b); });
  binary<T, T, 2, 2>(to, "heaviside", 25,
                     [](const auto& a, const auto& b) { return tenon::heaviside(a, b); });
  binary<T, T, 2, 2>(to, "nextafter", 25,
                     [](const auto& a, const auto& b) { return tenon::nextafter(a, b); });
  unary<T, 2>(to, "frexp_mantissa", 25, [](const auto& x) { return tenon::frexp(x).mantissa; });
  unary<T, 2>(to, "modf_fraction", 25, [](const auto& x) { return tenon::modf(x).fraction; });
}

template <class T>
void of_integers(report& to) {
  binary<T, T, 2, 2>(to, "gcd", 25, [](const auto& a, const auto& b) { return tenon::gcd(a, b); });
  unary<T, 2>(to, "bitwise_count", 25, [](const auto& x) { return tenon::bitwise_count(x); });
  counted<T, 1>(to, "bincount", "", 0, values::ties,
                [](const auto& x) { return tenon::bincount(tenon::abs(x), 3); });
  counted<T, 2>(to, "cumprod", listed("axis", {1}), 0, values::ties,
                [](const auto& x) { return tenon::cumprod<1>(x); });
}

}  // namespace

void counting(report& to) {
  ordered<float>(to);
  ordered<double>(to);
  ordered<i32>(to);
  of_reals<float>(to);
  of_reals<double>(to);
  of_integers<i32>(to);
  of_integers<i64>(to);
}

}  // namespace oracle

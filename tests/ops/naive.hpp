// What tests of products share: arrays of small integers under several strides, and a sum of products by labels that
// walks all of them in a loop.
#pragma once

#include "../support.hpp"

#include <tenon/ops/einsum.hpp>

#include <map>
#include <random>

namespace test {

struct nd {
  std::vector<index> shape;
  std::vector<long double> value;
  bool operator==(const nd&) const = default;
};
inline std::string text(const nd& x) {
  std::string s = "[";
  for (const index n : x.shape) s += std::to_string(n) + " ";
  s += "]";
  for (const long double v : x.value) s += " " + std::to_string(double(v));
  return s.substr(0, 400);
}
inline std::ostream& operator<<(std::ostream& out, const nd& x) { return out << text(x); }

template <class X>
nd read(const X& x) {
  const auto t = tenon::eval(x);
  nd r;
  r.shape.assign(t.shape().begin(), t.shape().end());
  for (const auto v : t) r.value.push_back(static_cast<long double>(v));
  return r;
}

/// The sum of products that a specification with "->" means; "..." stands for axes from the right.
inline nd naive(const std::string& spec, std::vector<nd> in) {
  std::vector<std::string> terms(1);
  for (const char c : spec) {
    if (c == ' ' || c == '>') continue;
    if (c == ',' || c == '-')
      terms.emplace_back();
    else
      terms.back() += c;
  }
  REQUIRE(terms.size() == in.size() + 1);
  std::size_t open = 0;
  const auto spread = [&](std::string& term, std::size_t n) {
    if (const auto at = term.find("..."); at != std::string::npos)
      term = term.substr(0, at) + std::string("0123456789").substr(10 - n) + term.substr(at + 3);
  };
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (terms[k].find("...") == std::string::npos) continue;
    const std::size_t n = in[k].shape.size() + 3 - terms[k].size();
    open = std::max(open, n);
    spread(terms[k], n);
  }
  spread(terms.back(), open);
  std::map<char, index> extent, at;
  for (std::size_t k = 0; k < in.size(); ++k) {
    REQUIRE(terms[k].size() == in[k].shape.size());
    for (std::size_t i = 0; i < terms[k].size(); ++i) {
      index& e = extent.try_emplace(terms[k][i], 1).first->second;
      if (e == 1) e = in[k].shape[i];
    }
  }
  nd out;
  index total = 1, size = 1;
  for (const char c : terms.back()) out.shape.push_back(extent[c]);
  for (const index n : out.shape) size *= n;
  out.value.assign(std::size_t(size), 0);
  for (const auto& [label, n] : extent) total *= n;
  for (const auto& [label, n] : extent) at[label] = 0;
  const auto place = [&](const std::string& term, const std::vector<index>& shape) {
    index p = 0;
    for (std::size_t i = 0; i < term.size(); ++i) p = p * shape[i] + (shape[i] == 1 ? 0 : at[term[i]]);
    return std::size_t(p);
  };
  for (index step = 0; step < total; ++step) {
    long double product = 1;
    for (std::size_t k = 0; k < in.size(); ++k) product *= in[k].value[place(terms[k], in[k].shape)];
    out.value[place(terms.back(), out.shape)] += product;
    for (auto& [label, i] : at) {
      if (++i < extent[label]) break;
      i = 0;
    }
  }
  return out;
}

template <class T, int R>
using dynamic = tenon::basic_tensor<T, typename tenon::detail::dynamic_shape<R>::type>;

/// Integers from -3 to 3: sums of their products are exact in every dtype.
inline int small_integer() {
  static std::mt19937 bits(7);
  return int(bits() % 7) - 3;
}
template <class T, class... N>
auto integers(N... n) {
  auto x = tenon::zeros<T>(tenon::index(n)...);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = T(small_integer());
  return x;
}
template <class T, tenon::extent... E>
auto integers_of() {
  auto x = tenon::zeros<T, E...>();
  for (index i = 0; i < x.size(); ++i) x.own()[i] = T(small_integer());
  return x;
}

/// Calls f with a view of x's values that has a stride of 2 along every second axis.
template <class X, class F>
void with_strides(const X& x, int which, F f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto step = [&](std::size_t i) { return index((int(i) + which) % 2 == 0 ? 2 : 1); };
    auto whole = integers<typename X::value_type>((x.extent(int(I)) * step(I))...);
    whole.slice(tenon::range(0, x.extent(int(I)) * step(I), step(I))...) = x;
    f(std::as_const(whole).slice(tenon::range(0, x.extent(int(I)) * step(I), step(I))...));
  }
  (std::make_index_sequence<std::size_t(X::rank)>());
}

}  // namespace test

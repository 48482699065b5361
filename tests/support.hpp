// What tests of arrays share: values and extents as vectors, and what an exception said.
#pragma once

#include <tenon/array/create.hpp>
#include <tenon/array/tensor.hpp>
#include <tenon/ops/composite.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace test {

using tenon::index;

/// The elements of an expression or tensor in row-major order.
template <class X>
std::vector<double> values(const X& x) {
  const auto t = tenon::eval(x);
  return {t.begin(), t.end()};
}

template <class X>
std::vector<index> extents(const X& x) {
  const auto t = tenon::eval(x);
  return {t.shape().begin(), t.shape().end()};
}

using vec = std::vector<double>;
using dims = std::vector<index>;

/// The text of the E that f throws; empty when it throws none.
template <class E, class F>
std::string thrown(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace test

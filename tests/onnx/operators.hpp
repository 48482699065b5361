// ONNX's operators in terms of Tenon's functions. Each group of them is a unit of its own, which enters its operators
// into a table. Values are computed by Tenon alone: the harness reads shapes and moves memory.
#pragma once

#include <functional>

#include "model.hpp"

namespace onnx {

/// One node of a model with the values of its operands.
struct call {
  const node& of;
  std::vector<const value*> in;  // null where an optional operand is left out
  index opset;

  bool has(std::size_t i) const { return i < in.size() && in[i] != nullptr; }
  const value& operator[](std::size_t i) const {
    if (!has(i)) throw tenon::usage_error("onnx: " + of.op + " lacks an operand");
    return *in[i];
  }
  const attribute* find(const std::string& name) const {
    const auto at = of.attributes.find(name);
    return at == of.attributes.end() ? nullptr : &at->second;
  }
  index integer(const std::string& name, index otherwise) const {
    const attribute* a = find(name);
    return a ? a->integer : otherwise;
  }
  double real(const std::string& name, double otherwise) const {
    const attribute* a = find(name);
    return a ? a->real : otherwise;
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const attribute* a = find(name);
    return a ? a->text : otherwise;
  }
  /// Integers that later versions of ONNX take as an operand and earlier ones as an attribute.
  extent_list integers(const std::string& name, std::size_t operand) const {
    if (has(operand)) return integers_in((*this)[operand]);
    const attribute* a = find(name);
    return a ? a->integers : extent_list{};
  }
  /// The number of results that are asked for.
  std::size_t results() const { return of.output.size(); }
};

using results = std::vector<value>;
using operators = std::map<std::string, std::function<results(const call&)>>;

void add_functions(operators&);
void add_arithmetic(operators&);
void add_extrema(operators&);
void add_comparisons(operators&);
void add_activations(operators&);
void add_reductions(operators&);
void add_ordering(operators&);
void add_products(operators&);
void add_einsum(operators&);
void add_extents(operators&);
void add_rearranging(operators&);
void add_tiling(operators&);
void add_indexing(operators&);
void add_creation(operators&);
void add_casts(operators&);
void add_quantization(operators&);
void add_normalization(operators&);
void add_losses(operators&);
void add_updates(operators&);

/// What these operators do does not depend on the dtype, but for its size.
template <class F>
value moving(const value& v, F f) {
  return among(moved{}, v.type, f);
}

/// An elementwise operator of one operand.
template <class Types, class F>
std::function<results(const call&)> unary(Types taken, F f) {
  return [taken, f](const call& c) -> results {
    return {among(taken, c[0].type, [&]<class T>(T) { return give(f(wide<T>(c[0])), c[0].extent); })};
  };
}
/// An elementwise operator of two operands of one dtype, which are broadcast by Tenon.
template <class Types, class F>
std::function<results(const call&)> binary(Types taken, F f) {
  return [taken, f](const call& c) -> results {
    return {among(taken, c[0].type, [&]<class T>(T) {
      return give_wide(f(wide<T>(c[0]), wide<T>(c[1])), std::max(c[0].rank(), c[1].rank()));
    })};
  };
}

}  // namespace onnx

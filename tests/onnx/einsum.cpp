// Sums of products by subscripts, and determinants.
#include "operators.hpp"
#include "tenon/linear_algebra.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// The subscripts are template arguments: those that the models have.
results einsums(const call& c) {
  std::string spec;
  for (const char s : c.text("equation", ""))
    if (s != ' ') spec += s;
  using T = double;
  const auto& e = c[0].extent;
  if (spec == "...ii->...i")
    return {give(einsum<"...ii->...i">(as<T, 3>(c[0], {e[0], e[1], e[2]})), {e[0], e[1]})};
  if (spec == "ij->i") return {give(einsum<"ij->i">(as<T, 2>(c[0], {e[0], e[1]})), {e[0]})};
  if (spec == "ij->ji") return {give(einsum<"ij->ji">(as<T, 2>(c[0], {e[0], e[1]})), {e[1], e[0]})};
  if (spec == "i,i") return {give(einsum<"i,i">(flat<T>(c[0]), flat<T>(c[1])), {})};
  if (spec == "bij,bjk->bik") {
    const auto& f = c[1].extent;
    return {
        give(einsum<"bij,bjk->bik">(as<T, 3>(c[0], {e[0], e[1], e[2]}), as<T, 3>(c[1], {f[0], f[1], f[2]})),
             {e[0], e[1], f[2]})};
  }
  throw not_applicable("einsum's subscripts are template arguments");
}

}  // namespace

void add_einsum(operators& t) {
  t["Einsum"] = einsums;
  t["Det"] = [](const call& c) -> results {
    const onnx::index n = c[0].extent.back();
    extent_list result(c[0].extent.begin(), c[0].extent.end() - 2);
    return {among(floats{}, c[0].type, [&]<class T>(T) {
      return give(linalg::det(as<T, 3>(c[0], {count(result), n, n})), result);
    })};
  };
}

}  // namespace onnx

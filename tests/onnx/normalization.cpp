// Normalisation: numbers less their mean, over their deviation.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using element_type = float;  // what the data has

/// All axes from one on together are one, those before it another.
results normalized_layer(const call& c) {
  const auto& e = c[0].extent;
  const lines l(e, c.integer("axis", -1));
  const onnx::index inner = l.n * l.after;
  const auto x = as<element_type, 2>(c[0], {l.before, inner});
  const auto mu = eval(mean(x, axis<1>, keepdims));
  const auto over = eval(1_c / sqrt(variance(x, axis<1>, keepdims) + element_type(c.real("epsilon", 1e-5))));
  auto y = eval((x - mu) * over * as<element_type, 1>(c[1], {inner}));
  if (c.has(2)) y = y + as<element_type, 1>(c[2], {inner});
  extent_list kept = e;
  for (std::size_t i = std::size_t(l.axis); i < kept.size(); ++i) kept[i] = 1;
  return {give(y, e), give(mu, kept), give(over, kept)};
}

/// Per channel, over the batch and the places; in training by the batch's own mean and variance, and then the
/// running ones move towards them.
results normalized_batch(const call& c) {
  const auto& e = c[0].extent;
  const lines l(e, 1);
  const auto x = as<element_type, 3>(c[0], {l.before, l.n, l.after});
  const auto column = [&](std::size_t i) { return as<element_type, 2>(c[i], {l.n, 1}); };
  const element_type epsilon = element_type(c.real("epsilon", 1e-5)),
                     kept = element_type(c.real("momentum", 0.9));
  const auto normal = [&](const auto& mu, const auto& var) {
    return give((x - mu) / sqrt(var + epsilon) * column(1) + column(2), e);
  };
  if (c.integer("training_mode", 0) == 0) return {normal(column(3), column(4))};
  const auto mu = eval(reshape<dyn, 1>(mean(x, axes<0, 2>))),
             var = eval(reshape<dyn, 1>(variance(x, axes<0, 2>)));
  return {normal(mu, var), give(column(3) * kept + mu * (1 - kept), {l.n}),
          give(column(4) * kept + var * (1 - kept), {l.n})};
}

results normalized_instance(const call& c) {
  const auto& e = c[0].extent;
  const lines l(e, 1);
  const auto x = as<element_type, 3>(c[0], {l.before, l.n, l.after});
  const auto centred = eval(x - mean(x, axis<2>, keepdims));
  const element_type epsilon = element_type(c.real("epsilon", 1e-5));
  return {
      give(centred / sqrt(variance(x, axis<2>, keepdims) + epsilon) * as<element_type, 2>(c[1], {l.n, 1}) +
               as<element_type, 2>(c[2], {l.n, 1}),
           e)};
}

/// Over the axes 0, 2 and 3, unless others are said.
results normalized_mean_and_variance(const call& c) {
  if (c.find("axes")) throw not_applicable("other axes");
  const auto& e = c[0].extent;
  const lines l(e, 1);
  const auto x = as<element_type, 3>(c[0], {l.before, l.n, l.after});
  const auto mu = mean(x, axes<0, 2>, keepdims);
  return {give((x - mu) / (stddev(x, axes<0, 2>, keepdims) + element_type(1e-9)), e)};
}

/// x over a power of the sum of squares of `size` neighbouring channels.
results normalized_response(const call& c) {
  const auto& e = c[0].extent;
  const lines l(e, 1);
  const onnx::index size = c.integer("size", 1), before = (size - 1) / 2, after = size - 1 - before;
  const auto x = as<element_type, 3>(c[0], {l.before, l.n, l.after});
  auto sums = eval(0 * x);
  for (onnx::index by = -before; by <= after; ++by) {  // channel i gets the square of channel i + by
    const range to(std::max<onnx::index>(0, -by), std::min(l.n, l.n - by)),
        from(std::max<onnx::index>(0, by), std::min(l.n, l.n + by));
    if (to.begin < to.end)
      sums.slice(all, to, all) = eval(sums.slice(all, to, all) + square(x.slice(all, from, all)));
  }
  const element_type alpha = element_type(c.real("alpha", 1e-4)), beta = element_type(c.real("beta", 0.75)),
                     bias = element_type(c.real("bias", 1));
  return {give(x / pow(bias + alpha / element_type(size) * sums, beta), e)};
}

}  // namespace

void add_normalization(operators& t) {
  t["LayerNormalization"] = normalized_layer;
  t["BatchNormalization"] = normalized_batch;
  t["InstanceNormalization"] = normalized_instance;
  t["MeanVarianceNormalization"] = normalized_mean_and_variance;
  t["LRN"] = normalized_response;
}

}  // namespace onnx

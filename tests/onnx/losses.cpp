// Losses of classes, and dropout where it is the identity.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using element_type = float;

/// The loss of each label, [batch, places], from logarithms of probabilities, [batch, classes, places],
/// weighted and 0 where a label is the one to ignore; and what becomes of it.
value reduced_loss(const call& c, const array<element_type, 3>& logs) {
  const onnx::index batch = logs.extent(0), classes = logs.extent(1), places = logs.extent(2);
  const auto labels = eval(among(types<std::int32_t, std::int64_t>{}, c[1].type, [&]<class L>(L) {
    return array<std::int64_t, 2>(astype<std::int64_t>(as<L, 2>(c[1], {batch, places})));
  }));
  array<bool, 2> counted = labels == labels;
  array<std::int64_t, 2> safe = labels;
  if (const attribute* ignored = c.find("ignore_index")) {
    counted = labels != std::int64_t(ignored->integer);
    safe = where(counted, labels, std::int64_t(0));
  }
  auto weights = eval(astype<element_type>(counted));
  if (c.has(2)) weights = weights * take<0>(as<element_type, 1>(c[2], {classes}), safe);
  const auto loss = eval(-squeeze<1>(take_along_axis<1>(logs, expand_dims<1>(safe))) * weights);
  const std::string how = c.text("reduction", "mean");
  if (how == "none") return give(loss, c[1].extent);
  if (how == "sum") return give(sum(loss), {});
  return give(sum(loss) / sum(weights), {});
}

array<element_type, 3> with_classes(const value& v) {
  const lines l(v.extent, 1);
  return as<element_type, 3>(v, {l.before, l.n, l.after});
}

}  // namespace

void add_losses(operators& t) {
  t["NegativeLogLikelihoodLoss"] = [](const call& c) -> results {
    return {reduced_loss(c, with_classes(c[0]))};
  };
  t["SoftmaxCrossEntropyLoss"] = [](const call& c) -> results {
    const array<element_type, 3> logs = log_softmax<1>(with_classes(c[0]));
    results r{reduced_loss(c, logs)};
    if (c.results() > 1) r.push_back(give(logs, c[0].extent));
    return r;
  };
  t["Dropout"] = [](const call& c) -> results {
    const double ratio = c.has(1) ? real_in(c[1]) : 0.5;
    if (c.has(2) && number<bool>(c[2]) && ratio > 0)
      throw not_applicable("random numbers of another generator");
    const auto x = flat<element_type>(c[0]);
    return {give(x, c[0].extent), give(full<bool>(true, x.size()), c[0].extent)};
  };
}

}  // namespace onnx

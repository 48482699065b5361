// What is said of compile_step's plan: the arena that it takes, its updates and where they stand.
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/nn/model.hpp>
#include <tenon/optim/adam.hpp>
#include <tenon/seeing.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;

namespace {
using mlp = nn::sequential<nn::dense<7, 32>, nn::tanh, nn::dense<32, 3>>;
struct twice {  // one layer in two places, and a table that an opaque op reads
  nn::dense<7, 7> layer;
  parameter<double, 5, 7> table;
  auto operator()(const auto& x) const { return layer(tanh(layer(x))); }
};
struct tied {
  nn::dense<16, 16> layer;
  auto operator()(const auto& x) const { return layer(tanh(layer(tanh(layer(tanh(layer(x))))))); }
};
const auto classes = [](const auto& m, const auto& x, const auto& y) {
  return loss::softmax_cross_entropy(m(x), y);
};
int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}
/// Text with runs of blanks as one.
std::string squeezed(const std::string& text) {
  std::string r;
  for (const char c : text)
    if (c != ' ' || (!r.empty() && r.back() != ' ')) r += c;
  return r;
}
}  // namespace

TEST_CASE("the arena that is told is the one that a step takes, gradients in it") {
  mlp model;
  generator g(1);
  initialise(model, g);
  optim::adam opt;
  auto train = compile_step(classes, opt, model, spec<float, "batch", 7>{}, spec<std::int32_t, "batch">{});
  for (const tenon::index n : {1, 6, 300}) {
    train(model, uniform<float>(g, n, 7), zeros<std::int32_t>(n));
    CHECK(train.arena_bytes() == arena_bytes(train, extent_of<"batch"> = n));
  }
  CHECK(output_bytes(train, extent_of<"batch"> = 6) == 4);  // the loss
  auto apart =
      compile(value_and_grad(classes), model, spec<float, "batch", 7>{}, spec<std::int32_t, "batch">{});
  CHECK(kernel_count(train) == kernel_count(apart));
  CHECK(flops(train, extent_of<"batch"> = 6) == flops(apart, extent_of<"batch"> = 6));
  CHECK(peak_bytes(train, extent_of<"batch"> = 6) < peak_bytes(apart, extent_of<"batch"> = 6));
}

TEST_CASE(
    "a layer that is used twice is updated once, after its last gradient; nothing after what may throw") {
  twice model;
  generator g(2);
  initialise(model, g);
  const auto loss = [](const auto& m, const auto& x, const auto& y) {
    return sum(square(m(x) - astype<float>(take<0>(m.table, y))));
  };
  optim::sgd opt{.lr = 0.01, .momentum = 0.9};
  auto train = compile_step(loss, opt, model, spec<float, "batch", 7>{}, spec<std::int32_t, "batch">{});
  const std::string text = squeezed(explain(train, extent_of<"batch"> = 4));
  CHECK(count(text, " update ") == 3);
  CHECK(contains(text,
                 "[7, 7] float32 588 392 294\n"));  // w, g and v are read, w and v written: 49 floats each
  CHECK(contains(text, "[5, 7] float64 840 560 210\n"));  // 6 operations an element
  CHECK(text.find(" add_at ") < text.find(" update "));
  CHECK(contains(text, "total, without updates"));
  train(model, uniform<float>(g, 4, 7), zeros<std::int32_t>(4));
  CHECK(train.arena_bytes() == arena_bytes(train, extent_of<"batch"> = 4));
  opt.momentum = 0;
  CHECK(contains(squeezed(explain(train)), "[7, 7] float32 392 196 196\n"));  // sizes of the last call
}

TEST_CASE("one parameter in several places: its first gradient is kept for the sum") {
  tied model;
  generator g(4);
  initialise(model, g);
  const auto loss = [](const auto& m, const auto& x) { return sum(square(m(x))); };
  auto train = compile_step(loss, optim::sgd{.lr = 0.001}, model, spec<float, "batch", 16>{});
  for (const tenon::index n : {1, 2, 40}) {
    train(model, uniform<float>(g, n, 16));
    CHECK(train.arena_bytes() == arena_bytes(train, extent_of<"batch"> = n));
    CHECK(detail::report_behind(train).total.arena == train.arena_bytes());
  }
}

TEST_CASE("loops: updates after the last step") {
  nn::dense<4, 4> model;
  generator g(3);
  initialise(model, g);
  const auto loss = [](const auto& m, const auto& x) {
    return sum(square(scan([](auto h, auto v, auto w) { return tanh(matmul(h, w) + v); },
                           zeros<float, 2, 4>(), x, m.weight))) +
           sum(m.bias);
  };
  auto train = compile_step(loss, optim::sgd{}, model, spec<float, "time", 2, 4>{});
  train(model, uniform<float>(g, 5, 2, 4));
  CHECK(train.arena_bytes() == arena_bytes(train, extent_of<"time"> = 5));
  const std::string text = explain(train);
  CHECK(count(text, " update ") == 2);
  CHECK(text.rfind("end of the loop") < text.find(" update "));
}

TEST_CASE("pictures") {
  mlp model;
  auto train =
      compile_step(classes, optim::sgd{}, model, spec<float, "batch", 7>{}, spec<std::int32_t, "batch">{});
  for (const std::string& text : {to_svg(train), to_dot(train)}) {
    for (const char* const name : {"parameter0", "parameter1", "parameter2", "parameter3"})
      CHECK(count(text, std::string("update of ") + name) >= 1);
    CHECK(count(text, "gradient of") == 0);
  }
}

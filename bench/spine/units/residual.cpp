// A residual MLP of BLOCKS equal blocks: gradient and executor. -DBIND binds the expression instead of compiling it.
#include <cstdio>

#include "tenon/array/create.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/nn/dense.hpp"
#ifdef BIND
#include "tenon/symbol/executor.hpp"
#else
#include "tenon/symbol/compile.hpp"
#endif

using namespace tenon;

struct block {
  nn::dense<64, 64> in, out;
  auto operator()(const auto& x) const { return x + out(tanh(in(x))); }
};

template <class>
struct repeated;
template <int... I>
struct repeated<std::integer_sequence<int, I...>> {
  template <int>
  using one = block;
  using type = nn::sequential<one<I>..., nn::dense<64, 10>>;
};

int main() {
  repeated<std::make_integer_sequence<int, BLOCKS>>::type model;
  for_each_parameter(model, [&](auto& p) {
    for (tenon::index i = 0; i < p.size(); ++i) p.own()[i] = 0.01f * float(i % 13 - 6);
  });
  const auto loss_of = [](const auto& m, const auto& in, const auto& labels) {
    return loss::softmax_cross_entropy(m(in), labels);
  };
  const auto x = ones<float, "batch", 64>(32);
  const auto y = zeros<std::int32_t, "batch">(32);
#ifdef BIND
  auto ex = bind(loss_of(model, variable<"x", float, "batch", 64>{}, variable<"y", std::int32_t, "batch">{}),
                 cpu(0), wrt<"parameters">, arg<"x"> = x, arg<"y"> = y);
  ex.forward(mode::train);
  ex.backward();
  std::printf("%g %zu\n", double(ex.output().item()), ex.gradients().entries().size());
#else
  auto step =
      compile(value_and_grad(loss_of), model, spec<float, "batch", 64>{}, spec<std::int32_t, "batch">{});
  const auto& [value, gradients] = step(model, x, y);
  std::printf("%g %zu\n", double(value.item()), gradients.entries().size());
#endif
}

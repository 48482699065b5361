// A residual chain of ADDS (25 or 50) additions in one function, each with a parameter of its own: gradient and executor.
#include <cstdio>

#include "tenon/array/create.hpp"
#include "tenon/ops/composite.hpp"
#include "tenon/symbol/executor.hpp"

using namespace tenon;

static auto chain(const auto& h0) {
  const auto h1 = h0 + tanh(h0 * variable<"p0", float, 64>{});
  const auto h2 = h1 + tanh(h1 * variable<"p1", float, 64>{});
  const auto h3 = h2 + tanh(h2 * variable<"p2", float, 64>{});
  const auto h4 = h3 + tanh(h3 * variable<"p3", float, 64>{});
  const auto h5 = h4 + tanh(h4 * variable<"p4", float, 64>{});
  const auto h6 = h5 + tanh(h5 * variable<"p5", float, 64>{});
  const auto h7 = h6 + tanh(h6 * variable<"p6", float, 64>{});
  const auto h8 = h7 + tanh(h7 * variable<"p7", float, 64>{});
  const auto h9 = h8 + tanh(h8 * variable<"p8", float, 64>{});
  const auto h10 = h9 + tanh(h9 * variable<"p9", float, 64>{});
  const auto h11 = h10 + tanh(h10 * variable<"p10", float, 64>{});
  const auto h12 = h11 + tanh(h11 * variable<"p11", float, 64>{});
  const auto h13 = h12 + tanh(h12 * variable<"p12", float, 64>{});
  const auto h14 = h13 + tanh(h13 * variable<"p13", float, 64>{});
  const auto h15 = h14 + tanh(h14 * variable<"p14", float, 64>{});
  const auto h16 = h15 + tanh(h15 * variable<"p15", float, 64>{});
  const auto h17 = h16 + tanh(h16 * variable<"p16", float, 64>{});
  const auto h18 = h17 + tanh(h17 * variable<"p17", float, 64>{});
  const auto h19 = h18 + tanh(h18 * variable<"p18", float, 64>{});
  const auto h20 = h19 + tanh(h19 * variable<"p19", float, 64>{});
  const auto h21 = h20 + tanh(h20 * variable<"p20", float, 64>{});
  const auto h22 = h21 + tanh(h21 * variable<"p21", float, 64>{});
  const auto h23 = h22 + tanh(h22 * variable<"p22", float, 64>{});
  const auto h24 = h23 + tanh(h23 * variable<"p23", float, 64>{});
  const auto h25 = h24 + tanh(h24 * variable<"p24", float, 64>{});
#if ADDS == 25
  return sum(h25);
#else
  const auto h26 = h25 + tanh(h25 * variable<"p25", float, 64>{});
  const auto h27 = h26 + tanh(h26 * variable<"p26", float, 64>{});
  const auto h28 = h27 + tanh(h27 * variable<"p27", float, 64>{});
  const auto h29 = h28 + tanh(h28 * variable<"p28", float, 64>{});
  const auto h30 = h29 + tanh(h29 * variable<"p29", float, 64>{});
  const auto h31 = h30 + tanh(h30 * variable<"p30", float, 64>{});
  const auto h32 = h31 + tanh(h31 * variable<"p31", float, 64>{});
  const auto h33 = h32 + tanh(h32 * variable<"p32", float, 64>{});
  const auto h34 = h33 + tanh(h33 * variable<"p33", float, 64>{});
  const auto h35 = h34 + tanh(h34 * variable<"p34", float, 64>{});
  const auto h36 = h35 + tanh(h35 * variable<"p35", float, 64>{});
  const auto h37 = h36 + tanh(h36 * variable<"p36", float, 64>{});
  const auto h38 = h37 + tanh(h37 * variable<"p37", float, 64>{});
  const auto h39 = h38 + tanh(h38 * variable<"p38", float, 64>{});
  const auto h40 = h39 + tanh(h39 * variable<"p39", float, 64>{});
  const auto h41 = h40 + tanh(h40 * variable<"p40", float, 64>{});
  const auto h42 = h41 + tanh(h41 * variable<"p41", float, 64>{});
  const auto h43 = h42 + tanh(h42 * variable<"p42", float, 64>{});
  const auto h44 = h43 + tanh(h43 * variable<"p43", float, 64>{});
  const auto h45 = h44 + tanh(h44 * variable<"p44", float, 64>{});
  const auto h46 = h45 + tanh(h45 * variable<"p45", float, 64>{});
  const auto h47 = h46 + tanh(h46 * variable<"p46", float, 64>{});
  const auto h48 = h47 + tanh(h47 * variable<"p47", float, 64>{});
  const auto h49 = h48 + tanh(h48 * variable<"p48", float, 64>{});
  const auto h50 = h49 + tanh(h49 * variable<"p49", float, 64>{});
  return sum(h50);
#endif
}

int main() {
  auto ex = simple_bind(chain(variable<"x", float, "batch", 64>{}), cpu(0), extent_of<"batch"> = 32);
  ex.forward(mode::train, arg<"x"> = ones<float, "batch", 64>(32), arg<"p0"> = ones<float, 64>());
  ex.backward();
  std::printf("%g %g\n", double(ex.output().item()), double(ex.grad<"p0">()(0)));
}

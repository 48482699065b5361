// Summaries of models: layers in sequences and structs, their outputs, parameters and bytes.
#include <tenon/nn/summary.hpp>
#include <tenon/ops/trigonometric.hpp>

#include "../support.hpp"

#include <array>

using namespace tenon;
using test::contains;

namespace {

struct scaled {
  parameter<double, 3, 2> w;
  int steps = 3;  // no layer
  parameter<double, 2> scale;
  auto operator()(const auto& x) const { return matmul(x, w) * exp(scale); }
};
struct residual {
  nn::dense<8, 8, "first"> first;
  nn::tanh activation;
  nn::dense<8, 8, "second"> second;
  auto operator()(const auto& x) const { return x + second(activation(first(x))); }
};
struct net {
  nn::dense<5, 8> in;
  residual block;
  std::array<nn::dense<8, 8>, 2> more;
  nn::sequential<nn::relu, nn::dense<8, 3>> head;
  auto operator()(const auto& x) const { return head(more[1](more[0](block(in(x))))); }
};
struct transposed {
  parameter<float, 4, 3> w;
  auto operator()(const auto& x) const { return matmul(x, transpose(w)); }
};
struct two_inputs {
  nn::dense<3, 2> a;
  auto operator()(const auto& x, const auto& y) const { return a(x) + y; }
};

}  // namespace

TEST_CASE("a sequence: every layer's output, exactly") {
  CHECK(summary(nn::sequential<nn::dense<784, 128>, nn::relu, nn::dense<128, 10>, nn::softmax>{},
                spec<float, "batch", 784>{}) ==
        "layer       output        parameters        elements    bytes\n"
        "-------------------------------------------------------------\n"
        "input       [batch, 784]\n"
        "0 dense     [batch, 128]  [784, 128] [128]   100,480  401,920\n"
        "1 relu      [batch, 128]                           0        0\n"
        "2 dense     [batch, 10]   [128, 10] [10]       1,290    5,160\n"
        "3 softmax   [batch, 10]                            0        0\n"
        "-------------------------------------------------------------\n"
        "sequential  [batch, 10]                      101,770  407,080\n");
}

TEST_CASE("a struct: layers are found without registration") {
  CHECK(summary(net{}, spec<float, 32, 5>{}) ==
        "layer         output   parameters  elements  bytes\n"
        "--------------------------------------------------\n"
        "input         [32, 5]\n"
        "0 dense       [32, 8]  [5, 8] [8]        48    192\n"
        "1 residual    [32, 8]                   144    576\n"
        "  1.0 dense   [32, 8]  [8, 8] [8]        72    288\n"
        "  1.1 tanh                                0      0\n"
        "  1.2 dense   [32, 8]  [8, 8] [8]        72    288\n"
        "2 array       [32, 8]                   144    576\n"
        "  2.0 dense   [32, 8]  [8, 8] [8]        72    288\n"
        "  2.1 dense   [32, 8]  [8, 8] [8]        72    288\n"
        "3 sequential  [32, 3]                    27    108\n"
        "  3.0 relu                                0      0\n"
        "  3.1 dense   [32, 3]  [8, 3] [3]        27    108\n"
        "--------------------------------------------------\n"
        "net           [32, 3]                   363  1,452\n");
}

TEST_CASE("parameters of a struct's own; dtypes; members that are no layers") {
  CHECK(summary(scaled{}, spec<double, dyn, 3>{}) ==
        "layer        output  parameters  elements  bytes\n"
        "------------------------------------------------\n"
        "input        [?, 3]\n"
        "0 parameter  [?, 2]  [3, 2]             6     48\n"
        "2 parameter  [?, 2]  [2]                2     16\n"
        "------------------------------------------------\n"
        "scaled       [?, 2]                     8     64\n");
  // a parameter that is rearranged before it meets the input
  CHECK(contains(summary(transposed{}, spec<float, "n", 3>{}), "\n0 parameter  [n, 4]  [4, 3] "));
}

TEST_CASE("structs in a sequence, several inputs, no parameters") {
  using deep = nn::sequential<nn::dense<3, 8>, residual, nn::sequential<nn::tanh, nn::dense<8, 1>>>;
  CHECK(summary(deep{}, spec<float, "batch", 3>{}) ==
        "layer         output      parameters  elements  bytes\n"
        "-----------------------------------------------------\n"
        "input         [batch, 3]\n"
        "0 dense       [batch, 8]  [3, 8] [8]        32    128\n"
        "1 residual    [batch, 8]                   144    576\n"
        "  1.0 dense   [batch, 8]  [8, 8] [8]        72    288\n"
        "  1.1 tanh                                   0      0\n"
        "  1.2 dense   [batch, 8]  [8, 8] [8]        72    288\n"
        "2 sequential  [batch, 1]                     9     36\n"
        "  2.0 tanh    [batch, 8]                     0      0\n"
        "  2.1 dense   [batch, 1]  [8, 1] [1]         9     36\n"
        "-----------------------------------------------------\n"
        "sequential    [batch, 1]                   185    740\n");
  CHECK(contains(summary(two_inputs{}, spec<float, 4, 3>{}, spec<float, 2>{}), "[4, 2]"));
  CHECK(contains(summary(nn::relu{}, spec<float, 4, 3>{}), "\nrelu   [4, 3] "));
}

TEST_CASE("names of classes") {
  CHECK(detail::class_name<nn::dense<3, 2>>() == "dense");
  CHECK(detail::class_name<nn::dense<3, 2, "name">>() == "dense");
  CHECK(detail::class_name<net>() == "net");
  CHECK(detail::class_name<std::array<nn::dense<3, 2>, 4>>() == "array");
  struct local {};
  CHECK(detail::class_name<local>() == "local");
}

// Activation functions, and those along an axis.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using real = types<float>;  // what the data has

/// A function along an axis, of the operand's shape. Before opset 13 it was along all axes from there on.
template <class F>
auto along_axis(F f) {
  return [f](const call& c) -> results {
    return {among(real{}, c[0].type, [&]<class T>(T) {
      return give(f(along<T>(c[0], c.integer("axis", c.opset < 13 ? 1 : -1))), c[0].extent);
    })};
  };
}
/// A function with one or two numbers that attributes give.
template <class F>
auto with_numbers(const char* first, double a, const char* second, double b, F f) {
  return [=](const call& c) -> results {
    return {among(real{}, c[0].type, [&]<class T>(T) {
      return give(f(wide<T>(c[0]), T(c.real(first, a)), T(c.real(second, b))), c[0].extent);
    })};
  };
}
template <class F>
auto with_number(const char* name, double a, F f) {
  return with_numbers(name, a, "", 0, [f](const auto& x, auto v, auto) { return f(x, v); });
}

}  // namespace

void add_activations(operators& t) {
  t["Relu"] = unary(real{}, [](const auto& x) { return relu(x); });
  t["Sigmoid"] = unary(real{}, [](const auto& x) { return sigmoid(x); });
  t["Softplus"] = unary(real{}, [](const auto& x) { return softplus(x); });
  t["Softsign"] = unary(real{}, [](const auto& x) { return softsign(x); });
  t["HardSwish"] = unary(real{}, [](const auto& x) { return hardswish(x); });
  t["Mish"] = unary(real{}, [](const auto& x) { return mish(x); });

  t["Elu"] = with_number("alpha", 1, [](const auto& x, auto alpha) { return elu(x, alpha); });
  t["Celu"] = with_number("alpha", 1, [](const auto& x, auto alpha) { return celu(x, alpha); });
  t["LeakyRelu"] = with_number("alpha", 0.01, [](const auto& x, auto slope) { return leaky_relu(x, slope); });
  t["ThresholdedRelu"] =
      with_number("alpha", 1, [](const auto& x, auto least) { return where(x > least, x, 0_c); });
  t["HardSigmoid"] = with_numbers("alpha", 0.2, "beta", 0.5, [](const auto& x, auto slope, auto middle) {
    return clip(slope * x + middle, 0_c, 1_c);
  });
  t["Shrink"] = with_numbers("lambd", 0.5, "bias", 0, [](const auto& x, auto from, auto by) {
    return where(x < -from, x + by, where(x > from, x - by, 0_c));
  });
  t["Selu"] = [](const call& c) {
    if (!c.find("alpha") && !c.find("gamma")) return unary(real{}, [](const auto& x) { return selu(x); })(c);
    return with_numbers("alpha", 0, "gamma", 0,
                        [](const auto& x, auto alpha, auto gamma) { return gamma * elu(x, alpha); })(c);
  };
  t["PRelu"] = binary(real{}, [](const auto& x, const auto& slope) { return where(x > 0_c, x, slope * x); });

  t["Softmax"] = along_axis([](const auto& x) { return softmax<1>(x); });
  t["LogSoftmax"] = along_axis([](const auto& x) { return log_softmax<1>(x); });
  t["Hardmax"] = along_axis([](const auto& x) {  // 1 at the first maximum
    using T = typename std::remove_cvref_t<decltype(x)>::value_type;
    const auto places = arange<std::int64_t>(0, x.extent(1));
    return astype<T>(expand_dims<1>(argmax(x, axis<1>)) == expand_dims<1>(places));
  });
}

}  // namespace onnx

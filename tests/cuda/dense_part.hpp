// The elementwise part of a dense layer, forward and backward in one fused program:
//
//   y = tanh(z + b)      z [batch, W], b [W]
//   dz = dy * (1 - y^2)  from the cotangent dy [batch, W]
//
// Derived by the library's own passes and cut by its own partition, for whatever evaluator takes the program.
#pragma once

#include "tenon/eval/cuda/fused.hpp"
#include "tenon/ops/composite.hpp"
#include "tenon/plan/binding.hpp"
#include "tenon/plan/plan.hpp"

namespace dense_part {

using namespace tenon;
using tenon::index;

/// A variable without an array behind it, so that this unit needs no evaluator of arrays.
template <extent Name, extent... E>
using symbol = expression<graph<node<named_leaf<spelled<Name>, float, shape_of_extents<E...>>>>, 0, float,
                          shape_of_extents<E...>>;

template <int W>
struct layer {
  using output = decltype(tanh(symbol<"z", "batch", W>{} + symbol<"b", W>{}));
  using seeded =
      typename detail::with_leaf<typename output::graph_type,
                                 named_leaf<spelled<"dy">, float, typename output::shape_type>>::type;
  /// Leaves: z, b, dy. Outputs: y, dz.
  using derivative =
      detail::passes<seeded, detail::places<output::root>, detail::derive::pullback, detail::places<0>>;
  template <class Backend>
  using plan = detail::plan<derivative, Backend, false>;
};

/// A backend that runs nothing and keeps the launch of the program that it is asked to run.
struct capturing_backend {
  template <class Program>
  static inline cuda::launch_of<Program> captured{};
  template <class Program>
  static void run(const void* context, index task, int) {
    if (task == 0)
      captured<Program> = cuda::make_launch<Program>(*static_cast<const detail::fused_launch*>(context));
  }
  template <class Program>
  static constexpr detail::kernel_row kernel{
      &run<Program>, nullptr, nullptr, 0, detail::program_info<Program>::value.passes, false, false};
};

template <int W>
using program_of = typename layer<W>::template plan<capturing_backend>::template lifted<0>::type;

/// The launch of the layer's part on arrays [batch, W] and [W], wherever these are.
template <int W>
cuda::launch_of<program_of<W>> bind(const float* z, const float* b, const float* dy, float* y, float* dz,
                                    index batch) {
  using plan = typename layer<W>::template plan<capturing_backend>;
  static_assert(plan::steps == 1);
  const auto array = [](const float* data, index rows, index row_stride) {
    leaf l;
    l.data = data;
    l.extent[0] = rows;
    l.extent[1] = W;
    l.stride[0] = row_stride;
    l.stride[1] = 1;
    return l;
  };
  leaf leaves[] = {array(z, batch, W), array(b, W, 1), array(dy, batch, W)};
  const leaf* const pointers[] = {&leaves[0], &leaves[1], &leaves[2]};
  detail::binding<this_unit> bound;
  bound.use(plan::table);
  if (!bound.resolve(pointers)) throw shape_error("the dense layer's arrays do not fit");
  std::byte* const out[] = {reinterpret_cast<std::byte*>(y), reinterpret_cast<std::byte*>(dz)};
  bound.place(out);
  bound.run();
  return capturing_backend::captured<program_of<W>>;
}

}  // namespace dense_part

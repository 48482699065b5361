// Other dtypes.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using castable = types<bool, std::int32_t, std::int64_t, std::uint8_t, float16, bfloat16, float, double>;

value cast_to(const value& v, dtype type) {
  return among(castable{}, v.type, [&]<class From>(From) {
    return among(castable{}, type, [&]<class To>(To) { return give(astype<To>(flat<From>(v)), v.extent); });
  });
}

}  // namespace

void add_casts(operators& t) {
  t["Cast"] = [](const call& c) -> results { return {cast_to(c[0], dtype_numbered(c.integer("to", 1)))}; };
  t["CastLike"] = [](const call& c) -> results { return {cast_to(c[0], c[1].type)}; };
}

}  // namespace onnx

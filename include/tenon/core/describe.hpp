// Shapes as text, for messages: [batch=32, 784].
#pragma once

#include <string>

#include "tenon/core/extent.hpp"

namespace tenon::detail {

TENON_COLD inline std::string describe(const dim& d, const char* const* names) {
  if (is_name(d.code) && names != nullptr) {
    std::string text = names[first_name_code - d.code];
    return d.size < 0 ? text : text + "=" + std::to_string(d.size);
  }
  return d.size < 0 ? "?" : std::to_string(d.size);
}

TENON_COLD inline std::string describe(const extents& e, const char* const* names = nullptr) {
  std::string text = "[";
  for (int i = 0; i < e.rank; ++i) text += (i > 0 ? ", " : "") + describe(e[i], names);
  return text + "]";
}

inline const char* describe(misfit why) {
  switch (why) {
    case misfit::names:
      return "extents with different names never fit";
    case misfit::rank:
      return "the ranks do not fit";
    case misfit::axis:
      return "there is no such axis";
    case misfit::elements:
      return "the numbers of elements differ";
    case misfit::range:
      return "the range lies outside the extent";
    default:
      return "the extents do not fit";
  }
}

}  // namespace tenon::detail

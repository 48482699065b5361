// Random numbers.
#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

void tenon_random() {
  add("uniform 1000000", "tenon",
      [g = generator{1}]() mutable { keep(uniform<float>(g, 1'000'000).flat()); });
  add("normal 1000000", "tenon", [g = generator{1}]() mutable { keep(normal<float>(g, 1'000'000).flat()); });
}

}  // namespace arrays

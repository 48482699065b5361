// Values of every elementwise op on int32, the least and greatest included: arithmetic wraps.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on int32") {
  test::check_values_of_ops<tenon::elementwise_ops, std::int32_t>();
}

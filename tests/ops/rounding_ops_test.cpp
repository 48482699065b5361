// Values of the ops of ops/rounding.hpp on float and double, special values included.
#include "values.hpp"

TEST_CASE("rounding ops compute their functions on float and double") {
  test::check_values_of_ops<tenon::rounding_ops, float, double>();
}

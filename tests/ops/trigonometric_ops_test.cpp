// Values of the ops of ops/trigonometric.hpp on float and double, special values included.
#include "values.hpp"

TEST_CASE("trigonometric ops compute their functions on float and double") {
  test::check_values_of_ops<tenon::trigonometric_ops, float, double>();
}

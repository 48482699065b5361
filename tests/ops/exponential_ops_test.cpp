// Values of the ops of ops/exponential.hpp on float and double, special values included.
#include "values.hpp"

TEST_CASE("exponential ops compute their functions on float and double") {
  test::check_values_of_ops<tenon::exponential_ops, float, double>();
}

// Values of the basic elementwise ops on double, special values included.
#include "values.hpp"

TEST_CASE("basic ops compute their functions on double") {
  test::check_values_of_ops<tenon::basic_ops, double>();
}

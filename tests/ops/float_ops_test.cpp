// Values of the basic elementwise ops on float, special values included.
#include "values.hpp"

TEST_CASE("basic ops compute their functions on float") {
  test::check_values_of_ops<tenon::basic_ops, float>();
}

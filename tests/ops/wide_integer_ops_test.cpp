// Values of every elementwise op on int64 and on bool, the least and greatest included: arithmetic wraps.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on int64") {
  test::check_values_of_all_ops<std::int64_t>();
}
TEST_CASE("every elementwise op computes its function on bool") { test::check_values_of_all_ops<bool>(); }

// Values of every elementwise op on int64 and bool.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on int64") {
  test::check_values_of_ops<tenon::elementwise_ops, std::int64_t>();
}
TEST_CASE("every elementwise op computes its function on bool") {
  test::check_values_of_ops<tenon::elementwise_ops, bool>();
}

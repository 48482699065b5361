// Values of every elementwise op on the 16-bit floating-point numbers, special values included.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on float16") {
  test::check_values_of_ops<tenon::elementwise_ops, tenon::float16>();
}
TEST_CASE("basic ops compute their functions on bfloat16") {
  test::check_values_of_ops<tenon::basic_ops, tenon::bfloat16>();
}

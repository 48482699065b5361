// Values of every elementwise op on integers of 8 bits and on uint16: computed in 32 bits, wrapped to their own.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on int8 and uint8") {
  test::check_values_of_ops<tenon::elementwise_ops, std::int8_t, std::uint8_t>();
}
TEST_CASE("bit ops compute their functions on int16 and uint16") {
  test::check_values_of_ops<tenon::bit_ops, std::int16_t, std::uint16_t>();
}

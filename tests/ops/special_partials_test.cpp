// Derivatives of the gamma function and its relatives, and of numbers taken apart.
#include "partials.hpp"

TEST_CASE("derivatives of special functions") {
  test::check_derivatives_of<tenon::special_ops>();
  test::check_derivatives_of<tenon::number_ops>();
}

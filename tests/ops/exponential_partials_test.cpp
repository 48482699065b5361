// Derivatives of powers, logarithms, the error function and remainders.
#include "partials.hpp"

TEST_CASE("derivatives of exponential ops") { test::check_derivatives_of<tenon::exponential_ops>(); }
TEST_CASE("derivatives of remainders") { test::check_derivatives_of<tenon::rounding_ops>(); }

// Derivatives of arithmetic, piecewise ops and the exponentials of elementwise.hpp.
#include "partials.hpp"

TEST_CASE("derivatives of the basic ops") { test::check_derivatives_of<tenon::basic_ops>(); }

// Derivatives of trigonometric and hyperbolic functions.
#include "partials.hpp"

TEST_CASE("derivatives of trigonometric ops") { test::check_derivatives_of<tenon::trigonometric_ops>(); }

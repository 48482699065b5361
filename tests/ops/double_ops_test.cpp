// Values of every elementwise op on double, special values included.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on double") { test::check_values_of_all_ops<double>(); }

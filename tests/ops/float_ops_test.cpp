// Values of every elementwise op on float, special values included.
#include "values.hpp"

TEST_CASE("every elementwise op computes its function on float") { test::check_values_of_all_ops<float>(); }

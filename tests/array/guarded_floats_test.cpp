#include "guarded_test.hpp"

TEST_CASE("no byte beyond borrowed memory is touched: floating-point numbers") {
  test::check_guarded<float>();
  test::check_guarded<double>();
}
TEST_CASE("no byte beyond borrowed memory is touched: products") {
  test::check_guarded_products<float>();
  test::check_guarded_products<double>();
}

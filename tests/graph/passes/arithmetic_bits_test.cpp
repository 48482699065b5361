// Identities of + - * / and unary minus change no bit of floating-point numbers, special values among them.
#include "identities.hpp"

TEST_CASE("floating-point results keep every bit") {
  test::check_identities<float>();
  test::check_identities<double>();
}

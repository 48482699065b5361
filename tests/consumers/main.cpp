// What each consumer builds: it fails to compile if the headers are not found, and to run if they do not work.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float, 2, 2> a{{1, 2}, {3, 4}};
  tenon::tensor<float, 2, 2> b = a * a;
  return b(1, 1) == 16.f ? 0 : 1;
}

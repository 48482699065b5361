// What each consumer builds: it fails to compile if the headers are not found, and to run if they do not work.
#include <tenon/tenon.hpp>
#ifdef WITH_EIGEN
#include <tenon/interop/eigen.hpp>
#endif

int main() {
  tenon::tensor<float, 2, 2> a{{1, 2}, {3, 4}};
  tenon::tensor<float, 2, 2> b = a * a;
#ifdef WITH_EIGEN
  Eigen::Matrix2f m = Eigen::Matrix2f::Constant(2);
  b = a * tenon::borrow(m) * a / 2.f;
#endif
  return b(1, 1) == 16.f ? 0 : 1;
}

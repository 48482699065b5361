// Eigen's objects and tensors on the same memory, both ways.
#include <tenon/interop/eigen.hpp>

#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

template <class M>
vec by_rows(const M& m) {
  vec r;
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) r.push_back(static_cast<double>(m(i, j)));
  return r;
}

template <class M>
void check_both_ways(M&& m) {
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) m(i, j) = static_cast<float>(10 * i + j);
  const vec before = by_rows(m);
  const auto b = borrow(m);
  CHECK(values(b) == before);
  auto target = borrow(m);
  target = target * 2.f;
  for (std::size_t k = 0; k < before.size(); ++k) CHECK(by_rows(m)[k] == 2 * before[k]);
  target = 0.f;
  CHECK(by_rows(m) == vec(before.size(), 0));
}

}  // namespace

TEST_CASE("matrices of either order, maps, blocks and refs") {
  Eigen::MatrixXf columns(3, 4);
  check_both_ways(columns);
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows(3, 4);
  check_both_ways(rows);
  Eigen::Matrix<float, 2, 3> fixed;
  check_both_ways(fixed);
  Eigen::ArrayXXf array(5, 2);
  check_both_ways(array);
  Eigen::MatrixXf large = Eigen::MatrixXf::Constant(6, 7, 5);
  check_both_ways(large.block(1, 2, 3, 4));
  CHECK(large.row(0).sum() == 35);
  CHECK(large.col(6).sum() == 30);
  CHECK(large(4, 3) == 5);
  check_both_ways(large.row(2));
  check_both_ways(large.col(2));
  check_both_ways(large.transpose());
  Eigen::Ref<Eigen::MatrixXf, 0, Eigen::OuterStride<>> part(large.leftCols(3));
  check_both_ways(part);
  float memory[64];
  Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> spread(
      memory, 3, 4, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(12, 3));
  check_both_ways(spread);
  Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<>> every_third(memory, 7, Eigen::InnerStride<>(3));
  check_both_ways(every_third);
  Eigen::MatrixXf empty(0, 3);
  CHECK(values(borrow(empty)).empty());
}

TEST_CASE("what types say of Eigen's objects") {
  Eigen::Matrix<double, 3, Eigen::Dynamic> m(3, 2);
  Eigen::Vector3d v(1, 2, 3);
  const Eigen::RowVectorXd r = Eigen::RowVectorXd::Ones(2);
  static_assert(std::is_same_v<decltype(borrow(m)), basic_borrow<double, shape<size<3>, dyn_size>, true>>);
  static_assert(std::is_same_v<decltype(borrow(v)), basic_borrow<double, shape<size<3>>, true>>);
  static_assert(std::is_same_v<decltype(borrow(r)), basic_borrow<double, shape<dyn_size>, false>>);
  m << 1, 2, 3, 4, 5, 6;
  CHECK(values(matmul(transpose(borrow(m)), borrow(m))) == vec{35, 44, 44, 56});
  CHECK(values(borrow(v) + 1.0) == vec{2, 3, 4});
  const Eigen::Matrix<double, 3, Eigen::Dynamic>& c = m;
  static_assert(
      std::is_same_v<decltype(borrow(c.leftCols(1))), basic_borrow<double, shape<size<3>, dyn_size>, false>>);
  CHECK(values(borrow(c.rightCols(1))) == vec{2, 4, 6});
  Eigen::VectorXcf z(2);
  z << std::complex<float>(1, 2), std::complex<float>(0, 1);
  borrow(z) *= borrow(z);
  CHECK(z[0] == std::complex<float>(-3, 4));
  Eigen::Matrix<Eigen::half, 2, 1> h;
  h << Eigen::half(1.5f), Eigen::half(2);
  CHECK(values(borrow(h) + borrow(h)) == vec{3, 4});
}

TEST_CASE("tensors as maps") {
  tensor<float, dyn, 3> t{{1, 2, 3}, {4, 5, 6}};
  const auto before = t;
  auto map = as_eigen(t);
  static_assert(
      std::is_same_v<decltype(map), Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor>>>);
  CHECK(map.data() == std::as_const(t).data());
  map *= 2;
  CHECK(values(t) == vec{2, 4, 6, 8, 10, 12});
  CHECK(values(before) == vec{1, 2, 3, 4, 5, 6});
  const auto after = t;  // a copy, since the map may write
  map(0, 0) = 100;
  CHECK(after(0, 0) == 2);
  CHECK(values(t)[0] == 100);
  const auto reading = as_eigen(before);
  static_assert(
      std::is_same_v<decltype(reading),
                     const Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor>>>);
  CHECK(reading.row(0).dot(reading.row(1)) == 32);
  CHECK(before.buffer().pins() == 0);
  const tensor<double, 4> v{1, 2, 3, 4};
  CHECK(as_eigen(v).dot(as_eigen(v)) == 30);
  const tensor<double, 3, 1> column{{1}, {2}, {3}};
  CHECK(as_eigen(column).sum() == 6);
  const tensor<complex64, 2> z{complex64{1, 1}, complex64{0, 2}};
  CHECK(as_eigen(z).sum() == std::complex<float>(1, 3));
  Eigen::MatrixXf product = as_eigen(before).transpose().lazyProduct(as_eigen(before));
  CHECK(values(borrow(product)) == values(matmul(transpose(before), before)));
}

// Spans of several axes, by a class like std::mdspan, and by that where the library has it.
#include <tenon/interop/mdspan.hpp>

#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

/// Two axes, the second of 3, under any strides.
template <class T>
struct strided_span {
  struct sizes {
    std::size_t rows;
    std::size_t extent(std::size_t k) const { return k == 0 ? rows : 3; }
  };
  T* data;
  std::size_t rows, steps[2];
  static constexpr std::size_t rank() { return 2; }
  static constexpr std::size_t static_extent(std::size_t k) {
    return k == 0 ? static_cast<std::size_t>(-1) : 3;
  }
  T* data_handle() const { return data; }
  sizes extents() const { return {rows}; }
  std::size_t stride(std::size_t k) const { return steps[k]; }
};

}  // namespace

TEST_CASE("what is like an mdspan is borrowed") {
  std::vector<int> memory(12);
  for (int i = 0; i < 12; ++i) memory[std::size_t(i)] = i;
  const strided_span<int> s{memory.data(), 2, {1, 4}};
  static_assert(std::is_same_v<decltype(borrow(s)), basic_borrow<int, shape<dyn_size, size<3>>, true>>);
  CHECK(values(borrow(s)) == vec{0, 4, 8, 1, 5, 9});
  borrow(s) = -1;
  CHECK(memory == std::vector<int>{-1, -1, 2, 3, -1, -1, 6, 7, -1, -1, 10, 11});
  const strided_span<const int> c{memory.data() + 2, 2, {4, 1}};
  static_assert(std::is_same_v<decltype(borrow(c)), basic_borrow<int, shape<dyn_size, size<3>>, false>>);
  CHECK(values(borrow(c) * 2) == vec{4, 6, -2, 12, 14, -2});
}

#if defined(__cpp_lib_mdspan)
TEST_CASE("std::mdspan both ways") {
  tensor<float, dyn, 3> t{{1, 2, 3}, {4, 5, 6}};
  const auto m = as_mdspan(t);
  CHECK(m[1, 2] == 6);
  CHECK(values(borrow(m)) == values(t));
}
#endif

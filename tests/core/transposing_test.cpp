// Lines that lie side by side, copied against an element at a time: every size of element, lengths about those of
// squares, and nothing written beyond.
#include "../support.hpp"

#include <tenon/core/transposing.hpp>

#include <vector>

namespace {

template <tenon::index Size>
void check(tenon::index lines, tenon::index n) {
  CAPTURE(Size);
  CAPTURE(lines);
  CAPTURE(n);
  const tenon::index from_step = (lines + 3) * Size, to_line = (n + 2) * Size;
  std::vector<std::byte> from(std::size_t(n * from_step)), to(std::size_t(lines * to_line), std::byte(0xee)),
      expected = to;
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = std::byte(i * 167 % 251);
  for (tenon::index l = 0; l < lines; ++l)
    for (tenon::index i = 0; i < n; ++i)
      std::memcpy(expected.data() + l * to_line + i * Size, from.data() + i * from_step + l * Size,
                  std::size_t(Size));
  tenon::detail::transpose_lines<Size>(to.data(), to_line, from.data(), from_step, lines, n);
  CHECK(to == expected);
}

}  // namespace

TEST_CASE("transposed lines are copied as one by one") {
  for (const tenon::index lines : {0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31})
    for (const tenon::index n : {0, 1, 2, 3, 4, 6, 8, 9, 13, 16, 21, 32}) {
      check<1>(lines, n);
      check<2>(lines, n);
      check<4>(lines, n);
      check<8>(lines, n);
      check<16>(lines, n);
    }
}

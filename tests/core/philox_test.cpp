// Philox4x32-10 against the published vectors, and how blocks become numbers.
#include "tenon/core/philox.hpp"

#include <doctest/doctest.h>

namespace {

using tenon::philox4x32;
using tenon::random_block;
using tenon::random_key;

constexpr bool same(const random_block& a, const random_block& b) {
  for (int i = 0; i < 4; ++i)
    if (a.word[i] != b.word[i]) return false;
  return true;
}

// Random123, tests/kat_vectors: the lines "philox4x32 10" (counter, key, result).
static_assert(same(philox4x32({{0, 0, 0, 0}}, 0, 0), {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
static_assert(same(philox4x32({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff),
                   {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
static_assert(same(philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
                   {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));

}  // namespace

TEST_CASE("philox: the known answers, at run time too") {
  volatile std::uint32_t pi = 0x243f6a88;
  CHECK(same(philox4x32({{pi, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
             {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
}

TEST_CASE("philox: a key's block number, stream and seed fill counter and key") {
  const random_key key{0x299f31d0a4093822, 0x0370734413198a2e};
  CHECK(same(key.block(0x85a308d3243f6a88), {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
  CHECK(key.block(0x85a308d3243f6a88).pair(0) == 0x94fdccebd16cfe09);
  CHECK(key.block(0x85a308d3243f6a88).pair(1) == 0x24126ea15001e420);
}

TEST_CASE("philox: the ends of [0, 1)") {
  const random_block ones{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, zeros{{0, 0, 0, 0}};
  CHECK(tenon::uniform_of<float>(ones, 3) == 1.f - 0x1p-24f);
  CHECK(tenon::uniform_of<double>(ones, 1) == 1.0 - 0x1p-53);
  CHECK(tenon::uniform_of<float>(zeros, 0) == 0.f);
  CHECK(tenon::uniform_of<double>(zeros, 0) == 0.0);
  CHECK(tenon::uniforms_per_block<float> == 4);
  CHECK(tenon::uniforms_per_block<double> == 2);
}

// The vector registers of x86 by what one can do with them, the same names for SSE2, AVX, AVX2 and AVX-512:
// float and double, and from AVX2 on integers of 32 and 64 bits.
//
// What the three sizes do not share is in registers_avx512.hpp, registers_avx.hpp and registers_sse2.hpp;
// here is what they do.
#pragma once

#include <tenon/core/math.hpp>
#include <tenon/eval/cpu/registers_avx.hpp>
#include <tenon/eval/cpu/registers_avx512.hpp>
#include <tenon/eval/cpu/registers_sse2.hpp>

#include <bit>

#if defined(TENON_CPU_PACKETS)
namespace tenon::host {
namespace TENON_ISA {

TENON_INLINE floats set(float a) { return TENON_MM(set1_ps)(a); }
TENON_INLINE doubles set(double a) { return TENON_MM(set1_pd)(a); }
TENON_INLINE floats set_bits(std::uint32_t a) { return set(std::bit_cast<float>(a)); }
TENON_INLINE doubles set_bits(std::uint64_t a) { return set(std::bit_cast<double>(a)); }
TENON_INLINE floats load(const float* p) { return TENON_MM(loadu_ps)(p); }
TENON_INLINE doubles load(const double* p) { return TENON_MM(loadu_pd)(p); }
TENON_INLINE void store(float* p, floats a) { TENON_MM(storeu_ps)(p, a); }
TENON_INLINE void store(double* p, doubles a) { TENON_MM(storeu_pd)(p, a); }
TENON_INLINE floats add(floats a, floats b) { return TENON_MM(add_ps)(a, b); }
TENON_INLINE doubles add(doubles a, doubles b) { return TENON_MM(add_pd)(a, b); }
TENON_INLINE floats subtract(floats a, floats b) { return TENON_MM(sub_ps)(a, b); }
TENON_INLINE doubles subtract(doubles a, doubles b) { return TENON_MM(sub_pd)(a, b); }
TENON_INLINE floats multiply(floats a, floats b) { return TENON_MM(mul_ps)(a, b); }
TENON_INLINE doubles multiply(doubles a, doubles b) { return TENON_MM(mul_pd)(a, b); }
TENON_INLINE floats divide(floats a, floats b) { return TENON_MM(div_ps)(a, b); }
TENON_INLINE doubles divide(doubles a, doubles b) { return TENON_MM(div_pd)(a, b); }
TENON_INLINE float first(floats a) { return TENON_MM(cvtss_f32)(a); }
TENON_INLINE double first(doubles a) { return TENON_MM(cvtsd_f64)(a); }

// `greater` is a > b ? a : b, so b where either is NaN; `lesser` likewise.
#if !defined(__AVX512F__)
TENON_INLINE floats sqrt(floats a) { return TENON_MM(sqrt_ps)(a); }
TENON_INLINE doubles sqrt(doubles a) { return TENON_MM(sqrt_pd)(a); }
TENON_INLINE floats greater(floats a, floats b) { return TENON_MM(max_ps)(a, b); }
TENON_INLINE doubles greater(doubles a, doubles b) { return TENON_MM(max_pd)(a, b); }
TENON_INLINE floats lesser(floats a, floats b) { return TENON_MM(min_ps)(a, b); }
TENON_INLINE doubles lesser(doubles a, doubles b) { return TENON_MM(min_pd)(a, b); }
TENON_INLINE mask mask_and(mask a, mask b) { return bit_and(a, b); }
TENON_INLINE mask mask_or(mask a, mask b) { return bit_or(a, b); }
TENON_INLINE mask mask_xor(mask a, mask b) { return bit_xor(a, b); }
TENON_INLINE wide_mask mask_and(wide_mask a, wide_mask b) { return bit_and(a, b); }
TENON_INLINE wide_mask mask_or(wide_mask a, wide_mask b) { return bit_or(a, b); }
TENON_INLINE wide_mask mask_not(wide_mask a) { return bit_xor(a, set_bits(~std::uint64_t{0})); }
TENON_INLINE mask mask_set(bool a) { return set_bits(a ? ~std::uint32_t{0} : std::uint32_t{0}); }
TENON_INLINE mask mask_not(mask a) { return bit_xor(a, mask_set(true)); }
TENON_INLINE floats maximum(floats a, floats b) { return select(is_nan(a), a, greater(a, b)); }
TENON_INLINE doubles maximum(doubles a, doubles b) { return select(is_nan(a), a, greater(a, b)); }
TENON_INLINE floats minimum(floats a, floats b) { return select(is_nan(a), a, lesser(a, b)); }
TENON_INLINE doubles minimum(doubles a, doubles b) { return select(is_nan(a), a, lesser(a, b)); }
#endif

TENON_INLINE floats negate(floats a) { return bit_xor(a, set(-0.0f)); }
TENON_INLINE doubles negate(doubles a) { return bit_xor(a, set(-0.0)); }
TENON_INLINE floats abs(floats a) { return bit_and(a, set_bits(std::uint32_t{0x7fffffff})); }
TENON_INLINE doubles abs(doubles a) { return bit_and(a, set_bits(std::uint64_t{0x7fffffffffffffff})); }

/// Truncated, saturated, 0 for NaN. The conversion gives 0x80000000 for all it cannot represent.
TENON_INLINE void truncate(floats a, std::int32_t* p) {
#if defined(__AVX512F__)
  const __m512i truncated = _mm512_maskz_cvttps_epi32(mask_not(is_nan(a)), a);
  _mm512_storeu_si512(
      p, _mm512_mask_mov_epi32(truncated, less_equal(set(2147483648.0f), a), _mm512_set1_epi32(0x7fffffff)));
#else
  const floats flipped = bit_xor(as_floats(TENON_MM(cvttps_epi32)(a)), less_equal(set(2147483648.0f), a));
  to_words(bit_and(flipped, mask_not(is_nan(a))), p);
#endif
}

#if defined(TENON_CPU_INTEGER_PACKETS)
TENON_INLINE ints negate(ints a) { return subtract(set(std::int32_t{0}), a); }
TENON_INLINE longs negate(longs a) { return subtract(set(std::int64_t{0}), a); }
TENON_INLINE ints divide(ints a, ints b) {
  std::int32_t u[width], v[width];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width; ++i) u[i] = math::divide(u[i], v[i]);
  return load(u);
}
TENON_INLINE longs divide(longs a, longs b) {
  std::int64_t u[width / 2], v[width / 2];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width / 2; ++i) u[i] = math::divide(u[i], v[i]);
  return load(u);
}
template <int Distance>
TENON_INLINE ints exchange(ints a) {
  return {bits_of(exchange<Distance>(as_floats(a.r)))};
}
template <int Distance>
TENON_INLINE longs exchange(longs a) {
  return {bits_of(exchange<Distance>(as_doubles(a.r)))};
}
#endif

#if defined(TENON_CPU_INTEGER_PACKETS)
/// A float rounded to its upper half; NaN stays NaN, quiet.
TENON_INLINE floats round_bfloat(floats a) {
  const ints bits = integers_of(a), half = set(std::int32_t{0x7fff});
  const ints odd = bit_and(shift_right_zeros<16>(bits), set(std::int32_t{1}));
  const ints rounded = add(bits, add(half, odd));
  const ints kept = select(is_nan(a), bit_or(bits, set(std::int32_t{0x400000})), rounded);
  return floats_of(bit_and(kept, set(static_cast<std::int32_t>(0xffff0000u))));
}
TENON_INLINE floats load_bfloat(const void* p) {
  return floats_of(shift_left<16>(load_small(static_cast<const std::uint16_t*>(p))));
}
TENON_INLINE void store_bfloat(void* p, floats a) {  // of rounded values
  store_small(static_cast<std::uint16_t*>(p), shift_right_zeros<16>(integers_of(a)));
}
#endif

// ---- which register holds which dtype ----

template <class T>
struct register_of;
template <>
struct register_of<float> {
  using type = floats;
};
template <>
struct register_of<double> {
  using type = doubles;
};
#if defined(TENON_CPU_INTEGER_PACKETS)
template <>
struct register_of<std::int32_t> {
  using type = ints;
};
template <>
struct register_of<std::int64_t> {
  using type = longs;
};
template <class T>
concept single = std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>;
template <class T>
concept pair = std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>;
#else
template <class T>
concept single = std::is_same_v<T, float>;
template <class T>
concept pair = std::is_same_v<T, double>;
#endif

}  // namespace TENON_ISA

namespace isa = TENON_ISA;

}  // namespace tenon::host
#endif  // TENON_CPU_PACKETS

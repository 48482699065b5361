// Which vector extension of x86 this unit is compiled for, and how many values `lanes` have with it.
//
// Under nvcc and on other processors there are none, and lanes.hpp computes on arrays instead. (Integers as
// arrays cost a failed store forwarding, some 14 ns, at each step where the compiler's vectors are not as
// wide as ours: measured with GCC 12, on AVX2 and AVX-512 but not on SSE2.)
#pragma once

#include <tenon/core/config.hpp>

#if !defined(__CUDACC__) && (defined(__SSE2__) || defined(_M_X64))
#define TENON_CPU_PACKETS 1
#include <immintrin.h>
#if defined(__AVX2__)
#define TENON_CPU_INTEGER_PACKETS 1
#endif
#endif

namespace tenon::host {

/// Values per `lanes`, the same for every dtype: the floats in a vector register (4 where there is none).
template <class Unit = this_unit>
inline constexpr int lane_count = Unit::vector == vector_extension::avx512 ? 16
                                  : Unit::vector == vector_extension::avx  ? 8
                                  : Unit::vector == vector_extension::avx2 ? 8
                                                                           : 4;

#if defined(TENON_CPU_PACKETS)

// One vector register of floats, or of half as many doubles. A `mask` has a lane per float, a `wide_mask` one
// per double. No function here is ever emitted, all being forced inline; the namespace is named for the
// extension because the types differ between units.
#if defined(__AVX512F__)
#define TENON_ISA avx512
#elif defined(__AVX2__)
#define TENON_ISA avx2
#elif defined(__AVX__)
#define TENON_ISA avx
#else
#define TENON_ISA sse2
#endif
#endif  // TENON_CPU_PACKETS

}  // namespace tenon::host

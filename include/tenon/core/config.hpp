// What differs between compilers, kept in one place: the index type, limits, and the unit of evaluation.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__CUDACC__)
#define TENON_HD __host__ __device__
#else
#define TENON_HD
#endif

#if defined(_MSC_VER)
#define TENON_HOST_INLINE __forceinline
#else
#define TENON_HOST_INLINE inline __attribute__((always_inline))
#endif
#define TENON_INLINE TENON_HD TENON_HOST_INLINE
#if defined(__GNUC__)
#define TENON_NOINLINE __attribute__((noinline))
#else
#define TENON_NOINLINE
#endif

// Before a loop of few turns over registers, which no optimisation level may leave a loop.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#define TENON_UNROLL _Pragma("GCC unroll 16")
#else
#define TENON_UNROLL
#endif

// Functions that prepare work and do none: compiled for size, which halves what they cost a unit.
#if defined(__GNUC__)
#define TENON_COLD __attribute__((cold))
#else
#define TENON_COLD
#endif

namespace tenon {

using index = std::int64_t;

/// Most axes that a tensor or a node of a graph may have.
inline constexpr int max_rank = 8;

/// What makes the machine code of a template differ between translation units: compiler and vector extension.
///
/// Two units of one program may be built with different compilers or flags. A template that reaches
/// evaluation and is emitted by both under one name would let the linker pick either body (measured: a GEMM
/// seven times slower, by link order alone). So each such template takes a defaulted parameter `class Unit =
/// this_unit`.
///
/// TENON_BLAS, which the CMake option of that name defines, is the one macro that changes how things are
/// computed: large matrix products of floats and doubles are then those of a BLAS library.
enum class compiler { gcc, clang, nvcc, msvc };
enum class vector_extension { none, sse2, avx, avx2, avx512, neon };

template <compiler Compiler, vector_extension Vector, bool Fma, bool Optimised, bool Blas>
struct unit {
  static constexpr compiler made_by = Compiler;
  static constexpr vector_extension vector = Vector;
};

using this_unit = unit<
#if defined(__CUDACC__)
    compiler::nvcc,
#elif defined(__clang__)
    compiler::clang,
#elif defined(_MSC_VER)
    compiler::msvc,
#else
    compiler::gcc,
#endif
#if defined(__AVX512F__)
    vector_extension::avx512,
#elif defined(__AVX2__)
    vector_extension::avx2,
#elif defined(__AVX__)
    vector_extension::avx,
#elif defined(__SSE2__) || defined(_M_X64)
    vector_extension::sse2,
#elif defined(__ARM_NEON)
    vector_extension::neon,
#else
    vector_extension::none,
#endif
#if defined(__FMA__)
    true,
#else
    false,
#endif
#if defined(__OPTIMIZE__)
    true,
#else
    false,
#endif
#if defined(TENON_BLAS)
    true
#else
    false
#endif
    >;

}  // namespace tenon

// Eigen, included as this library needs it.
#pragma once

// Under nvcc Eigen would mark everything for the device and switch SIMD on the host off.
#if defined(__CUDACC__)
#if defined(EIGEN_CUDACC)
#error "tenon: Eigen was included before tenon without EIGEN_NO_CUDA; define it, or include tenon first"
#elif !defined(EIGEN_NO_CUDA)
#define EIGEN_NO_CUDA
#endif
#endif

// GCC 12 takes the undefined registers in its own AVX-512 intrinsics, as Eigen uses them, for a mistake.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

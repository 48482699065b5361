// The parts of Eigen that linear algebra calls. eval/cpu/gemm.hpp comes first: it says how Eigen is included.
#pragma once

// clang-format off
#include "tenon/eval/cpu/gemm.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
// clang-format on

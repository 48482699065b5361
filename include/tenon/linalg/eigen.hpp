// The parts of Eigen that linear algebra calls.
#pragma once

// clang-format off
#include "tenon/interop/eigen_core.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
// clang-format on

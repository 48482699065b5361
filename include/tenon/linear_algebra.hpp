// Linear algebra: tenon::linalg, by the names of numpy.linalg and the array API standard. Not part of
// tenon/tenon.hpp: Eigen's decompositions cost a unit that uses them seconds. The parts can be included
// alone.
#pragma once

#include "tenon/linalg/cholesky.hpp"
#include "tenon/linalg/determinant.hpp"
#include "tenon/linalg/eigh.hpp"
#include "tenon/linalg/expm.hpp"
#include "tenon/linalg/least_squares.hpp"
#include "tenon/linalg/norms.hpp"
#include "tenon/linalg/qr.hpp"
#include "tenon/linalg/solve.hpp"
#include "tenon/linalg/svd.hpp"

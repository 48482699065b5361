// The exceptions of the library. All derive from tenon::error, and what() is one line: what, where, expected,
// got.
#pragma once

#include <stdexcept>
#include <string>

namespace tenon {

/// Base of every exception that the library throws.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Extents that do not fit: the line names the op, each operand's shape and the rule.
class shape_error : public error {
 public:
  using error::error;
};

/// Dtypes that do not fit.
class dtype_error : public error {
 public:
  using error::error;
};

/// Operands on different devices, or a device that is not there.
class device_error : public error {
 public:
  using error::error;
};

/// An index or range outside an extent.
class index_error : public error {
 public:
  using error::error;
};

/// A file that cannot be opened, read, parsed or written.
class io_error : public error {
 public:
  using error::error;
};

/// A call in the wrong order or with arguments that make no sense.
class usage_error : public error {
 public:
  using error::error;
};

/// Numbers that a computation has no result for: a singular matrix to invert, one that is not positive
/// definite to take the Cholesky factor of. What numpy.linalg.LinAlgError is in NumPy.
class numeric_error : public error {
 public:
  using error::error;
};

}  // namespace tenon

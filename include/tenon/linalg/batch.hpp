// Loops over stacks of matrices: an opaque op's operands as Eigen matrices, one at a time, over the pool's
// threads.
//
// Every matrix is copied into one of Eigen's own, column-major, aligned and of double: what is computed then
// depends on neither strides nor where an array begins, results of fewer bits are right to their last one or
// two, and a unit instantiates each of Eigen's decompositions once (they cost 2 to 4 s each). How a stack is
// cut into tasks depends on its shape alone, and no matrix is shared by two tasks, so the number of threads
// changes no bit.
//
// What Eigen itself emits carries no Unit in its names (see docs/architecture.md, "Units").
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "tenon/core/error.hpp"
#include "tenon/eval/cpu/threads.hpp"
#include "tenon/graph/op.hpp"
#include "tenon/linalg/eigen.hpp"

namespace tenon::linalg::detail {

using matrix = Eigen::MatrixXd;
using vector = Eigen::VectorXd;

/// The matrices of one place of a stack: the first element of each operand, and of the result.
struct stack_place {
  const opaque_launch& launch;
  const std::byte* in[tenon::detail::max_operands];
  std::byte* out;

  static double number(dtype type, const std::byte* at) {
    double r = 0;
    with_floating(type, [&]<class T>(T v) {
      std::memcpy(&v, at, sizeof v);
      r = static_cast<double>(v);
    });
    return r;
  }

  static double epsilon(dtype type) {
    double r = 0;
    with_floating(type, [&]<class T>(T) { r = static_cast<double>(std::numeric_limits<T>::epsilon()); });
    return r;
  }

  /// Operand k: its last two axes.
  matrix read(int k) const {
    const array_access& a = launch.in[k];
    const index rows = a.extent[a.rank - 2], columns = a.extent[a.rank - 1], size = size_of(a.type);
    const index down = a.stride[a.rank - 2] * size, right = a.stride[a.rank - 1] * size;
    matrix m(rows, columns);
    for (index j = 0; j < columns; ++j)
      for (index i = 0; i < rows; ++i) m(i, j) = number(a.type, in[k] + i * down + j * right);
    return m;
  }
  /// Operand k: one number.
  double read_number(int k) const { return number(launch.in[k].type, in[k]); }

  /// Puts a matrix, row by row, at the offset-th element of the result.
  template <class M>
  void write(const M& m, index offset = 0) const {
    const dtype type = launch.out.type;
    std::byte* to = out + offset * size_of(type);
    for (index i = 0; i < m.rows(); ++i)
      for (index j = 0; j < m.cols(); ++j, to += size_of(type)) put(type, to, m(i, j));
  }
  void write_number(double v, index offset = 0) const {
    put(launch.out.type, out + offset * size_of(launch.out.type), v);
  }

 private:
  template <class F>
  static void with_floating(dtype type, F f) {
    switch (type) {
      case dtype::float16:
        return f(float16{});
      case dtype::bfloat16:
        return f(bfloat16{});
      case dtype::float32:
        return f(float{});
      default:
        return f(double{});
    }
  }
  static void put(dtype type, std::byte* to, double v) {
    with_floating(type, [&]<class T>(T) {
      const T rounded = static_cast<T>(v);
      std::memcpy(to, &rounded, sizeof rounded);
    });
  }
};

/// How many trailing axes of each operand, and of the result, make one matrix; the axes before them are the
/// stack, which broadcasts.
struct matrix_axes {
  int in[tenon::detail::max_operands];
  int out;
};

/// "of the stack at [1, 0] ", or nothing where there is but one matrix.
inline std::string describe_place(const array_access& out, int stacked, index item) {
  if (stacked == 0) return "";
  std::string text = "]";
  for (int k = stacked - 1; k >= 0; --k) {
    text = std::to_string(item % out.extent[k]) + (k < stacked - 1 ? ", " : "") + text;
    item /= out.extent[k];
  }
  return " at [" + text;
}

/// The first thing that went wrong, by its place in the stack.
struct stack_failure {
  std::mutex guard;
  index item = -1;
  const char* reason = nullptr;
  std::exception_ptr thrown;

  void record(index at, const char* why, std::exception_ptr what) {
    const std::lock_guard<std::mutex> lock(guard);
    if (item >= 0 && item < at) return;
    item = at;
    reason = why;
    thrown = what;
  }
};

/// Calls f for each matrix of a stack. f returns why its matrix has no result, or null; then numeric_error is
/// thrown, for the first such matrix, and nothing has been written to the result.
template <class F>
void each_matrix(const char* who, const opaque_launch& launch, const matrix_axes& axes, const F& f) {
  const array_access& out = launch.out;
  const int stacked = out.rank - axes.out;
  index items = 1, elements = 1, work = 1;
  for (int k = 0; k < stacked; ++k) items *= out.extent[k];
  for (int k = stacked; k < out.rank; ++k) elements *= out.extent[k];
  for (int k = launch.in[0].rank - axes.in[0]; k < launch.in[0].rank; ++k) work *= launch.in[0].extent[k];
  const index bytes = elements * size_of(out.type);
  if (items == 0 || bytes == 0) return;
  std::vector<std::byte> results(static_cast<std::size_t>(items * bytes));

  struct context {
    const opaque_launch& launch;
    const matrix_axes& axes;
    const F& f;
    std::byte* results;
    index items, bytes, per_task;
    int stacked;
    stack_failure failure;

    void run(index item) {
      stack_place place{launch, {}, results + item * bytes};
      for (int k = 0; k < tenon::detail::max_operands; ++k) {
        const array_access& a = launch.in[k];
        index rest = item, offset = 0;
        for (int axis = stacked - 1; axis >= 0; --axis) {
          const int own = axis - stacked + a.rank - axes.in[k];
          if (own >= 0 && a.extent[own] != 1) offset += rest % launch.out.extent[axis] * a.stride[own];
          rest /= launch.out.extent[axis];
        }
        place.in[k] = a.data == nullptr ? nullptr : a.data + offset * size_of(a.type);
      }
      try {
        if (const char* reason = f(static_cast<const stack_place&>(place)); reason != nullptr)
          failure.record(item, reason, nullptr);
      } catch (...) {
        failure.record(item, nullptr, std::current_exception());
      }
    }
    static void task(const void* self, index t, int) {
      context& c = *static_cast<context*>(const_cast<void*>(self));
      const index end = std::min(c.items, (t + 1) * c.per_task);
      for (index i = t * c.per_task; i < end; ++i) c.run(i);
    }
  };
  const index per_task = std::max<index>(1, 1024 / (work + 1));  // some 10 us at least
  context c{launch, axes, f, results.data(), items, bytes, per_task, stacked, {}};
  host::parallel_for((items + per_task - 1) / per_task, &context::task, &c);
  if (c.failure.thrown) std::rethrow_exception(c.failure.thrown);
  if (c.failure.item >= 0)
    throw numeric_error(std::string(who) + ": the matrix" + describe_place(out, stacked, c.failure.item) +
                        " " + c.failure.reason);
  std::memcpy(out.data, results.data(), results.size());
}

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace tenon::linalg::detail

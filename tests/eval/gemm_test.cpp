// The matrix product of the CPU, against sums in long double, and its bits against themselves.
#include <tenon/eval/cpu/gemm.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#if defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
static std::atomic<long> allocations{0};
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

using extent = tenon::index;  // <strings.h> has an index of its own
using tenon::host::gemm;
using tenon::host::gemm_operand;

namespace {

struct shape {
  extent m, n, k;
};

/// One shape at least for each way in which a product is cut, on either side of the limits between them.
const std::vector<shape> telling = {
    {5, 5, 5},      {5, 5, 6},      {40, 30, 20},    {32, 64, 57},    {57, 64, 2048}, {57, 64, 511},
    {64, 16, 600},  {33, 130, 784}, {300, 128, 784}, {1000, 64, 57},  {700, 600, 64}, {17, 600, 1900},
    {300, 5, 2000}, {1500, 2, 64},  {3000, 3, 100},  {3, 2500, 300},  {2, 70, 16},    {1, 1, 5000},
    {1, 3000, 400}, {1, 512, 700},  {3, 1000, 300},  {700, 1, 600},   {1, 1, 80000},  {3000, 1, 400},
    {1, 57, 64},    {57, 1, 64},    {12, 1500, 300}, {30, 2080, 520}, {200, 9, 40},
};

/// A matrix with room around it: columns (or rows, if transposed) lie `padding` further apart than they must,
/// and the data begins `offset` elements after an aligned address.
template <class T>
struct matrix {
  extent rows, columns, stride, offset;
  bool transposed;
  std::vector<T> memory;

  matrix(extent rows_, extent columns_, bool transposed_, extent padding, extent offset_)
      : rows(rows_),
        columns(columns_),
        stride((transposed_ ? rows_ : columns_) + padding),
        offset(offset_),
        transposed(transposed_),
        memory(static_cast<std::size_t>(offset_ + 64 + (transposed_ ? columns_ : rows_) * stride),
               outside()) {}

  static T outside() {
    if constexpr (std::is_floating_point_v<T>) {
      return std::numeric_limits<T>::quiet_NaN();
    } else {
      return T(-77);
    }
  }

  T* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    const std::uintptr_t gap = (64 - address % 64) % 64 / sizeof(T);
    return memory.data() + gap + offset;
  }

  T& operator()(extent i, extent j) { return data()[transposed ? i + j * stride : i * stride + j]; }

  gemm_operand operand() {
    // Along an extent of 1 the stride says nothing.
    const extent along = transposed ? stride : 1;
    const extent down = transposed ? 1 : stride;
    return {data(), rows == 1 ? 12345 : down, columns == 1 ? 54321 : along};
  }
};

/// Values in [-1, 1), or any integers.
template <class T>
void fill(matrix<T>& a, std::uint64_t seed) {
  std::uint64_t state = seed * 2654435761u + 1;
  for (extent i = 0; i < a.rows; ++i) {
    for (extent j = 0; j < a.columns; ++j) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      if constexpr (std::is_floating_point_v<T>) {
        a(i, j) = static_cast<T>(static_cast<std::int64_t>(state) >> 11) * static_cast<T>(0x1p-52);
      } else {
        a(i, j) = static_cast<T>(state >> 7);
      }
    }
  }
}

struct release {
  void operator()(void* p) const { std::free(p); }
};

/// c = a * b, in scratch memory of just the size asked for and full of NaN.
template <class T>
void multiply(matrix<T>& a, matrix<T>& b, matrix<T>& c, int threads) {
  const extent bytes = gemm<T>::workspace(c.rows, c.columns, a.columns, threads);
  REQUIRE(bytes % 64 == 0);
  const std::unique_ptr<void, release> memory(
      bytes > 0 ? std::aligned_alloc(64, static_cast<std::size_t>(bytes)) : nullptr);
  if (bytes > 0) std::memset(memory.get(), 0xFF, static_cast<std::size_t>(bytes));
  gemm<T>::run(c.rows, c.columns, a.columns, a.operand(), b.operand(), c.data(), c.stride, memory.get(),
               threads);
}

template <class T>
bool same(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T>
extent differences(matrix<T>& a, matrix<T>& b) {
  extent count = 0;
  for (extent i = 0; i < a.rows; ++i) {
    for (extent j = 0; j < a.columns; ++j) count += same(a(i, j), b(i, j)) ? 0 : 1;
  }
  return count;
}

/// Whether c is a * b as near as rounding allows, and nothing around c was written.
template <class T>
bool is_product(matrix<T>& a, matrix<T>& b, matrix<T>& c) {
  std::vector<T> left(static_cast<std::size_t>(a.columns));
  for (extent i = 0; i < c.rows; ++i) {
    for (extent p = 0; p < a.columns; ++p) left[static_cast<std::size_t>(p)] = a(i, p);
    for (extent j = 0; j < c.columns; ++j) {
      if constexpr (std::is_floating_point_v<T>) {
        long double sum = 0;
        long double size = 0;
        for (extent p = 0; p < a.columns; ++p) {
          const long double term = static_cast<long double>(left[static_cast<std::size_t>(p)]) * b(p, j);
          sum += term;
          size += std::fabs(term);
        }
        const long double allowed =
            size * static_cast<long double>(a.columns + 1) * std::numeric_limits<T>::epsilon();
        if (!(std::fabs(sum - c(i, j)) <= allowed)) return false;
      } else {
        std::uint64_t sum = 0;
        for (extent p = 0; p < a.columns; ++p) {
          sum += static_cast<std::uint64_t>(left[static_cast<std::size_t>(p)]) *
                 static_cast<std::uint64_t>(b(p, j));
        }
        if (static_cast<std::make_unsigned_t<T>>(c(i, j)) != static_cast<std::make_unsigned_t<T>>(sum))
          return false;
      }
    }
    for (extent j = c.columns; j < c.stride; ++j) {
      if (!same(c(i, j), matrix<T>::outside())) return false;
    }
  }
  return true;
}

template <class T>
void check_product(shape s, unsigned seed, int orders, extent padding, extent offset, int threads) {
  matrix<T> a(s.m, s.k, orders % 2 == 1, padding, offset);
  matrix<T> b(s.k, s.n, orders / 2 == 1, padding, offset);
  matrix<T> c(s.m, s.n, false, padding, offset);
  fill(a, seed);
  fill(b, seed + 1);
  multiply(a, b, c, threads);
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  CAPTURE(orders);
  CAPTURE(padding);
  CAPTURE(threads);
  CHECK(is_product(a, b, c));
}

}  // namespace

TEST_CASE_TEMPLATE("small shapes", T, float, double, std::int32_t, std::int64_t) {
  tenon::set_num_threads(2);
  const std::vector<extent> extents = {0, 1, 2, 3, 4, 5, 8, 15, 17, 48, 65};
  unsigned seed = 0;
  for (extent m : extents) {
    for (extent n : extents) {
      for (extent k : extents) {
        ++seed;
        check_product<T>({m, n, k}, seed, static_cast<int>(seed % 4), seed % 3, seed % 5,
                         1 + static_cast<int>(seed % 2));
      }
    }
  }
}

TEST_CASE_TEMPLATE("shapes for each way to cut a product", T, float, double, std::int32_t) {
  tenon::set_num_threads(2);
  unsigned seed = 1000;
  for (shape s : telling) {
    for (int orders = 0; orders < 4; ++orders) {
      ++seed;
      if (s.m * s.n * s.k > 4000000 && orders != static_cast<int>(s.m % 4)) continue;
      check_product<T>(s, seed, orders, seed % 2 * 7, seed % 4, 2);
    }
  }
}

TEST_CASE_TEMPLATE("the bits of a result depend on the shape alone", T, float, double) {
  for (shape s : telling) {
    const bool large = s.m * s.n * s.k > 4000000;
    for (int orders = 0; orders < 4; ++orders) {
      if (large && orders % 3 != 0) continue;
      matrix<T> first(s.m, s.n, false, 0, 0);
      for (int variant = 0; variant < (large ? 4 : 16); ++variant) {
        // Threads, the place of each matrix in memory and the distance between its rows.
        const int threads = variant == 0 ? 1 : 1 + variant % 3;
        const extent padding = variant % 4;
        tenon::set_num_threads(threads);
        matrix<T> a(s.m, s.k, orders % 2 == 1, padding, variant);
        matrix<T> b(s.k, s.n, orders / 2 == 1, padding * 2, variant * 5 % 16);
        matrix<T> c(s.m, s.n, false, padding, variant * 3 % 16);
        fill(a, 7);
        fill(b, 8);
        multiply(a, b, variant == 0 ? first : c, threads);
        if (variant == 0) continue;
        CAPTURE(s.m);
        CAPTURE(s.n);
        CAPTURE(s.k);
        CAPTURE(orders);
        CAPTURE(threads);
        CAPTURE(variant);
        CHECK(differences(c, first) == 0);
      }
    }
  }
}

TEST_CASE_TEMPLATE("rows far apart give the same bits", T, float, double) {
  // Eigen's matrix-vector product would choose its blocks by the stride.
  for (bool transposed : {false, true}) {
    for (shape s : {shape{40, 1, 300}, shape{40, 3, 300}, shape{40, 20, 300}}) {
      matrix<T> a(s.m, s.k, transposed, 0, 0);
      matrix<T> apart(s.m, s.k, transposed, 20000, 0);
      matrix<T> b(s.k, s.n, false, 0, 0);
      matrix<T> c(s.m, s.n, false, 0, 0);
      matrix<T> other(s.m, s.n, false, 0, 0);
      fill(a, 1);
      fill(apart, 1);
      fill(b, 2);
      multiply(a, b, c, 1);
      multiply(apart, b, other, 1);
      CHECK(differences(c, other) == 0);
    }
  }
}

TEST_CASE_TEMPLATE("NaN, infinities and denormal values", T, float, double) {
  tenon::set_num_threads(2);
  const T infinity = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (shape s : telling) {
    matrix<T> a(s.m, s.k, false, 0, 0);
    matrix<T> b(s.k, s.n, false, 0, 0);
    matrix<T> c(s.m, s.n, false, 0, 0);
    CAPTURE(s.m);
    CAPTURE(s.n);
    CAPTURE(s.k);

    // All of a is zero, so that one infinity makes a column of NaN.
    for (extent i = 0; i < s.m; ++i) {
      for (extent p = 0; p < s.k; ++p) a(i, p) = 0;
    }
    fill(b, 3);
    b(s.k - 1, s.n / 2) = infinity;
    multiply(a, b, c, 2);
    extent wrong = 0;
    for (extent i = 0; i < s.m; ++i) {
      for (extent j = 0; j < s.n; ++j) wrong += (j == s.n / 2 ? std::isnan(c(i, j)) : c(i, j) == 0) ? 0 : 1;
    }
    CHECK(wrong == 0);

    // One NaN in a makes a row of NaN, even where b is zero.
    a(s.m / 2, s.k / 2) = nan;
    for (extent p = 0; p < s.k; ++p) {
      for (extent j = 0; j < s.n; ++j) b(p, j) = 0;
    }
    multiply(a, b, c, 2);
    wrong = 0;
    for (extent i = 0; i < s.m; ++i) {
      for (extent j = 0; j < s.n; ++j) wrong += (i == s.m / 2 ? std::isnan(c(i, j)) : c(i, j) == 0) ? 0 : 1;
    }
    CHECK(wrong == 0);

    // A denormal value in each row comes through unharmed.
    const T tiny = std::numeric_limits<T>::denorm_min() * 5;
    for (extent i = 0; i < s.m; ++i) {
      for (extent p = 0; p < s.k; ++p) a(i, p) = p == i % s.k ? tiny : T(0);
    }
    for (extent p = 0; p < s.k; ++p) {
      for (extent j = 0; j < s.n; ++j) b(p, j) = static_cast<T>(1 + j % 3);
    }
    multiply(a, b, c, 2);
    wrong = 0;
    for (extent i = 0; i < s.m; ++i) {
      for (extent j = 0; j < s.n; ++j) wrong += c(i, j) == tiny * static_cast<T>(1 + j % 3) ? 0 : 1;
    }
    CHECK(wrong == 0);
  }
}

#if defined(COUNTS_ALLOCATIONS)
TEST_CASE_TEMPLATE("a warm product allocates nothing", T, float, double, std::int64_t) {
  tenon::set_num_threads(2);
  for (shape s : telling) {
    matrix<T> a(s.m, s.k, true, 1, 0);
    matrix<T> b(s.k, s.n, false, 1, 0);
    matrix<T> c(s.m, s.n, false, 1, 0);
    fill(a, 1);
    fill(b, 2);
    multiply(a, b, c, 2);
    const extent bytes = gemm<T>::workspace(s.m, s.n, s.k, 2);
    const std::unique_ptr<void, release> memory(std::aligned_alloc(64, static_cast<std::size_t>(bytes + 64)));
    const long before = allocations;
    gemm<T>::run(s.m, s.n, s.k, a.operand(), b.operand(), c.data(), c.stride, memory.get(), 2);
    CHECK(allocations == before);
  }
}
#endif

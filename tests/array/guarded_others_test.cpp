#include "guarded_test.hpp"

TEST_CASE_TEMPLATE("no byte beyond borrowed memory is touched: other dtypes", T, bool, std::int8_t,
                   std::uint16_t, std::int32_t, std::int64_t, std::uint64_t, tenon::float16, tenon::bfloat16,
                   tenon::complex64, tenon::complex128) {
  test::check_guarded<T>();
}

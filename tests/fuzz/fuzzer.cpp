// One reader under libFuzzer. The corpus is what earlier runs kept; a run of ten minutes:
//
//   clang++ -std=c++20 -O1 -g -march=native -fsanitize=fuzzer,address,undefined -DTENON_FUZZ=npy \
//     -DTENON_TEST_GZIP -I include tests/fuzz/fuzzer.cpp -lz -o fuzz_npy
//   fuzz_npy -max_total_time=600 -rss_limit_mb=512 -malloc_limit_mb=256 tests/fuzz/corpus/npy
//
// malloc_limit_mb: no allocation may be large before sizes are checked against the file.
#include "targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::TENON_FUZZ({reinterpret_cast<const char*>(data), size});
  return 0;
}

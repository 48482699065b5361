// Times the cases of this folder and prints "name <tab> library <tab> nanoseconds" lines; run.py makes the table.
#include "arrays.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <regex>

#include "tenon/eval/cpu/threads.hpp"

namespace arrays {

std::vector<timed_case>& cases() {
  static std::vector<timed_case> all_of_them;
  return all_of_them;
}

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The least time of a call, in nanoseconds: batches of 2 ms at least, for `span` seconds or three batches.
double time_of(const std::function<void()>& run, double span) {
  run();
  long calls = 1;
  double best = 1e300, spent = 0;
  for (int batch = 0; batch < 3 || spent < span;) {
    const double begin = seconds();
    for (long i = 0; i < calls; ++i) run();
    const double taken = seconds() - begin;
    spent += taken;
    if (taken < 0.002 && batch == 0) {
      calls = std::max(calls * 2, static_cast<long>(double(calls) * 0.003 / std::max(taken, 1e-9)));
      continue;
    }
    best = std::min(best, taken / double(calls));
    ++batch;
  }
  return best * 1e9;
}

}  // namespace
}  // namespace arrays

int main(int argc, char** argv) {
  double span = 0.05;
  std::regex only(".*");
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--threads") == 0) tenon::set_num_threads(std::atoi(argv[i + 1]));
    if (std::strcmp(argv[i], "--span") == 0) span = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
  }
  arrays::tenon_elementwise();
  arrays::tenon_small();
  arrays::tenon_reductions();
  arrays::tenon_shapes();
  arrays::tenon_places();
  arrays::tenon_products();
  arrays::tenon_random();
  arrays::eigen_cases();
  arrays::xtensor_cases();
  arrays::small_peers();
  for (const arrays::timed_case& c : arrays::cases()) {
    if (!std::regex_search(c.name, only)) continue;
    std::printf("%s\t%s\t%.1f\n", c.name.c_str(), c.library.c_str(), arrays::time_of(c.run, span));
    std::fflush(stdout);
  }
}

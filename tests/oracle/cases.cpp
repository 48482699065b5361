// Writes cases of the library's operations for check.py: cases FILE [SEED [PERCENT]]. PERCENT scales their
// number.
#include "cases.hpp"

#include <cstdlib>

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: cases FILE [SEED [PERCENT]]\n", stderr);
    return 2;
  }
  const auto seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  const int percent = count > 3 ? std::atoi(arguments[3]) : 100;
  try {
    oracle::report to(arguments[1], seed, percent);
    const struct {
      const char* name;
      void (*write)(oracle::report&);
    } families[] = {{"arithmetic", oracle::arithmetic},
                    {"predicates", oracle::predicates},
                    {"rounding", oracle::rounding},
                    {"transcendental", oracle::transcendental},
                    {"activations", oracle::activations},
                    {"sums", oracle::sums},
                    {"extrema", oracle::extrema},
                    {"truth", oracle::truth},
                    {"moments", oracle::moments},
                    {"places", oracle::places},
                    {"shapes", oracle::shapes},
                    {"products", oracle::products},
                    {"slices", oracle::slices},
                    {"indexing", oracle::indexing},
                    {"order", oracle::order},
                    {"layouts", oracle::layouts},
                    {"counting", oracle::counting},
                    {"linear", oracle::linear},
                    {"fused", oracle::fused}};
    for (const auto& family : families) {
      const long before = to.cases;
      family.write(to);
      std::printf("%-15s %6ld cases\n", family.name, to.cases - before);
    }
    std::printf("%-15s %6ld cases from seed %llu\n", "all", to.cases, seed);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cases: %s\n", e.what());
    return 1;
  }
}

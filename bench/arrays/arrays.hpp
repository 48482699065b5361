// What the programs of this folder share: named cases, each timed in several libraries.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace arrays {

struct timed_case {
  std::string name, library;
  std::function<void()> run;
};

/// The cases, in the order of the table.
std::vector<timed_case>& cases();

/// Adds a case of a library; `run` does the work once.
inline void add(std::string name, std::string library, std::function<void()> run) {
  cases().push_back({std::move(name), std::move(library), std::move(run)});
}

/// Makes the compiler believe that memory is read.
inline void keep(const void* p) { asm volatile("" : : "r"(p) : "memory"); }

void tenon_elementwise();
void tenon_reductions();
void tenon_shapes();
void tenon_places();
void tenon_products();
void tenon_random();
void tenon_small();
void eigen_cases();
void xtensor_cases();
void small_peers();

}  // namespace arrays

// The corpus of the fuzzers: every file that they found telling, once more through its reader.
#include "targets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

TEST_CASE("readers take or refuse every file of the corpus") {
  for (const fuzz::target& t : fuzz::targets) {
    INFO(std::string(t.name));
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(TENON_SOURCE_DIR) +
                                                                 "/tests/fuzz/corpus/" + t.name)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      t.run(text.str());
      ++files;
    }
    CHECK(files > 20);
  }
}

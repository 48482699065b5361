// Every op of the library is listed, so that the tests of all ops cover it.
#include "references.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

using namespace tenon;

namespace {

template <class Op>
std::string type_name() {
  const std::string text = __PRETTY_FUNCTION__;
  std::smatch found;
  return std::regex_search(text, found, std::regex("Op = (?:tenon::)?(\\w+)")) ? found[1].str() : text;
}

}  // namespace

TEST_CASE("every op that ops/ declares is in all_ops") {
  std::set<std::string> declared, listed;
  const std::regex declaration("struct (\\w+_op) *:");
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(TENON_SOURCE_DIR) + "/include/tenon/ops")) {
    // what ops of users are made of, and what lowering alone makes loops of
    if (file.path().filename() == "user.hpp" || file.path().filename() == "loop_parts.hpp") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);)
      if (std::smatch found; std::regex_search(line, found, declaration)) declared.insert(found[1].str());
  }
  test::for_each_op<all_ops>::run([&]<class Op>() { listed.insert(type_name<Op>()); });
  CHECK(declared.size() >= 30);
  CHECK(listed.size() == std::size_t(all_ops::size));
  for (const std::string& op : declared) {
    INFO(op, " is declared; add it to ops/all_ops.hpp");
    CHECK(listed.count(op) == 1);
  }
  for (const std::string& op : listed) {
    INFO(op, " is listed and nowhere declared");
    CHECK(declared.count(op) == 1);
  }
}

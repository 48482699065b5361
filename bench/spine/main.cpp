// Measures the gates of this library and prints them as one markdown table.
#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "spine.hpp"

namespace spine {

std::string text(const char* format, ...) {
  char buffer[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

std::string duration(double s) {
  return s < 1e-3 ? text("%.3g us", s * 1e6) : s < 1 ? text("%.3g ms", s * 1e3) : text("%.2f s", s);
}

bool report::wanted(const std::string& name) const {
  const bool w = only.empty() || std::regex_search(name, std::regex(only));
  if (w) std::fprintf(stderr, "%s ...\n", name.c_str());
  return w;
}
void report::add(const std::string& name, const std::string& measured, const std::string& bound, bool pass) {
  std::fprintf(stderr, "%s: %s (%s) %s\n", name.c_str(), measured.c_str(), bound.c_str(),
               pass ? "pass" : "FAIL");
  rows.push_back({name, measured, bound, pass ? verdict::pass : verdict::fail});
}
void report::note(const std::string& name, const std::string& measured) {
  std::fprintf(stderr, "%s: %s\n", name.c_str(), measured.c_str());
  rows.push_back({name, measured, "", verdict::note});
}

namespace {

std::string first_line_of(const std::string& command) {
  std::string line;
  if (FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r")) {
    for (int c; (c = std::fgetc(pipe)) != EOF && c != '\n';) line += char(c);
    pclose(pipe);
  }
  return line;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, name = "unknown";
  int threads = 0;
  while (std::getline(file, line)) {
    threads += line.rfind("processor", 0) == 0;
    if (line.rfind("model name", 0) == 0) name = line.substr(line.find(':') + 2);
  }
  return name + ", " + std::to_string(threads) + " threads";
}

std::string header() {
  char date[32];
  const std::time_t t = std::time(nullptr);
  std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&t));
  const std::string git = "git -C '" SPINE_SOURCE "' ";
  std::string commit = first_line_of(git + "rev-parse --short HEAD");
  if (!first_line_of(git + "status --porcelain -- include bench").empty()) commit += " and changes";
  std::string compilers;
  for (const std::string path : {SPINE_GXX, SPINE_CLANGXX})
    if (!path.empty()) compilers += first_line_of("'" + path + "' --version") + "; ";
  if (*SPINE_NVCC != 0)
    compilers += "nvcc " + first_line_of("'" SPINE_NVCC "' --version | sed -n 's/.*release //p'") + "; ";
  return std::string(
             "# Gates\n\n`spine` prints this page: `cmake --build build --target spine && "
             "build/bench/spine/spine --out ") +
         "docs/benchmarks/spine.md`.\n\n- " + date + ", commit " + commit + "\n- " + processor() + "\n- " +
         compilers +
         "programs built by " SPINE_OWN
         "\n- Ratios are medians over interleaved pairs, with the 10th and 90th percentile of the pairs in "
         "brackets.\n"
         "- Programs: -O3 -march=native -DNDEBUG, one thread unless said otherwise. Eigen is written by "
         "hand, with the same arithmetic.\n"
         "- Compilations: -std=c++20 -O2 -march=native -c (nvcc: -O2, one architecture). Ratios are of "
         "processor time, single times of wall\n"
         "  time; memory is the largest resident set of one process of the compiler.\n\n";
}

std::string table(const report& r) {
  std::string t = "| gate | measured | bound | |\n|---|---|---|---|\n";
  for (const row& x : r.rows)
    t += "| " + x.name + " | " + x.measured + " | " + x.bound + " | " +
         (x.result == verdict::pass   ? "pass"
          : x.result == verdict::fail ? "**FAIL**"
                                      : "") +
         " |\n";
  return t;
}

constexpr const char* help =
    "spine: measures the gates of this library\n"
    "  --only REGEX        gates whose name matches\n"
    "  --out FILE          writes the table there too\n"
    "  --pairs N           pairs of a run-time ratio, default 31\n"
    "  --compile-pairs N   pairs of a compile-time ratio, default 15\n";

}  // namespace
}  // namespace spine

int main(int argc, char** argv) {
  spine::report r;
  std::string out;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || i + 1 == argc) {
      std::fputs(spine::help, name == "--help" ? stdout : stderr);
      return name == "--help" ? 0 : 2;
    }
    const std::string value = argv[++i];
    if (name == "--only")
      r.only = value;
    else if (name == "--out")
      out = value;
    else if (name == "--pairs")
      r.pairs = std::max(1, std::atoi(value.c_str()));
    else if (name == "--compile-pairs")
      r.compile_pairs = std::max(1, std::atoi(value.c_str()));
    else {
      std::fputs(spine::help, stderr);
      return 2;
    }
  }
  try {
    // Compilations first: a child starts with this process's own resident set as its peak.
    spine::compile_time(r);
    spine::training(r);
    spine::elementwise(r);
    const std::string page = spine::header() + spine::table(r);
    std::fputs(page.c_str(), stdout);
    if (!out.empty()) {
      if (const auto folder = std::filesystem::path(out).parent_path(); !folder.empty())
        std::filesystem::create_directories(folder);
      if (!(std::ofstream(out) << page)) throw std::runtime_error("cannot write " + out);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "spine: %s\n", e.what());
    return 2;
  }
  return std::any_of(r.rows.begin(), r.rows.end(),
                     [](const auto& x) { return x.result == spine::verdict::fail; });
}

// Compile-time gates: compilers as child processes, their processor time, wall time and peak memory.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "spine.hpp"

extern char** environ;

namespace spine {
namespace {

struct cost {
  double processor, wall, megabytes;
};

struct unit {
  std::string compiler, source;
  std::vector<std::string> options;
};

std::string scratch(const char* name) {
  return (std::filesystem::temp_directory_path() / ("spine-" + std::to_string(getpid()) + name)).string();
}

std::vector<std::string> includes() {
  std::vector<std::string> o{"-I" SPINE_SOURCE "/include"};
  std::stringstream list(SPINE_EIGEN);
  for (std::string d; std::getline(list, d, ';');)
    if (!d.empty()) o.insert(o.end(), {"-isystem", d});
  return o;
}

unit host_unit(const std::string& compiler, const std::string& source, std::vector<std::string> more = {}) {
  std::vector<std::string> o{"-std=c++20", "-O2", "-march=native"};
  o.insert(o.end(), more.begin(), more.end());
  return {compiler, SPINE_SOURCE "/bench/spine/units/" + source, o};
}

/// Compiles once. Throws with the compiler's first lines where that fails.
cost compile(const unit& u) {
  std::vector<std::string> words{u.compiler};
  words.insert(words.end(), u.options.begin(), u.options.end());
  for (const std::string& i : includes()) words.push_back(i);
  const std::string object = scratch(".o"), log = scratch(".log");
  words.insert(words.end(), {"-c", u.source, "-o", object});
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  const double start = now();
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::runtime_error("cannot run " + u.compiler);
  int status = 0;
  rusage used{};  // of the driver and all the processes that it waited for
  wait4(child, &status, 0, &used);
  const double wall = now() - start;
  std::string message;
  if (status != 0) {
    if (FILE* const f = std::fopen(log.c_str(), "r")) {
      char line[400];
      for (int k = 0; k < 6 && std::fgets(line, sizeof line, f) != nullptr; ++k) message += line;
      std::fclose(f);
    }
  }
  std::filesystem::remove(object);
  std::filesystem::remove(log);
  if (status != 0) throw std::runtime_error(u.compiler + " " + u.source + " failed:\n" + message);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), wall, double(used.ru_maxrss) / 1024};
}

struct costs {
  std::vector<double> processor, wall, megabytes;
  void add(const cost& c) {
    processor.push_back(c.processor);
    wall.push_back(c.wall);
    megabytes.push_back(c.megabytes);
  }
  std::string str() const {
    return text("%.2f s, %.0f MB", median(wall), *std::max_element(megabytes.begin(), megabytes.end()));
  }
  double memory() const { return *std::max_element(megabytes.begin(), megabytes.end()); }
};

/// Interleaved compilations of two units.
void interleave(const unit& a, const unit& b, int count, costs& ca, costs& cb) {
  compile(a);  // the files are in memory from here on
  compile(b);
  for (int i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      ca.add(compile(a));
      cb.add(compile(b));
    } else {
      cb.add(compile(b));
      ca.add(compile(a));
    }
    std::fprintf(stderr, "  %d/%d\r", i + 1, count);
  }
}
pairs processor_of(const costs& a, const costs& b) { return {a.processor, b.processor}; }

costs repeat(const unit& u, int count) {
  costs c;
  for (int i = 0; i < count; ++i) c.add(compile(u));
  return c;
}

template <class Gate>
void attempt(report& r, const std::string& name, Gate gate) {
  try {
    gate();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    r.add(name, "does not compile", "", false);
  }
}

void training_unit(report& r) {
  const std::string name = "training unit, 57-64-2 MLP, g++ -O2, against the unit in Eigen: ";
  if (std::string(SPINE_GXX).empty() || !r.wanted(name + "compile time, memory")) return;
  attempt(r, name, [&] {
    costs ours, eigen;
    interleave(host_unit(SPINE_GXX, "mlp_tenon.cpp"), host_unit(SPINE_GXX, "mlp_eigen.cpp"), r.compile_pairs,
               ours, eigen);
    const pairs p = processor_of(ours, eigen);
    r.add(name + "compile time", p.interval() + "; " + ours.str() + " against " + eigen.str(), "<= 1.5x",
          p.ratio() <= 1.5);
    const double m = ours.memory() / eigen.memory();
    r.add(name + "memory", text("%.2fx", m), "<= 2x", m <= 2);
  });
}

void residual(report& r, const char* compiler, const std::string& called) {
  const auto blocks = [&](int n, bool bind = false) {
    std::vector<std::string> o{"-DBLOCKS=" + std::to_string(n)};
    if (bind) o.push_back("-DBIND");
    return host_unit(compiler, "residual.cpp", o);
  };
  const std::string name =
      "residual MLP, gradient and executor, " + called + ": compile time of 12 equal blocks against 1";
  if (r.wanted(name))
    attempt(r, name, [&] {
      costs one, twelve;
      interleave(blocks(12), blocks(1), r.compile_pairs, twelve, one);
      const costs three = repeat(blocks(3), 3), six = repeat(blocks(6), 3);
      const pairs p = processor_of(twelve, one);
      r.add(name,
            p.interval() + "; 1, 3, 6, 12 blocks: " + one.str() + "; " + three.str() + "; " + six.str() +
                "; " + twelve.str(),
            "<= 1.5x", p.ratio() <= 1.5);
    });
  const std::string bound = "the same with bind(), " + called;
  if (r.wanted(bound))
    attempt(r, bound, [&] {
      const costs one = repeat(blocks(1, true), 3), twelve = repeat(blocks(12, true), 3);
      r.note(bound, processor_of(twelve, one).interval() + "; " + one.str() + "; " + twelve.str());
    });
}

void chain(report& r, const char* compiler, const std::string& called) {
  const auto adds = [&](int n) { return host_unit(compiler, "chain.cpp", {"-DADDS=" + std::to_string(n)}); };
  const std::string name = "chain of residual adds, one function, gradient and executor, " + called + ": ";
  if (!r.wanted(name + "compile time, memory")) return;
  attempt(r, name, [&] {
    costs small, large;
    interleave(adds(50), adds(25), r.compile_pairs, large, small);
    r.add(name + "50 adds", large.str(), "<= 20 s, 600 MB",
          median(large.wall) <= 20 && large.memory() <= 600);
    const pairs p = processor_of(large, small);
    r.add(name + "50 adds against 25", p.interval() + "; 25 adds: " + small.str(), "<= 2.5x",
          p.ratio() <= 2.5);
  });
}

/// The units of the other gates, as nvcc takes them: host and kernels.
void cuda(report& r) {
  const std::vector<std::string> options{
      "-std=c++20",           "-O2", "-x", "cu", "-arch=" SPINE_ARCH, "--expt-relaxed-constexpr",
      "--diag-suppress=20012"};
  const auto with = [&](const char* source, const char* define) {
    unit u{SPINE_NVCC, std::string(SPINE_SOURCE "/") + source, options};
    if (*define != 0) u.options.push_back(define);
    return u;
  };
  const struct {
    const char* name;
    unit compiled;
    double seconds;
  } gates[] = {{"nvcc -c, one architecture: probe unit", with("tests/cuda/probe.cu", ""), 15},
               {"nvcc -c, one architecture: training unit of the MLP",
                with("bench/spine/units/mlp_tenon.cpp", ""), 20},
               {"nvcc -c, one architecture: 50 residual adds with gradient",
                with("bench/spine/units/chain.cpp", "-DADDS=50"), 30}};
  for (const auto& g : gates) {
    if (!r.wanted(g.name)) continue;
    if (std::string(SPINE_NVCC).empty()) {
      r.note(g.name, "skipped: no nvcc");
      continue;
    }
    attempt(r, g.name, [&] {
      const costs c = repeat(g.compiled, 3);
      r.add(g.name, c.str(), text("<= %.0f s", g.seconds), median(c.wall) <= g.seconds);
    });
  }
}

}  // namespace

void compile_time(report& r) {
  training_unit(r);
  const std::pair<const char*, const char*> compilers[] = {{SPINE_GXX, "g++"}, {SPINE_CLANGXX, "clang++"}};
  for (const auto& [path, name] : compilers)
    if (*path != 0) residual(r, path, name);
  for (const auto& [path, name] : compilers)
    if (*path != 0) chain(r, path, name);
  cuda(r);
}

}  // namespace spine

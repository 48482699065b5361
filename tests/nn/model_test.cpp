// Models: how parameters are found, summaries, files, initial weights, and layers that cannot be told apart.
#include <tenon/io/file.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/nn/model.hpp>

#include "../support.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>

using namespace tenon;
using test::contains;
using test::dims;
using test::values;
using test::vec;

namespace {

struct block {
  parameter<float, 2, 3> w;
  int steps = 3;  // no parameter
  parameter<double, 4> v;
};
struct nested {
  nn::dense<3, 2> first;
  block inner;
  std::array<nn::dense<2, 2>, 2> layers;
  nn::relu activation;
  nn::sequential<nn::dense<2, 5>, nn::tanh, nn::dense<5, 1>> tail;
};
struct small {
  nn::dense<3, 2> layer;
  parameter<double, dyn> any;
};
struct larger {
  nn::dense<3, 2> layer;
  parameter<double, dyn> any;
  parameter<float, 2> more;
};
struct other_shape {
  nn::dense<3, 2> layer;
  parameter<float, 4> any;
};

template <class Model>
std::vector<dims> shapes_of(const Model& m) {
  std::vector<dims> r;
  for_each_parameter(m, [&](const auto& p) { r.push_back({p.shape().begin(), p.shape().end()}); });
  return r;
}
template <class Model>
vec elements_of(const Model& m) {
  vec r;
  for_each_parameter(m, [&](const auto& p) {
    for (tenon::index i = 0; i < p.size(); ++i) r.push_back(double(p.flat()[i]));
  });
  return r;
}
template <class Model>
void fill_counting(Model& m, double step) {
  double k = 0;
  for_each_parameter(m, [&](auto& p) {
    using T = typename std::remove_cvref_t<decltype(p)>::value_type;
    for (tenon::index i = 0; i < p.size(); ++i) p.own()[i] = static_cast<T>(k += step);
  });
}

/// A file in the folder for temporary ones, gone at the end.
struct temporary {
  std::string path;
  explicit temporary(const std::string& name)
      : path((std::filesystem::temp_directory_path() / ("tenon_model_test_" + name)).string()) {
    std::filesystem::remove(path);
  }
  ~temporary() { std::filesystem::remove(path); }
};

small filled() {
  small m;
  m.any = arange<double>(0, 3);
  fill_counting(m, 0.5);
  return m;
}

}  // namespace

TEST_CASE("parameters are found in structs, arrays and sequences, in order of declaration") {
  const nested m;
  CHECK(shapes_of(m) ==
        std::vector<dims>{{3, 2}, {2}, {2, 3}, {4}, {2, 2}, {2}, {2, 2}, {2}, {2, 5}, {5}, {5, 1}, {1}});
  CHECK(parameter_count(m) == 6 + 2 + 6 + 4 + 2 * 6 + 10 + 5 + 5 + 1);
  CHECK(parameter_count(nn::relu{}) == 0);
  nested n = m;
  for_each_parameter(n, [](auto& p) { std::fill_n(p.own(), p.size(), 1); });
  CHECK(n.inner.steps == 3);
  CHECK(n.tail.layer<2>().bias(0) == 1);
  CHECK(std::as_const(n).layers[1].weight(1, 1) == 1);
}

TEST_CASE("summary: a line for each parameter, and the sum") {
  CHECK(summary(nn::sequential<nn::dense<57, 64>, nn::tanh, nn::dense<64, 2>>{}) ==
        "parameter  shape            elements\n"
        "0          [57, 64]         3648\n"
        "1          [64]             64\n"
        "2          [64, 2]          128\n"
        "3          [2]              2\n"
        "in all                      3842\n");
}

TEST_CASE("a layer is x W + b") {
  nn::dense<3, 2> layer;
  fill_counting(layer, 1);
  const tensor<float, 1, 3> x{{1, 10, 100}};
  CHECK(values(layer(x)) == vec{1 + 30 + 500 + 7, 2 + 40 + 600 + 8});
  const nn::sequential<nn::relu, nn::softmax> s;
  CHECK(values(s(tensor<float, 1, 2>{{-1, 0}})) == vec{0.5, 0.5});
  CHECK(values(nn::sigmoid{}(tensor<double, 1>{0})) == vec{0.5});
}

TEST_CASE("initialise: Glorot's uniform weights, biases zero, the same for one seed") {
  using model = nn::sequential<nn::dense<300, 200>, nn::dense<200, 3>>;
  model m, again, other;
  generator g(7), h(7), k(8);
  initialise(m, g);
  initialise(again, h);
  initialise(other, k);
  CHECK(elements_of(m) == elements_of(again));
  CHECK(elements_of(m) != elements_of(other));
  CHECK(values(m.layer<0>().bias) == vec(200, 0.));
  const double limit = std::sqrt(6. / 500);
  double total = 0, squares = 0, largest = 0;
  for (const double w : values(m.layer<0>().weight)) {
    total += w;
    squares += w * w;
    largest = std::fmax(largest, std::fabs(w));
  }
  const double n = 60000;
  CHECK(largest <= limit);
  CHECK(largest > 0.999 * limit);
  CHECK(std::fabs(total / n) < 5 * limit / std::sqrt(3 * n));  // five standard errors
  CHECK(squares / n == doctest::Approx(2. / 500).epsilon(0.02));
}

TEST_CASE("save and load give the same elements") {
  const temporary file("round.npz");
  const small m = filled();
  save(m, file.path);
  small n;
  const small copy = n;
  load(n, file.path);
  CHECK(elements_of(n) == elements_of(m));
  CHECK(test::extents(n.any) == dims{3});
  CHECK(elements_of(copy) != elements_of(n));
}

TEST_CASE("load: a file that does not fit leaves the model as it was") {
  const temporary file("wrong.npz");
  const auto refuses = [&](auto model, const char* part) {
    fill_counting(model, 0.25);
    const vec before = elements_of(model);
    const std::string line = test::thrown<io_error>([&] { load(model, file.path); });
    CAPTURE(line);
    CHECK(contains(line, file.path));
    CHECK(contains(line, part));
    CHECK_FALSE(contains(line, "\n"));
    CHECK(elements_of(model) == before);
  };
  SUBCASE("no file") { refuses(filled(), ""); }
  SUBCASE("an entry that is missing, the last") {
    save(filled(), file.path);
    refuses(larger{}, "parameter_2");
  }
  SUBCASE("another shape and dtype, after one that fits") {
    save(filled(), file.path);
    refuses(other_shape{}, "expected float32 [4], got float64 [3]");
  }
  SUBCASE("truncated anywhere") {
    save(filled(), file.path);
    const std::string bytes = read_file(file.path);
    for (const double part : {0., 0.3, 0.6, 0.95}) {
      write_file(file.path, bytes.substr(0, std::size_t(part * double(bytes.size()))));
      refuses(filled(), "");
    }
  }
  SUBCASE("no archive") {
    write_file(file.path, "parameter,shape\n1,2\n");
    refuses(filled(), "");
  }
}

TEST_CASE("save: nothing is left where it fails") {
  const std::string path = "/no such folder/m.npz";
  CHECK(contains(test::thrown<io_error>([&] { save(filled(), path); }), path));
}

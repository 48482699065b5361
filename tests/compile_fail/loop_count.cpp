// A step hands on as many values as it was given.
#include <tenon/tenon.hpp>

#include <tuple>

int main() {
  tenon::tensor<float, 3> a{1, 2, 3}, b{4, 5, 6};
  tenon::tensor<float, 5, 3> xs;
  tenon::scan([](const auto& c, auto x) { return std::get<0>(c) + x; }, std::tuple(a, b), xs);
}
// expect: loop_count.cpp:9
// expect: tenon: scan: the step hands on another number of values than it is given

// A slice takes places along one axis.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 5, 3> table;
  const tenon::tensor<int, 2> rows;
  static_cast<void>(table.slice(rows, rows));  // expect: a slice takes one array of places or mask
}

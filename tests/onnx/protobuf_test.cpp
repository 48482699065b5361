// The readers of protocol buffers and of ONNX's messages: values by hand, and data that is cut short or is not what it
// says, which is an error and reads nothing beyond the end.
#include <doctest/doctest.h>

#include "model.hpp"

namespace onnx {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string s;
  for (const int v : values) s += char(v);
  return s;
}
/// A field of bytes.
std::string field(int number, const std::string& content) {
  return bytes({number << 3 | 2, int(content.size())}) + content;
}

}  // namespace

TEST_CASE("fields of all forms") {
  const std::string message = bytes({0x08, 0x96, 0x01}) +  // 1: varint 150
                              bytes({0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}) +  // 2: -1
                              bytes({0x1d, 0, 0, 0x80, 0x3f}) +                                // 3: float 1
                              field(4, "abc") + field(5, bytes({1, 2, 0x80, 1}));
  fields f(message);
  REQUIRE(f.next());
  CHECK(f.number() == 1);
  CHECK(f.integer() == 150);
  CHECK_THROWS_AS(f.bytes(), tenon::io_error);
  REQUIRE(f.next());
  CHECK(f.integer() == -1);
  REQUIRE(f.next());
  CHECK(f.real() == 1.f);
  CHECK_THROWS_AS(f.integer(), tenon::io_error);
  REQUIRE(f.next());
  CHECK(f.bytes() == "abc");
  REQUIRE(f.next());
  std::vector<std::int64_t> packed;
  f.integers([&](std::int64_t v) { packed.push_back(v); });
  CHECK(packed == std::vector<std::int64_t>{1, 2, 128});
  CHECK(!f.next());
}

TEST_CASE("fields that are cut short or of no form") {
  const auto read = [](const std::string& message) {
    for (fields f(message); f.next();) {
    }
  };
  CHECK_THROWS_AS(read(bytes({0x08})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x08, 0x80})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x0a, 5, 'a'})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x0d, 0, 0, 0})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x09, 0, 0, 0, 0, 0, 0, 0})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x0b})), tenon::io_error);  // a group
  CHECK_THROWS_AS(read(bytes({0x00, 1})), tenon::io_error);
  CHECK_THROWS_AS(read(bytes({0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})), tenon::io_error);
  CHECK_THROWS_AS(read(std::string(11, char(0x80))), tenon::io_error);
}

TEST_CASE("tensors") {
  // dims 2, 3; int8; raw
  const std::string shape = field(1, bytes({2, 3}));
  const value v = read_tensor(shape + bytes({0x10, 3}) + field(9, bytes({1, 2, 3, 4, 5, 255})));
  CHECK(v.type == dtype::int8);
  CHECK(v.extent == extent_list{2, 3});
  CHECK(wide<std::int8_t, 2>(v)(1, 2) == -1);
  // The same in int32_data, packed and not.
  const std::string minus_one = bytes({255, 255, 255, 255, 255, 255, 255, 255, 255, 1});
  CHECK(read_tensor(shape + bytes({0x10, 3}) + field(5, bytes({1, 2, 3, 4, 5}) + minus_one)).bytes ==
        v.bytes);
  CHECK(read_tensor(shape + bytes({0x10, 3}) + field(5, bytes({1, 2, 3, 4})) + bytes({0x28, 5}) +
                    bytes({0x28}) + minus_one)
            .bytes == v.bytes);
  // A number without axes: 1.5 as float16, by its bits, and as double.
  CHECK(float(number<tenon::float16>(read_tensor(bytes({0x10, 10}) + field(5, bytes({0x80, 0x7c}))))) ==
        1.5f);
  CHECK(number<double>(read_tensor(bytes({0x10, 11}) + field(10, bytes({0, 0, 0, 0, 0, 0, 0xf8, 0x3f})))) ==
        1.5);
  CHECK(number<bool>(read_tensor(bytes({0x10, 9}) + field(9, bytes({7})))));
  CHECK(read_tensor(bytes({0x10, 8}) + field(6, "text")).type == dtype::none);

  const auto refused = [](const std::string& message) {
    CHECK_THROWS_AS(read_tensor(message), tenon::io_error);
  };
  refused(shape + bytes({0x10, 3}) + field(9, bytes({1, 2, 3, 4, 5})));      // an element too few
  refused(shape + bytes({0x10, 1}) + field(9, bytes({1, 2, 3, 4, 5, 6})));   // floats have 4 bytes
  refused(shape + field(9, bytes({1, 2, 3, 4, 5, 6})));                      // no dtype
  refused(shape + bytes({0x10, 99}) + field(9, bytes({1, 2, 3, 4, 5, 6})));  // none that is known
  refused(field(1, minus_one) + bytes({0x10, 3}));
  const std::string huge = bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40});  // 2^62
  refused(field(1, huge + huge) + bytes({0x10, 3}));
  refused(field(1, huge) + bytes({0x10, 3}));
}

TEST_CASE("a model cut anywhere is an error or less of a model") {
  const std::string tensor = field(1, bytes({2})) + bytes({0x10, 3}) + field(9, bytes({1, 2}));
  const std::string attribute = field(1, "value") + field(5, tensor);
  const std::string node = field(2, "y") + field(4, "Constant") + field(5, attribute);
  const std::string type = field(1, bytes({0x08, 3}));
  const std::string graph = field(1, node) + field(12, field(1, "y") + field(2, type));
  const std::string whole = field(7, graph) + field(8, bytes({0x10, 17}));
  const model m = read_model(whole);
  CHECK(m.opset == 17);
  REQUIRE(m.nodes.size() == 1);
  CHECK(m.nodes[0].op == "Constant");
  CHECK(m.nodes[0].attributes.at("value").tensor.extent == extent_list{2});
  CHECK(m.output.at(0).name == "y");
  CHECK(m.output.at(0).type == dtype::int8);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string cut(whole.data(), n);  // of its own, so that a sanitizer sees a read beyond it
    try {
      const model part = read_model(cut);
      CHECK((part.nodes.empty() || part.opset == 0));
    } catch (const tenon::io_error&) {
    }
  }
}

}  // namespace onnx

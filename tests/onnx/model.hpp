// The parts of ONNX's ModelProto that its node tests have: a graph of nodes with attributes, and tensors.
#pragma once

#include <map>

#include "protobuf.hpp"
#include "value.hpp"

namespace onnx {

/// ONNX's numbers of dtypes.
inline dtype dtype_numbered(std::int64_t number) {
  constexpr dtype of[] = {dtype::none,       dtype::float32, dtype::uint8,  dtype::int8,   dtype::uint16,
                          dtype::int16,      dtype::int32,   dtype::int64,  dtype::none,   dtype::boolean,
                          dtype::float16,    dtype::float64, dtype::uint32, dtype::uint64, dtype::complex64,
                          dtype::complex128, dtype::bfloat16};
  if (number < 1 || number > 16) throw tenon::io_error("onnx: a tensor is of no known dtype");
  return of[number];
}

/// A TensorProto. Throws io_error where the elements are not as many as the extents say.
inline value read_tensor(std::string_view message, std::string* name = nullptr) {
  value v;
  std::string_view raw;
  bool is_raw = false;
  std::vector<std::int64_t> whole;
  std::vector<double> real;
  std::vector<float> single;
  std::int64_t number = 0;
  for (fields f(message); f.next();) switch (f.number()) {
      case 1:
        f.integers([&](std::int64_t n) { v.extent.push_back(n); });
        break;
      case 2:
        number = f.integer();
        break;
      case 4:
        f.reals<float>([&](float x) { single.push_back(x); });
        break;
      case 5:
      case 7:
      case 11:
        f.integers([&](std::int64_t n) { whole.push_back(n); });
        break;
      case 8:
        if (name) *name = f.bytes();
        break;
      case 9:
        raw = f.bytes();
        is_raw = true;
        break;
      case 10:
        f.reals<double>([&](double x) { real.push_back(x); });
        break;
      case 13:
        throw tenon::io_error("onnx: a tensor's elements are in another file");
    }
  v.type = dtype_numbered(number);
  if (v.type == dtype::none) return v;
  index n =
      1;  // the extents are a stranger's: their product may not fit, and memory is for elements that are there
  for (const index e : v.extent) {
    if (e < 0 || (n > 0 && e > (index(1) << 40) / n))
      throw tenon::io_error("onnx: a tensor has no such extents");
    n *= e;
  }
  const index size = size_of(v.type);
  const auto expect = [&](std::size_t have, index each) {
    if (index(have) != n * each)
      throw tenon::io_error("onnx: a tensor has not as many elements as its shape");
    v.bytes.resize(std::size_t(n * size));
  };
  if (is_raw) {
    expect(raw.size(), size);
    if (n > 0) std::memcpy(v.bytes.data(), raw.data(), raw.size());
  } else if (v.type == dtype::float32 || v.type == dtype::complex64) {
    expect(single.size(), size / 4);
    if (n > 0) std::memcpy(v.bytes.data(), single.data(), v.bytes.size());
  } else if (v.type == dtype::float64 || v.type == dtype::complex128) {
    expect(real.size(), size / 8);
    if (n > 0) std::memcpy(v.bytes.data(), real.data(), v.bytes.size());
  } else {  // 16-bit floats by their bits
    expect(whole.size(), 1);
    for (std::size_t i = 0; i < whole.size(); ++i)
      std::memcpy(v.bytes.data() + i * std::size_t(size), &whole[i], std::size_t(size));
  }
  if (v.type == dtype::boolean)
    for (char& b : v.bytes) b = b != 0;
  return v;
}

/// An AttributeProto: what of it is there.
struct attribute {
  double real = 0;
  index integer = 0;
  std::string text;
  std::vector<double> reals;
  extent_list integers;
  value tensor;
};

struct node {
  std::string op;
  std::vector<std::string> input, output;
  std::map<std::string, attribute> attributes;
};

/// An operand or a result of a whole model.
struct declared {
  std::string name;
  dtype type = dtype::none;
};

struct model {
  index opset = 0;
  std::vector<node> nodes;
  std::vector<declared> input, output;
  std::map<std::string, value> constants;
  bool only_tensors = true;  // no input or output is a sequence or an optional
};

inline node read_node(std::string_view message) {
  node n;
  for (fields f(message); f.next();) switch (f.number()) {
      case 1:
        n.input.emplace_back(f.bytes());
        break;
      case 2:
        n.output.emplace_back(f.bytes());
        break;
      case 4:
        n.op = f.bytes();
        break;
      case 5: {
        attribute a;
        std::string name;
        for (fields g(f.bytes()); g.next();) switch (g.number()) {
            case 1:
              name = g.bytes();
              break;
            case 2:
              a.real = double(g.real());
              break;
            case 3:
              a.integer = g.integer();
              break;
            case 4:
              a.text = g.bytes();
              break;
            case 5:
              a.tensor = read_tensor(g.bytes());
              break;
            case 7:
              g.reals<float>([&](float x) { a.reals.push_back(double(x)); });
              break;
            case 8:
              g.integers([&](std::int64_t x) { a.integers.push_back(x); });
              break;
          }
        n.attributes[name] = std::move(a);
        break;
      }
    }
  return n;
}

/// A ValueInfoProto; `tensor` becomes false where it is of another kind.
inline declared read_declared(std::string_view message, bool& tensor) {
  declared d;
  for (fields f(message); f.next();) {
    if (f.number() == 1) d.name = f.bytes();
    if (f.number() != 2) continue;
    for (fields type(f.bytes()); type.next();) {
      if (type.number() != 1) {
        tensor = tensor && type.number() == 6;  // a name for what the type stands for
        continue;
      }
      for (fields g(type.bytes()); g.next();)
        if (g.number() == 1) d.type = dtype_numbered(g.integer());
    }
  }
  return d;
}

inline model read_model(std::string_view message) {
  model m;
  for (fields f(message); f.next();) {
    if (f.number() == 8) {
      index version = 0;
      std::string domain;
      for (fields g(f.bytes()); g.next();) {
        if (g.number() == 1) domain = g.bytes();
        if (g.number() == 2) version = g.integer();
      }
      if (domain.empty()) m.opset = version;
    }
    if (f.number() != 7) continue;
    for (fields g(f.bytes()); g.next();) switch (g.number()) {
        case 1:
          m.nodes.push_back(read_node(g.bytes()));
          break;
        case 5: {
          std::string name;
          value v = read_tensor(g.bytes(), &name);
          m.constants[name] = std::move(v);
          break;
        }
        case 11:
          m.input.push_back(read_declared(g.bytes(), m.only_tensors));
          break;
        case 12:
          m.output.push_back(read_declared(g.bytes(), m.only_tensors));
          break;
      }
  }
  return m;
}

}  // namespace onnx

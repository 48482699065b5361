// ONNX's node tests: models of one operator (some written out in simpler ones) with operands and results that others
// made. They come with the Debian package libonnx-testdata, or in a folder that TENON_ONNX_DATA names. What Tenon makes
// of each is in docs/onnx.md, which is compared with what is found here; with TENON_ONNX_UPDATE=1 it is written anew.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "operators.hpp"

namespace onnx {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw tenon::io_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The folder of the node tests, or an empty path.
fs::path data_folder() {
  const char* named = std::getenv("TENON_ONNX_DATA");
  const fs::path root = named ? named : "/usr/share/libonnx-testdata";
  for (const char* part : {"data/node", "node", ""})
    if (fs::exists(root / part / "test_abs/model.onnx")) return root / part;
  return {};
}

operators all_operators() {
  operators t;
  for (const auto add :
       {add_functions, add_arithmetic, add_extrema, add_comparisons, add_activations, add_reductions,
        add_ordering, add_products, add_einsum, add_extents, add_rearranging, add_tiling, add_indexing,
        add_creation, add_casts, add_quantization, add_normalization, add_losses, add_updates})
    add(t);
  return t;
}

/// Why there is nothing for some operators.
std::string reason_for(const std::string& op) {
  const std::pair<const char*, std::set<std::string>> reasons[] = {
      {"a layer, still to come",
       {"AveragePool", "Conv", "ConvInteger", "ConvTranspose", "GRU", "LSTM", "MaxPool", "MaxUnpool",
        "QLinearConv", "RNN", "Resize", "Upsample"}},
      {"control flow, sequences and optional values are C++'s own",
       {"If", "Loop", "Scan", "OptionalGetElement", "OptionalHasElement", "SequenceEmpty", "SequenceInsert",
        "SequenceLength", "SequenceMap"}},
      {"text", {"StringNormalizer", "TfIdfVectorizer"}},
      {"Fourier transforms, still to come", {"DFT", "MelWeightMatrix", "STFT"}},
      {"detection in images", {"GridSample", "NonMaxSuppression", "RoiAlign"}},
      {"random numbers of another generator", {"Bernoulli", "RandomUniformLike"}}};
  for (const auto& [why, ops] : reasons)
    if (ops.count(op)) return why;
  return "";
}

/// Models whose data is not what the model says.
std::string error_of_data(const std::string& name) {
  if (name == "test_adam_multiple")
    return "the data was made with an epsilon of 1e-2, which the model leaves out";
  if (name.find("cast") != std::string::npos && name.find("FLOAT_to_BFLOAT16") != std::string::npos)
    return "the data cuts the bits of bfloat16 off; Tenon rounds, as later versions of ONNX do";
  return "";
}

/// Elements equal, floating-point numbers up to ONNX's tolerances; else where they differ.
std::string difference(const value& got, const value& expected) {
  if (got.type != expected.type)
    return std::string("dtype ") + name_of(got.type) + ", expected " + name_of(expected.type);
  if (got.extent != expected.extent) {
    std::string text = "extents";
    for (const index e : got.extent) text += " " + std::to_string(e);
    text += ", expected";
    for (const index e : expected.extent) text += " " + std::to_string(e);
    return text;
  }
  return tenon::detail::with_type(got.type, [&]<class T>(T) -> std::string {
    const auto a = flat<T>(got), b = flat<T>(expected);
    for (index i = 0; i < a.size(); ++i) {
      if constexpr (tenon::complex_number<T>) {
        if (!(a(i) == b(i))) return "element " + std::to_string(i);
      } else if constexpr (tenon::is_floating(tenon::dtype_of<T>)) {
        const double x = double(T(a(i))), y = double(T(b(i)));
        const bool equal =
            x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-7 + 1e-3 * std::abs(y);
        if (!equal)
          return "element " + std::to_string(i) + " is " + std::to_string(x) + ", expected " +
                 std::to_string(y);
      } else if (T(a(i)) != T(b(i))) {
        return "element " + std::to_string(i) + " is " + std::to_string(T(a(i))) + ", expected " +
               std::to_string(T(b(i)));
      }
    }
    return "";
  });
}

/// Evaluates the nodes in order; values by name.
void evaluate(const model& m, const operators& table, std::map<std::string, value>& values) {
  for (const node& n : m.nodes) {
    const auto op = table.find(n.op);
    if (op == table.end()) throw not_applicable(reason_for(n.op));
    call c{n, {}, m.opset};
    for (const std::string& name : n.input) c.in.push_back(name.empty() ? nullptr : &values.at(name));
    results r = op->second(c);
    if (r.size() < n.output.size()) throw not_applicable("a result that the harness does not map");
    for (std::size_t i = 0; i < n.output.size(); ++i)
      if (!n.output[i].empty()) values[n.output[i]] = std::move(r[i]);
  }
}

/// Throws not_applicable, or gives what went wrong; empty where all is well.
std::string run_model(const fs::path& folder, const model& m, const operators& table) {
  for (const node& n : m.nodes)
    if (!table.count(n.op)) throw not_applicable(reason_for(n.op));
  const std::string wrong_data = error_of_data(folder.filename().string());
  if (!wrong_data.empty()) throw not_applicable(wrong_data);
  if (!m.only_tensors) throw not_applicable(reason_for("If"));
  int sets = 0;
  for (; fs::exists(folder / ("test_data_set_" + std::to_string(sets))); ++sets) {
    const fs::path data = folder / ("test_data_set_" + std::to_string(sets));
    const auto tensor = [&](const char* kind, std::size_t i, dtype type) {
      value v = read_tensor(read_file(data / (kind + std::to_string(i) + ".pb")));
      // NumPy has no bfloat16: the data has the bits.
      if (type == dtype::bfloat16 && v.type == dtype::uint16) v.type = type;
      return v;
    };
    std::map<std::string, value> values = m.constants;
    std::size_t given = 0;
    for (const auto& [name, type] : m.input)
      if (!m.constants.count(name)) values[name] = tensor("input_", given++, type);
    try {
      evaluate(m, table, values);
      for (std::size_t i = 0; i < m.output.size(); ++i) {
        const value expected = tensor("output_", i, m.output[i].type);
        if (expected.type == dtype::none) throw not_applicable("strings");
        const std::string wrong = difference(values.at(m.output[i].name), expected);
        if (!wrong.empty()) return "result " + std::to_string(i) + ": " + wrong;
      }
    } catch (const tenon::error& e) {
      return e.what();
    } catch (const std::out_of_range&) {
      return "a value is missing";
    }
  }
  return sets > 0 ? "" : "no data";
}

struct tally {
  int models = 0, passed = 0, failed = 0, left = 0;
  std::set<std::string> why;
};

std::string page(const std::map<std::string, tally>& tallies, const tally& total) {
  std::ostringstream out;
  out << "# ONNX's node tests\n\n"
         "The models of the Debian package `libonnx-testdata` (ONNX 1.12), run by\n"
         "[`tests/onnx`](../tests/onnx) with Tenon's functions, with ONNX's tolerances (rtol 1e-3, atol "
         "1e-7; integers and\n"
         "bools exactly). Models of an operator written out in simpler ones count with that operator. The "
         "test\n"
         "`onnx/nodes_test` compares this page with what it finds; `TENON_ONNX_UPDATE=1 onnx/nodes_test` "
         "writes it.\n\n"
      << total.models << " models: " << total.passed << " pass, " << total.failed << " fail, " << total.left
      << " do not apply.\n\n"
         "| operator | models | passed | failed | not applicable | why |\n|---|---|---|---|---|---|\n";
  for (const auto& [op, n] : tallies) {
    out << "| " << op << " | " << n.models << " | " << n.passed << " | " << n.failed << " | " << n.left
        << " | ";
    const char* between = "";
    for (const std::string& why : n.why) {
      out << between << why;
      between = "; ";
    }
    out << " |\n";
  }
  return out.str();
}

}  // namespace

TEST_CASE("ONNX's node tests give what ONNX says") {
  const fs::path folder = data_folder();
  if (folder.empty()) {
    MESSAGE("skipped: no node tests of ONNX here (Debian: libonnx-testdata; or set TENON_ONNX_DATA)");
    return;
  }
  const operators table = all_operators();
  std::map<std::string, tally> tallies;
  tally total;
  std::set<fs::path> models;
  for (const auto& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "model.onnx")) models.insert(entry.path());
  for (const fs::path& path : models) {
    const std::string name = path.filename().string();
    const model m = read_model(read_file(path / "model.onnx"));
    // An expanded model counts with the one it expands.
    fs::path whole = path;
    if (name.ends_with("_expanded")) whole.replace_filename(name.substr(0, name.size() - 9));
    const model named = models.count(whole) ? read_model(read_file(whole / "model.onnx")) : m;
    REQUIRE(!named.nodes.empty());
    tally& t = tallies[named.nodes.back().op];
    int tally::*where = &tally::passed;
    try {
      const std::string wrong = run_model(path, m, table);
      if (!wrong.empty()) {
        where = &tally::failed;
        t.why.insert(wrong);
        MESSAGE(name << ": " << wrong);
      }
    } catch (const not_applicable& e) {
      where = &tally::left;
      t.why.insert(e.what());
      // A reason must be one that somebody gave.
      CHECK_MESSAGE(*e.what() != '\0', name << " has an operator that is neither mapped nor accounted for");
    }
    for (tally* n : {&t, &total}) {
      ++n->models;
      ++(n->*where);
    }
  }
  MESSAGE("ONNX node tests: " << total.models << " models, " << total.passed << " passed, " << total.failed
                              << " failed, " << total.left << " not applicable");
  CHECK(total.failed == 0);

  const fs::path file = fs::path(TENON_SOURCE_DIR) / "docs/onnx.md";
  const std::string text = page(tallies, total);
  if (std::getenv("TENON_ONNX_UPDATE")) std::ofstream(file, std::ios::binary) << text;
  if (total.models == 932) {  // of the version that the page is about
    CHECK(total.passed >= 758);
    CHECK_MESSAGE(read_file(file) == text,
                  "docs/onnx.md is not what was found; TENON_ONNX_UPDATE=1 writes it");
  }
}

}  // namespace onnx

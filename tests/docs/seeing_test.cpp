// docs/seeing.md shows what the library prints: its tables and its JSON, word for word.
#include <tenon/ops/reduction.hpp>
#include <tenon/seeing.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

struct residual {
  nn::dense<64, 64, "first"> first;
  nn::tanh activation;
  nn::dense<64, 64, "second"> second;
  auto operator()(const auto& x) const { return x + second(activation(first(x))); }
};
using network = nn::sequential<nn::dense<57, 64>, residual, nn::relu, nn::dense<64, 2>>;

}  // namespace

TEST_CASE("docs/seeing.md is up to date") {
  constexpr variable<"x", float, "batch", 32> X;
  constexpr variable<"w", float, 32, 32> W;
  constexpr variable<"b", float, 32> B;
  constexpr variable<"v", float, 32, 4> V;
  constexpr variable<"y", float, "batch", 4> Y;
  const auto h = tanh(matmul(X, W) + B) + X;
  const auto mse = mean(square(matmul(h, V) - Y));
  const std::string page = read_file(std::string(TENON_SOURCE_DIR) + "/docs/seeing.md");
  const auto shows = [&](const std::string& text) {
    INFO("docs/seeing.md has to show:\n" << text);
    CHECK(test::contains(page, text));
  };
  shows("```\n" + explain(mse) + "```\n");
  shows("```\n" + explain(mse, mode::train, wrt<"w", "b", "v">, extent_of<"batch"> = 128) + "```\n");
  shows("```\n" + summary(network{}, spec<float, "batch", 57>{}) + "```\n");
  shows("```json\n" + to_json(tanh(matmul(X, W)) * 0.5_c) + "```\n");
  shows("// \"" + flops(mse).text() + "\"\n");
  shows("// \"" + bytes_moved(mse).text() + "\"\n");
  std::string refusal = test::thrown<io_error>([&] { check_json(h, to_json(mse), "mse.json"); });
  shows("`" + refusal + "`");
  // the picture is of this plan: it has its ops and shapes
  const std::string svg = to_svg(mse, mode::train, wrt<"w", "b", "v">);
  const std::string shown = read_file(std::string(TENON_SOURCE_DIR) + "/docs/seeing.svg");
  const auto texts = [](const std::string& s) {
    std::string out;
    for (std::size_t at = 0; (at = s.find("<text ", at)) != std::string::npos;) {
      at = s.find('>', at) + 1;
      out += s.substr(at, s.find('<', at) - at) + "\n";
    }
    return out;
  };
  INFO("docs/seeing.svg: write_file(..., to_svg(mse, mode::train, wrt<\"w\", \"b\", \"v\">))");
  CHECK(texts(svg) == texts(shown));
}

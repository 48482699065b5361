// Formulas in names say the same as the numbers at sizes: their text is evaluated and compared.
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/symbol/cost.hpp>

#include "../support.hpp"

#include <map>

using namespace tenon;

namespace {

const variable<"n", float, "batch", "time", 10> N;
const variable<"x", float, "batch", 10> X;
const variable<"w", float, 10, 10> W;
const variable<"y", int, "batch"> Y;

/// Sums of products of numbers, names and up64(...).
class evaluator {
 public:
  evaluator(std::string text, std::map<std::string, tenon::index> sizes)
      : text_(std::move(text)), sizes_(std::move(sizes)) {}
  tenon::index run() {
    const tenon::index n = sum();
    REQUIRE(at_ == text_.size());
    return n;
  }

 private:
  bool take(const std::string& what) {
    if (text_.compare(at_, what.size(), what) != 0) return false;
    at_ += what.size();
    return true;
  }
  tenon::index sum() {
    tenon::index n = take("-") ? -product() : product();
    for (;;) {
      if (take(" + "))
        n += product();
      else if (take(" - "))
        n -= product();
      else
        return n;
    }
  }
  tenon::index product() {
    tenon::index n = factor();
    while (take("*")) n *= factor();
    return n;
  }
  tenon::index factor() {
    if (take("up64(")) {
      const tenon::index n = sum();
      REQUIRE(take(")"));
      return (n + 63) / 64 * 64;
    }
    std::string word;
    while (at_ < text_.size() && std::string(" +*()").find(text_[at_]) == std::string::npos)
      word += text_[at_++];
    REQUIRE_FALSE(word.empty());
    if (word[0] >= '0' && word[0] <= '9') return std::stoll(word);
    REQUIRE(sizes_.count(word) == 1);
    return sizes_[word];
  }
  std::string text_;
  std::map<std::string, tenon::index> sizes_;
  std::size_t at_ = 0;
};

template <class Formula, class... Size>
void check_formula(const Formula& formula, const std::map<std::string, tenon::index>& sizes,
                   const Size&... given) {
  CAPTURE(formula.text());
  CHECK(evaluator(formula.text(), sizes).run() == formula(given...));
}
/// Options are mode and wrt; sizes come in twice, by name and for the evaluator.
template <class E, class Mode, class... Size>
void check_all(const E& e, Mode m, bool large, const std::map<std::string, tenon::index>& sizes,
               const Size&... given) {
  check_formula(flops(e, m), sizes, given...);
  check_formula(bytes_read(e, m), sizes, given...);
  check_formula(bytes_written(e, m), sizes, given...);
  check_formula(bytes_moved(e, m), sizes, given...);
  check_formula(argument_bytes(e, m), sizes, given...);
  check_formula(unplanned_bytes(e, m), sizes, given...);
  if (!large) return;  // which arrays share memory depends on sizes
  check_formula(arena_bytes(e, m), sizes, given...);
  check_formula(peak_bytes(e, m), sizes, given...);
}
template <class E>
void check_batch(const E& e) {
  for (const tenon::index n : {1, 7, 100, 5040, 100000}) {  // 0: a sum of nothing has no -1 additions
    CAPTURE(n);
    check_all(e, mode::predict, n >= 5040, {{"batch", n}}, extent_of<"batch"> = n);
    check_all(e, mode::train, n >= 5040, {{"batch", n}}, extent_of<"batch"> = n);
  }
}

}  // namespace

TEST_CASE("one name") {
  const auto logits = matmul(tanh(matmul(X, W)) + X, W);
  check_batch(logits);
  check_batch(-mean(pick(log_softmax(logits), Y)));
  check_batch(sum(concat<1>(exp(X), X) * 2_c));
}

TEST_CASE("two names, and a view that is copied") {
  const auto e = sum(reshape<"time", "batch", 10>(permute<1, 0, 2>(exp(matmul(N, W)))));
  for (const auto& [b, t] : {std::pair<tenon::index, tenon::index>{3, 4}, {5040, 10080}, {10080, 20160}}) {
    CAPTURE(b);
    check_all(e, mode::predict, b >= 5040, {{"batch", b}, {"time", t}}, extent_of<"batch"> = b,
              extent_of<"time"> = t);
    check_all(e, mode::train, b >= 5040, {{"batch", b}, {"time", t}}, extent_of<"batch"> = b,
              extent_of<"time"> = t);
  }
}

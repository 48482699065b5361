// Trains a spam classifier on the UCI Spambase e-mails: 57 counts of words and letters, spam or not.
//
// One forward function serves three ways of running it: statement by statement (imperative), as a symbolic graph
// bound to arrays (symbolic), and as a compiled step (compiled).
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/io/gzip.hpp"
#include "tenon/io/svg.hpp"
#include "tenon/tenon.hpp"

#ifndef TENON_EXAMPLE_DATA
#define TENON_EXAMPLE_DATA "examples/data"
#endif

namespace {

using namespace tenon;
using matrix = tensor<float, "batch", 57>;
using labels = tensor<std::int32_t, "batch">;

using logistic = nn::sequential<nn::dense<57, 2>>;
using mlp = nn::sequential<nn::dense<57, 64>, nn::tanh, nn::dense<64, 2>>;

struct settings {
  std::string model = "mlp", api = "compiled", data = TENON_EXAMPLE_DATA "/spambase.csv.gz", save, plot;
  tenon::index epochs = 30, batch = 64, folds = 0;
  double lr = 0.003;
  std::uint64_t seed = 1;
  bool quiet = false;
};

constexpr const char* help =
    "spam: trains a classifier on the UCI Spambase e-mails\n"
    "  --model logistic|mlp                  default mlp\n"
    "  --api imperative|symbolic|compiled    default compiled\n"
    "  --epochs N   --batch N   --lr X   --seed N\n"
    "  --data FILE       the e-mails, .csv or .csv.gz\n"
    "  --save FILE.npz   writes the weights\n"
    "  --plot FILE.svg   draws loss and accuracy over the epochs\n"
    "  --folds K         cross-validates instead, K folds\n"
    "  --quiet           prints the last line only\n";

[[noreturn]] void refuse(const std::string& line) { throw usage_error(line + "; see --help"); }

double number(const std::string& name, const std::string& text, double least) {
  char* end = nullptr;
  const double v = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0 || !(v >= least) || !std::isfinite(v))
    refuse(name + ": expected a number of at least " + std::to_string(least).substr(0, 4) + ", got \"" +
           text + "\"");
  return v;
}
tenon::index whole(const std::string& name, const std::string& text, tenon::index least) {
  const double v = number(name, text, double(least));
  if (v != double(tenon::index(v))) refuse(name + ": expected a whole number, got \"" + text + "\"");
  return tenon::index(v);
}
std::string one_of(const std::string& name, const std::string& text, std::vector<std::string> choices) {
  std::string listed;
  for (const std::string& c : choices) {
    if (c == text) return text;
    listed += (listed.empty() ? "" : "|") + c;
  }
  refuse(name + ": expected " + listed + ", got \"" + text + "\"");
}

settings parse(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "-h") {
      std::fputs(help, stdout);
      std::exit(0);
    }
    if (name == "--quiet") {
      s.quiet = true;
      continue;
    }
    if (i + 1 == argc) refuse(name + ": expected a value after it, or no such option");
    const std::string v = argv[++i];
    if (name == "--model")
      s.model = one_of(name, v, {"logistic", "mlp"});
    else if (name == "--api")
      s.api = one_of(name, v, {"imperative", "symbolic", "compiled"});
    else if (name == "--epochs")
      s.epochs = whole(name, v, 1);
    else if (name == "--batch")
      s.batch = whole(name, v, 1);
    else if (name == "--lr")
      s.lr = number(name, v, 0);
    else if (name == "--seed")
      s.seed = std::uint64_t(whole(name, v, 0));
    else if (name == "--data")
      s.data = v;
    else if (name == "--save")
      s.save = v;
    else if (name == "--plot")
      s.plot = v;
    else if (name == "--folds")
      s.folds = whole(name, v, 2);
    else
      refuse(name + ": no such option");
  }
  return s;
}

struct emails {
  tensor<float, dyn, 57> features;
  tensor<std::int32_t, dyn> spam;
};

emails read_emails(const std::string& path) {
  const csv_table table = read_csv_gz(path, {.words = {"nonspam", "spam"}});
  if (table.columns != 58)
    throw io_error(path + ": expected 58 columns (57 features and the class), got " +
                   std::to_string(table.columns));
  emails e{zeros<float, dyn, 57>(table.rows), zeros<std::int32_t>(table.rows)};
  for (tenon::index r = 0; r < table.rows; ++r) {
    // counts have heavy tails: their logarithms separate the classes better
    const auto refuse_cell = [&](tenon::index column, const char* expected) {
      throw io_error(path + ":" + std::to_string(r + 1 + tenon::index(!table.header.empty())) + ":" +
                     std::to_string(column + 1) + ": expected " + expected + ", got " +
                     std::to_string(table.at(r, column)));
    };
    for (tenon::index c = 0; c < 57; ++c) {
      if (!(table.at(r, c) >= 0)) refuse_cell(c, "a count of at least 0");
      e.features.own()[r * 57 + c] = float(std::log1p(table.at(r, c)));
    }
    const double label = table.at(r, 57);
    if (label != 0 && label != 1) refuse_cell(57, "class 0 or 1");
    e.spam.own()[r] = std::int32_t(label);
  }
  return e;
}

/// The forward function of every model and every way of running it.
constexpr auto loss_of = [](const auto& model, const auto& x, const auto& y) {
  return loss::softmax_cross_entropy(model(x), y);
};

/// One pass over the training rows; `step(x, y)` does one batch and gives its loss.
template <class Step>
double train_epoch(generator& g, const settings& s, const matrix& x, const labels& y, Step step) {
  double sum = 0;
  for (const auto& rows : batches(g, x.extent(0), s.batch)) {
    const matrix xb = take_rows(x, rows);
    const labels yb = take_rows(y, rows);
    sum += step(xb, yb) * double(rows.size());
  }
  return sum / double(x.extent(0));
}

struct history {
  std::vector<double> loss, accuracy;
};

template <class Model>
history train(Model& model, const settings& s, const matrix& x, const labels& y, const matrix& xt,
              const labels& yt) {
  generator order(s.seed + 1);
  optim::adam opt{.lr = s.lr};
  auto predict =
      compile([](const auto& m, const auto& in) { return m(in); }, model, spec<float, "batch", 57>{});
  progress bar("training", s.epochs);
  bar.quiet(s.quiet);
  history h;
  const auto run = [&](auto step) {
    for (tenon::index epoch = 1; epoch <= s.epochs; ++epoch) {
      h.loss.push_back(train_epoch(order, s, x, y, step));
      h.accuracy.push_back(accuracy(predict(model, xt), yt));
      char note[64];
      std::snprintf(note, sizeof note, "loss %.4f accuracy %.3f", h.loss.back(), h.accuracy.back());
      bar.update(epoch, note);
    }
  };
  if (s.api == "imperative") {
    run([&](const matrix& xb, const labels& yb) {
      const auto [value, gradients] = value_and_grad(loss_of)(model, xb, yb);
      opt.step(model, gradients);
      return double(value.item());
    });
  } else if (s.api == "symbolic") {
    const variable<"x", float, "batch", 57> X;
    const variable<"y", std::int32_t, "batch"> Y;
    auto ex = bind(loss_of(model, X, Y), cpu(0), wrt<"parameters">);
    run([&](const matrix& xb, const labels& yb) {
      ex.forward(mode::train, arg<"x"> = xb, arg<"y"> = yb);
      ex.backward();
      opt.step(model, ex.gradients());
      return double(ex.output().item());
    });
  } else {
    auto step = compile_step(loss_of, opt, model, spec<float, "batch", 57>{}, spec<std::int32_t, "batch">{});
    run([&](const matrix& xb, const labels& yb) { return double(step(model, xb, yb).item()); });
  }
  bar.finish();
  return h;
}

template <class Model>
double fit_and_test(const settings& s, const emails& all, const row_split& rows, bool report) {
  standardiser scale;
  const auto raw = take_rows(all.features, rows.train);
  scale.fit(raw);
  const matrix x = scale.apply(raw), xt = scale.apply(take_rows(all.features, rows.test));
  const labels y = take_rows(all.spam, rows.train), yt = take_rows(all.spam, rows.test);
  Model model;
  generator g(s.seed);
  initialise(model, g);
  if (report && !s.quiet) {
    std::printf("%s", summary(model).c_str());
    std::printf("%lld e-mails to train, %lld to test\n", (long long)x.extent(0), (long long)xt.extent(0));
    std::fflush(stdout);
  }
  const history h = train(model, s, x, y, xt, yt);
  const auto logits = eval(model(xt));
  if (report) {
    if (!s.quiet)
      std::printf("%s", to_text(confusion_matrix(predicted_labels(logits), yt, 2), {"mail", "spam"}).c_str());
    if (!s.save.empty()) save(model, s.save);
    if (!s.plot.empty()) {
      svg_plot loss("training loss", "epoch", "cross-entropy"), acc("test accuracy", "epoch", "accuracy");
      loss.line("loss", h.loss);
      acc.line("accuracy", h.accuracy);
      write_file(s.plot, svg_document({loss, acc}, 2));
    }
  }
  return accuracy(logits, yt);
}

template <class Model>
void run(const settings& s) {
  const emails all = read_emails(s.data);
  generator g(s.seed);
  if (s.folds == 0) {
    const double a = fit_and_test<Model>(s, all, train_test_split(g, all.spam.extent(0), 0.2), true);
    std::printf("test accuracy: %.3f\n", a);
    return;
  }
  std::vector<double> results;
  for (const row_split& fold : k_folds(g, all.spam.extent(0), s.folds)) {
    results.push_back(fit_and_test<Model>(s, all, fold, false));
    if (!s.quiet) std::printf("fold %zu: %.4f\n", results.size(), results.back());
  }
  const mean_and_error m = mean_with_error(results);
  std::printf("test accuracy: %.3f +- %.3f (standard error over %zu folds)\n", m.mean, m.error,
              results.size());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const settings s = parse(argc, argv);
    if (s.model == "mlp")
      run<mlp>(s);
    else
      run<logistic>(s);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "spam: %s\n", e.what());
    return 1;
  }
}

// compile_step against value_and_grad and an optimiser's step, to the bit; what it refuses and does not touch.
#include <tenon/autodiff/scan.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/optim/adam.hpp>
#include <tenon/optim/compile_step.hpp>

#include "../symbol/models.hpp"

using namespace tenon;

namespace {

using mlp = test::net<6, 9, 3>;

struct residual {
  nn::dense<6, 8> first;
  nn::dense<8, 8> a, b;
  nn::dense<8, 3> last;
  auto operator()(const auto& x) const {
    const auto h = first(x);
    return last(h + b(tenon::relu(a(h))));
  }
};
/// One layer twice, and a matrix forwards and backwards.
struct shared {
  nn::dense<6, 6> layer;
  parameter<float, 6, 3> tied;
  auto operator()(const auto& x) const {
    const auto h = layer(tenon::tanh(layer(x)));
    return matmul(matmul(matmul(h, tied), transpose(tied)), tied);
  }
};

template <class Model, class Step, class Train>
void compare(Model& a, Model& b, Step step, Train train) {
  bool bits = true;
  for (int i = 0; i < 10; ++i) {
    const tenon::index n = i == 7 ? 3 : 20;  // plans are placed anew for another batch
    const auto x = test::features<6>(n, 0.1 * i);
    const auto y = test::classes(n, 3, i);
    const auto one = step(a, x, y, i), other = train(b, x, y, i);
    bits = bits && test::same_bits(one, other) && test::hash_of(a) == test::hash_of(b);
  }
  CHECK(bits);
}

/// Ten steps of one optimiser in a compiled step and beside one, its rate changing.
template <class Model, class... Optimiser>
void follows(const Optimiser&... make) {
  auto first = test::started<Model>(), second = first;
  auto grads =
      compile(value_and_grad(test::loss_of), first, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  const auto with = [&](auto made) {
    const auto start = test::hash_of(first);
    auto opt = made(), other = made();
    auto train =
        compile_step(test::loss_of, other, second, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
    compare(
        first, second,
        [&](auto& m, const auto& x, const auto& y, int i) {
          opt.lr = i < 5 ? 0.1 : 0.05;
          const auto& [value, gradients] = grads(m, x, y);
          opt.step(m, gradients);
          return value;
        },
        [&](auto& m, const auto& x, const auto& y, int i) {
          other.lr = i < 5 ? 0.1 : 0.05;
          return train(m, x, y);
        });
    CHECK(test::hash_of(first) != start);
  };
  (with(make), ...);
}

constexpr auto plain = [] { return optim::sgd{}; };
constexpr auto decay = [] { return optim::sgd{.weight_decay = 0.02}; };
constexpr auto heavy = [] { return optim::sgd{.momentum = 0.9, .weight_decay = 0.02}; };
constexpr auto adam = [] { return optim::adam{}; };

struct threads {
  explicit threads(int n) { set_num_threads(n); }
  ~threads() { set_num_threads(0); }
};

struct words {
  parameter<float, 5, 6> table;
  nn::dense<6, 3> out;
  auto operator()(const auto& ids) const { return out(take<0>(table, ids)); }
};
/// w's gradient is there at once, the places are looked at last.
struct late {
  parameter<float, 100> w;
  parameter<float, 6, 3> v;
  static constexpr auto loss = [](const auto& m, const auto& x, const auto& places) {
    return sum(square(m.w)) + sum(take<0>(tenon::tanh(matmul(tenon::tanh(x), m.v)), places));
  };
};
/// Reads w again, in a condition, long after its gradient is there.
struct again {
  parameter<float, 3> w;
  parameter<float, 6, 3> v;
  static constexpr auto loss = [](const auto& m, const auto& x) {
    const auto h = tenon::tanh(matmul(tenon::tanh(x), m.v));
    return sum(square(m.w)) + sum(where(h > m.w, h, h * 0.5f));
  };
};
struct recurrent {
  nn::dense<6, 5> in;
  nn::dense<5, 5, "state"> state;
  nn::dense<5, 3> out;
  auto operator()(const auto& rows) const {
    const auto start = in(slice<0, 0, 1>(rows)) * 0.f;
    return out(
        scan([this](const auto& h, const auto& x) { return tenon::tanh(in(expand_dims<0>(x)) + state(h)); },
             start, rows));
  }
};
struct matrix {
  parameter<float, 64, 64> w;
};
struct spare {
  nn::dense<6, 3> used;
  parameter<float, 4> unused;
  auto operator()(const auto& x) const { return used(x); }
};
struct scale {
  parameter<float, 80> w;
};

}  // namespace

TEST_CASE("a compiled step is value_and_grad and an optimiser's step, to the bit") {
  for (const int n : {1, 2}) {
    CAPTURE(n);
    const threads restore(n);
    SUBCASE("mlp") { follows<mlp>(plain, decay, heavy, adam); }
    SUBCASE("residual") { follows<residual>(plain, decay, heavy, adam); }
    SUBCASE("layers used twice") { follows<shared>(plain, decay, heavy, adam); }
  }
}

TEST_CASE("a plan with a loop in it") {
  const auto loss = [](const auto& m, const auto& x) { return sum(square(m(x))); };
  auto a = test::started<recurrent>(), b = a;
  optim::adam opt{.lr = 0.1};
  auto grads = compile(value_and_grad(loss), a, spec<float, "batch", 6>{});
  auto train = compile_step(loss, optim::adam{.lr = 0.1}, b, spec<float, "batch", 6>{});
  for (int i = 0; i < 10; ++i) {
    const auto x = test::features<6>(4 + i % 2);
    const auto& [value, gradients] = grads(a, x);
    opt.step(a, gradients);
    CHECK(test::same_bits(train(b, x), value));
    CHECK(test::hash_of(a) == test::hash_of(b));
  }
}

TEST_CASE("gradients that a kernel makes of products and parameters") {
  const auto loss = [](const auto& m, const auto& x, const auto& y) {
    return test::loss_of(m, x, y) + sum(square(m.first.weight)) * 0.01f + sum(abs(m.last.weight)) * 0.02f +
           sum(square(matmul(m.b.weight, m.b.weight)));
  };
  auto a = test::started<residual>(), b = a;
  optim::adam opt{.lr = 0.1};
  auto grads = compile(value_and_grad(loss), a, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  auto train =
      compile_step(loss, optim::adam{.lr = 0.1}, b, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  compare(
      a, b,
      [&](auto& m, const auto& x, const auto& y, int) {
        const auto& [value, gradients] = grads(m, x, y);
        opt.step(m, gradients);
        return value;
      },
      [&](auto& m, const auto& x, const auto& y, int) { return train(m, x, y); });
}

TEST_CASE("a gradient that takes over the memory of a product, while other values are where it will be") {
  const auto loss = [](const auto& m, const auto& x) {
    const auto h = tenon::tanh(matmul(tenon::tanh(matmul(x, m.w)), m.w));
    return sum(square(tenon::tanh(matmul(h, transpose(m.w))))) * 0.01f + sum(square(m.w)) * 0.1f +
           sum(square(tenon::tanh(matmul(m.w, x)))) * 0.01f;
  };
  auto a = test::started<matrix>(), b = a;
  generator g(1);
  const auto x = eval(normal<float, 64, 64>(g) * 0.1f);
  optim::sgd opt{.lr = 0.1};
  auto grads = compile(value_and_grad(loss), a, spec<float, 64, 64>{});
  auto train = compile_step(loss, optim::sgd{.lr = 0.1}, b, spec<float, 64, 64>{});
  for (int i = 0; i < 3; ++i) {
    const auto& [value, gradients] = grads(a, x);
    opt.step(a, gradients);
    CHECK(test::same_bits(train(b, x), value));
    CHECK(test::hash_of(a) == test::hash_of(b));
  }
}

TEST_CASE("gradients share memory") {
  struct two {
    nn::dense<64, 64> a, b;
  } model;
  const auto loss = [](const auto& m, const auto& x) { return sum(square(m.b(tenon::tanh(m.a(x))))); };
  auto train = compile_step(loss, optim::sgd{}, model, spec<float, "batch", 64>{});
  train(model, test::features<64>(1));
  CHECK(train.arena_bytes() < 2 * 64 * 64 * 4);  // b's is used up before a's is there
}

TEST_CASE("copies of the model stay as they were, and the step goes on with what the model is") {
  auto model = test::started<mlp>();
  auto train = compile_step(test::loss_of, optim::adam{.lr = 0.1}, model, spec<float, "batch", 6>{},
                            spec<std::int32_t, "batch">{});
  const auto x = test::features<6>(8);
  const auto y = test::classes(8, 3);
  const auto first = train(model, x, y);
  const float before = first.item();
  const mlp copy = model;
  const auto kept = test::hash_of(copy);
  const auto second = train(model, x, y);
  CHECK(test::hash_of(copy) == kept);
  CHECK(test::hash_of(model) != kept);
  CHECK(first.item() == before);
  CHECK(second.item() < before);
  CHECK(train.optimiser().steps == 2);
  model = copy;
  CHECK(test::same_bits(train(model, x, y), second));
  auto moved = std::move(train);
  moved.optimiser().lr = 0;
  const auto now = test::hash_of(model);
  moved(model, x, y);
  CHECK(test::hash_of(model) == now);
}

TEST_CASE("what fails leaves model and optimiser as they were") {
  auto model = test::started<words>();
  optim::adam opt{.lr = 0.1};
  auto train =
      compile_step(test::loss_of, opt, model, spec<std::int32_t, "batch">{}, spec<std::int32_t, "batch">{});
  const auto y = test::classes(4, 3);
  train(model, tensor<std::int32_t, dyn>{0, 1, 4, 1}, y);
  const auto before = test::hash_of(model);
  SUBCASE("a place that is not there, found by a step of the plan") {
    CHECK_THROWS_AS(train(model, tensor<std::int32_t, dyn>{0, 1, 5, 1}, y), index_error);
  }
  SUBCASE("extents that do not fit") {
    CHECK_THROWS_AS(train(model, tensor<std::int32_t, dyn>{0, 1}, y), shape_error);
  }
  SUBCASE("a rate") {
    opt.lr = -1;
    CHECK_THROWS_AS(train(model, tensor<std::int32_t, dyn>{0, 1, 4, 1}, y), usage_error);
    opt.lr = 0.1;
  }
  SUBCASE("another model") {
    words other = model;
    CHECK(test::contains(test::thrown<usage_error>([&] { train(other, y, y); }), "another model"));
    CHECK(test::hash_of(other) == before);
  }
  CHECK(test::hash_of(model) == before);
  CHECK(opt.steps == 1);
  train(model, tensor<std::int32_t, dyn>{0, 1, 4, 1}, y);
  CHECK(opt.steps == 2);
  CHECK(test::hash_of(model) != before);
}

TEST_CASE("no parameter is changed while a step of the plan may fail") {
  late model;
  model.w = ones<float>(100);
  optim::sgd opt{.lr = 0.1};
  auto train = compile_step(late::loss, opt, model, spec<float, "batch", 6>{}, spec<std::int32_t, 2>{});
  const auto before = test::hash_of(model);
  CHECK_THROWS_AS(train(model, test::features<6>(4), tensor<std::int32_t, 2>{0, 4}), index_error);
  CHECK(test::hash_of(model) == before);
  train(model, test::features<6>(4), tensor<std::int32_t, 2>{0, 3});
  CHECK(model.w(5) == 1 - 0.1f * 2);
}

TEST_CASE("a parameter is changed when the last step that reads it has run") {
  again a;
  a.w = tensor<float, 3>{0.1f, 0.2f, -0.1f};
  a.v = ones<float>(6, 3) * 0.125f;
  again b = a;
  optim::sgd opt{.lr = 0.4};
  auto grads = compile(value_and_grad(again::loss), a, spec<float, "batch", 6>{});
  auto train = compile_step(again::loss, optim::sgd{.lr = 0.4}, b, spec<float, "batch", 6>{});
  for (int i = 0; i < 3; ++i) {
    const auto& [value, gradients] = grads(a, test::features<6>(9));
    opt.step(a, gradients);
    CHECK(test::same_bits(train(b, test::features<6>(9)), value));
    CHECK(test::hash_of(a) == test::hash_of(b));
  }
}

TEST_CASE("a parameter that the loss does not read is refused") {
  spare model;
  CHECK(test::contains(test::thrown<usage_error>([&] {
                         compile_step(test::loss_of, optim::sgd{}, model, spec<float, "batch", 6>{},
                                      spec<std::int32_t, "batch">{});
                       }),
                       "has no gradient"));
}

TEST_CASE("arguments that are the model's own parameters, or views of them, mean their values at the call") {
  const auto loss = [](const auto& m, const auto& x) {
    return sum(square(m.w)) + sum(square(m.w * 2.f)) * 0.5f + sum(m.w * x) + sum(square(x));
  };
  scale a, b, c;
  a.w = arange<float>(0, 80) * 0.01f;
  b.w = a.w + 0.f;
  c.w = a.w + 0.f;
  auto train_a = compile_step(loss, optim::sgd{.lr = 0.1}, a, spec<float, 80>{});
  auto train_b = compile_step(loss, optim::sgd{.lr = 0.1}, b, spec<float, 80>{});
  auto train_c = compile_step(loss, optim::sgd{.lr = 0.1}, c, spec<float, dyn>{});
  auto view = c.w.slice(range(0, 80));
  for (int i = 0; i < 3; ++i) {
    const tensor<float, 80> own = a.w + 0.f;
    const auto first = train_a(a, own), second = train_b(b, b.w), third = train_c(c, view);
    CHECK(test::same_bits(first, second));
    CHECK(test::same_bits(first, third));
    CHECK(test::same_bits(a.w, b.w));
    CHECK(test::same_bits(a.w, c.w));
  }
}

TEST_CASE("one optimiser serves compiled steps and steps of its own") {
  auto model = test::started<mlp>(), other = model;
  optim::adam opt{.lr = 0.05}, same{.lr = 0.05};
  auto train =
      compile_step(test::loss_of, opt, model, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  auto grads =
      compile(value_and_grad(test::loss_of), model, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  auto reference =
      compile_step(test::loss_of, same, other, spec<float, "batch", 6>{}, spec<std::int32_t, "batch">{});
  const auto x = test::features<6>(8);
  const auto y = test::classes(8, 3);
  for (int i = 0; i < 6; ++i) {
    if (i % 2 == 0)
      train(model, x, y);
    else
      opt.step(model, grads(model, x, y).gradient);
    reference(other, x, y);
  }
  CHECK(test::hash_of(model) == test::hash_of(other));
}

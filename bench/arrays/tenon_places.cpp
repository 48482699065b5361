// Gathers, sorting, choice by masks.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

void tenon_places() {
  generator g{1};
  const auto table = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 50'000, 64));
  const auto rows = std::make_shared<tensor<std::int64_t, dyn>>(zeros<std::int64_t>(10'000));
  for (tenon::index i = 0; i < 10'000; ++i) rows->own()[i] = (i * 7919) % 50'000;
  const auto taken = std::make_shared<tensor<float, dyn, dyn>>(zeros<float>(10'000, 64));
  add("take 10000 rows of [50000, 64]", "tenon", [=] {
    *taken = take<0>(*table, *rows);
    keep(taken->flat());
  });

  const auto line = std::make_shared<tensor<float, dyn>>(uniform<float>(g, 1'000'000));
  const auto sorted = std::make_shared<tensor<float, dyn>>(*line);
  const auto order = std::make_shared<tensor<std::int64_t, dyn>>(zeros<std::int64_t>(1'000'000));
  add("sort 1000000", "tenon", [=] {
    *sorted = sort(*line);
    keep(sorted->flat());
  });
  add("argsort 1000000", "tenon", [=] {
    *order = argsort(*line);
    keep(order->flat());
  });
  const auto x = std::make_shared<tensor<float, dyn, dyn>>(uniform<float>(g, 1000, 1000));
  const auto y = std::make_shared<tensor<float, dyn, dyn>>(*x);
  add("sort [1000, 1000] axis 1", "tenon", [=] {
    *y = sort(*x);
    keep(y->flat());
  });
  const auto places = std::make_shared<tensor<std::int64_t, dyn, dyn>>(zeros<std::int64_t>(1000, 10));
  add("topk 10 of [1000, 1000]", "tenon", [=] {
    *places = topk<10>(*x);
    keep(places->flat());
  });
  const auto along = std::make_shared<tensor<std::int64_t, dyn, dyn>>(argsort(*x));
  add("take_along_axis [1000, 1000]", "tenon", [=] {
    *y = take_along_axis(*x, *along);
    keep(y->flat());
  });
  add("x[x > 0.5] 1000000", "tenon", [=] { keep(std::as_const(*line)[*line > 0.5f].flat()); });
  add("cumsum [1000, 1000] axis 1", "tenon", [=] {
    *y = cumsum<1>(*x);
    keep(y->flat());
  });
}

}  // namespace arrays

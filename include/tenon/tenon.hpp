// Everything for the CPU: arrays, operations, symbols, derivatives, models and training. Headers that need a
// library of their own stand apart: tenon/io/gzip.hpp.
#pragma once

// what checks operands comes first, so that compilers reach it by one step when they say where an error is
#include "tenon/graph/apply.hpp"
#include "tenon/ops/elementwise.hpp"
#include "tenon/ops/reduction.hpp"
#include "tenon/ops/shape.hpp"

#include "tenon/array/create.hpp"
#include "tenon/array/random.hpp"
#include "tenon/array/tensor.hpp"
#include "tenon/autodiff/check.hpp"
#include "tenon/autodiff/transforms.hpp"
#include "tenon/data/dataset.hpp"
#include "tenon/init/init.hpp"
#include "tenon/io/csv.hpp"
#include "tenon/io/tensors.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/metric/classification.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/nn/model.hpp"
#include "tenon/ops/composite.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/sgd.hpp"
#include "tenon/symbol/compile.hpp"
#include "tenon/symbol/executor.hpp"
#include "tenon/train/progress.hpp"

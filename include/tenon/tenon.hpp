// Everything for the CPU: arrays, operations, symbols, derivatives, models and training.
#pragma once

#include "tenon/array/create.hpp"
#include "tenon/array/tensor.hpp"
#include "tenon/ops/composite.hpp"

// All that shows what a computation is and costs: explain, costs as constants, budgets, drawings, JSON,
// summaries of models. Not part of tenon.hpp: units that look at nothing need not read it (half a second of
// 3).
#pragma once

// First, so that the compiler's way to what refuses something is short where a unit includes this one alone.
#include "tenon/tenon.hpp"

#include "tenon/nn/summary.hpp"
#include "tenon/optim/step_outline.hpp"
#include "tenon/symbol/budget.hpp"
#include "tenon/symbol/cost.hpp"
#include "tenon/symbol/draw.hpp"
#include "tenon/symbol/explain.hpp"
#include "tenon/symbol/json.hpp"

#pragma once

#include "bench/costs.h"
#include "bench/json_file.h"
#include "bench/results.h"

namespace inlier {

/// Parts of results.json that are also kept in files of their own. From… throws the exceptions of
/// nlohmann's library when a member is missing or has another type.
BenchJson ToJson(const MethodCosts& costs);
MethodCosts CostsFromJson(const BenchJson& json);
BenchJson ToJson(const BuildCost& cost);
BuildCost BuildCostFromJson(const BenchJson& json);
BenchJson ToJson(const LearningCost& cost);
LearningCost LearningCostFromJson(const BenchJson& json);
BenchJson ToJson(const CorruptionFigures& figures);
CorruptionFigures CorruptionFiguresFromJson(const BenchJson& json);

}  // namespace inlier

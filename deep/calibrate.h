#pragma once

#include <span>
#include <vector>

#include "deep/model_config.h"

namespace inlier {

struct Calibrated {
  Calibration calibration;
  double first_hit = 0;  // share of the views that are nearest to their own item
};

/// Fits the log-odds that the nearest item is right to its similarity and margin, by logistic
/// regression. `views[i]` shows `items[i]`; all vectors have unit length. Nothing can be learnt
/// from fewer than three items, and all numbers are then 0.
Calibrated Calibrate(std::span<const std::vector<float>> items,
                     std::span<const std::vector<float>> views);

}  // namespace inlier

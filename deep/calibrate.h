#pragma once

#include <span>
#include <vector>

#include "deep/model_config.h"

namespace inlier {

struct Calibrated {
  Calibration calibration;
  double first_hit = 0;  // share of the views whose own item comes first
};

/// Fits the log-odds of a first hit to its similarity and margin by logistic regression. `views[i]`
/// shows `items[i]`; all are of unit length. Each view is asked twice: with all items, where the
/// hit is right if it is its own, and without its own, where any hit is wrong. No calibration (all
/// zero) from fewer than three items.
Calibrated Calibrate(std::span<const std::vector<float>> items,
                     std::span<const std::vector<float>> views);

}  // namespace inlier

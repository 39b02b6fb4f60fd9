#pragma once

#include "inlier/answer.h"

namespace inlier {

/// Log-odds that the item is in the photo: a logistic regression, fitted by benchmarks/calibrate.py
/// on real photos with SIFT features (docs/EVALUATION.md).
double Score(const Evidence& evidence);
double Probability(double score);

}  // namespace inlier

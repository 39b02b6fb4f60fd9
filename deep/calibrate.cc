// How sure is a hit? Fitted on views whose item is known.
//
// Each view is compared with all items, and its nearest item is right if it is the view's own. It
// is compared once more without its own item, and then any nearest item is wrong: this is what a
// photo of something that is not in the catalogue looks like. Logistic regression then explains
// "right" by the cosine of the nearest item and by its margin over the second. It is fitted by
// Newton's method, with a tiny prior and steps of limited length, because synthetic views are often
// separable without an error.
#include "deep/calibrate.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

namespace inlier {
namespace {

constexpr int kIterations = 200;
// L2 penalty of the weights other than the offset, for each sample. It keeps them finite where a
// threshold separates right from wrong without an error.
constexpr double kPrior = 1e-6;

struct Sample {
  double similarity = 0, margin = 0;
  bool right = false;
};

// The similarity of the nearest item and its margin over the second nearest. `own` is the right
// item; with `without_own` it is not in the catalogue.
Sample NearestItem(std::span<const float> cosines, std::size_t own, bool without_own) {
  std::size_t best = cosines.size();
  float second = -1;
  for (std::size_t i = 0; i < cosines.size(); ++i) {
    if (without_own && i == own) continue;
    if (best == cosines.size() || cosines[i] > cosines[best]) {
      if (best < cosines.size()) second = cosines[best];
      best = i;
    } else {
      second = std::max(second, cosines[i]);
    }
  }
  return {cosines[best], cosines[best] - second, !without_own && best == own};
}

// Newton's method for the weights that are used; the others are 0.
Calibration Fit(const std::vector<Sample>& samples, bool use_similarity, bool use_margin) {
  Eigen::Vector3d weights = Eigen::Vector3d::Zero();
  const Eigen::Vector3d used(1, use_similarity, use_margin);
  const double n = static_cast<double>(samples.size());
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    Eigen::Vector3d gradient = -n * kPrior * weights.cwiseProduct(Eigen::Vector3d(0, 1, 1));
    Eigen::Matrix3d hessian = Eigen::Matrix3d::Identity() * 1e-9 +
                              n * kPrior * Eigen::Vector3d(0, 1, 1).asDiagonal().toDenseMatrix();
    for (const Sample& sample : samples) {
      const Eigen::Vector3d x =
          Eigen::Vector3d(1, sample.similarity, sample.margin).cwiseProduct(used);
      const double p = 1 / (1 + std::exp(-weights.dot(x)));
      gradient += (sample.right - p) * x;
      hessian += p * (1 - p) * x * x.transpose();
    }
    const Eigen::Vector3d step = hessian.ldlt().solve(gradient);
    weights += step * std::min(1.0, 5 / std::max(step.norm(), 1e-12));
    if (step.norm() < 1e-9) break;
  }
  return {weights[0], weights[1], weights[2]};
}

}  // namespace

Calibrated Calibrate(std::span<const std::vector<float>> items,
                     std::span<const std::vector<float>> views) {
  Calibrated calibrated;
  if (items.size() < 3) return calibrated;
  std::vector<Sample> samples;
  std::vector<float> cosines(items.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (std::size_t j = 0; j < items.size(); ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < views[i].size(); ++k) sum += views[i][k] * items[j][k];
      cosines[j] = sum;
    }
    samples.push_back(NearestItem(cosines, i, false));
    calibrated.first_hit += samples.back().right / static_cast<double>(views.size());
    samples.push_back(NearestItem(cosines, i, true));
  }
  // A nearer hit must never be less likely: a weight below zero is dropped and the other one fitted
  // alone.
  calibrated.calibration = Fit(samples, true, true);
  if (calibrated.calibration.similarity < 0) calibrated.calibration = Fit(samples, false, true);
  if (calibrated.calibration.margin < 0) calibrated.calibration = Fit(samples, true, false);
  return calibrated;
}

}  // namespace inlier

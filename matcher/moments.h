#pragma once

#include <algorithm>

namespace inlier {

/// The sums that means, variances and the covariance of pairs of values are made from.
struct Moments {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  void Add(double x, double y) { n += 1, a += x, b += y, aa += x * x, bb += y * y, ab += x * y; }
  double Covariance() const { return ab / n - a / n * b / n; }
  double VarianceA() const { return std::max(0.0, aa / n - a / n * a / n); }
  double VarianceB() const { return std::max(0.0, bb / n - b / n * b / n); }
};

}  // namespace inlier

#include "engine/decision.h"

#include <cmath>

namespace inlier {

double Score(const Evidence& e) {
  if (e.inliers == 0) return -12.0 + 4.0 * e.votes;
  return -8.0 + 2.5 * std::log(1.0 + e.inliers) + 4.0 * e.agreement + 2.0 * e.colour;
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

}  // namespace inlier

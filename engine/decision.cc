#include "engine/decision.h"

#include <algorithm>
#include <cmath>

namespace inlier {

double Score(const Evidence& e) {
  // Without geometry only the order of the votes is left; any geometry outranks it.
  if (e.inliers == 0) return -12.0 + 4.0 * e.votes;
  return 0.2441 + 7.0910 * e.item_coverage + 0.4346 * std::log(e.photo_share + 0.003) +
         2.0495 * e.agreement * e.visible + 2.0919 * e.colour - 2.1587 * e.colour_shift -
         9.1190 * e.colour_error + 0.9254 * std::clamp(e.vote_margin, -2.0, 2.0);
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

}  // namespace inlier

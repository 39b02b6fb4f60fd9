// Siblings of one brand share logos and layouts, so that several of them often fit one place of the
// photo. What tells them apart is how the rest looks. A hypothesis is therefore compared with the
// best of its rivals: where another item looks better, it is hardly the right one, however well it
// would fit alone.
#include "engine/rivals.h"

#include <algorithm>

#include "engine/score.h"

namespace inlier {
namespace {

// Two hits claim the same place when more than this share of the weaker one's inliers lies within
// the stronger one's outline.
constexpr double kSamePlace = 0.5;

// How much of the item the photo shows as it should look.
double Alike(const Hypothesis& hypothesis) {
  return hypothesis.hit.evidence.agreement * hypothesis.hit.evidence.visible;
}

bool AreRivals(const Features& photo, const Hypothesis& a, const Hypothesis& b) {
  return a.hit.polygon && b.hit.polygon && !b.items.empty() && !AreTheSame(a, b) &&
         (ClaimSamePlace(photo, a, b) || ClaimSamePlace(photo, b, a));
}

}  // namespace

bool ClaimSamePlace(const Features& photo, const Hypothesis& stronger, const Hypothesis& weaker) {
  if (weaker.inliers.empty()) return false;
  std::size_t inside = 0;
  for (const FeatureMatch& match : weaker.inliers) {
    inside += Contains(*stronger.hit.polygon, photo.keypoints[match.photo].point);
  }
  return static_cast<double>(inside) > kSamePlace * static_cast<double>(weaker.inliers.size());
}

void CompareRivals(const Features& photo, std::span<Hypothesis> hypotheses) {
  for (Hypothesis& own : hypotheses) {
    double margin = kMostAgreementMargin;
    for (const Hypothesis& other : hypotheses) {
      if (&other != &own && AreRivals(photo, own, other))
        margin = std::min(margin, Alike(own) - Alike(other));
    }
    own.hit.evidence.agreement_margin = margin;
  }
}

}  // namespace inlier

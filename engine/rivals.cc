// Siblings of one brand share logos and layouts, so that several of them often fit one place of the
// photo. What tells them apart is how the rest looks. A hypothesis is therefore compared with the
// best of its rivals: where another item looks better, the hypothesis is hardly right, however well
// it would fit alone.
#include "engine/rivals.h"

#include <algorithm>

#include "engine/score.h"
#include "matcher/outline.h"

namespace inlier {
namespace {

// Two hits claim the same place when more than this share of the weaker one's inliers lies within
// the stronger one's outline.
constexpr double kSamePlace = 0.5;

// How much of the item the photo shows as it should look.
double Alike(const Hypothesis& hypothesis) {
  return hypothesis.hit.evidence.agreement * hypothesis.hit.evidence.visible;
}

bool AreRivals(const Hypothesis& a, const Hypothesis& b) {
  return a.hit.polygon && b.hit.polygon && !b.items.empty() && !AreTheSame(a, b) &&
         (ClaimSamePlace(a.hit, b.hit) || ClaimSamePlace(b.hit, a.hit));
}

}  // namespace

bool ClaimSamePlace(const Hit& stronger, const Hit& weaker) {
  if (!stronger.polygon || weaker.matches.empty()) return false;
  const auto inside = std::ranges::count_if(weaker.matches, [&stronger](const MatchedPoint& match) {
    return Contains(*stronger.polygon, match.photo);
  });
  return static_cast<double>(inside) > kSamePlace * static_cast<double>(weaker.matches.size());
}

void CompareRivals(std::span<Hypothesis> hypotheses) {
  for (Hypothesis& own : hypotheses) {
    double margin = kMaxAgreementMargin;
    for (const Hypothesis& other : hypotheses) {
      if (&other != &own && AreRivals(own, other))
        margin = std::min(margin, Alike(own) - Alike(other));
    }
    own.hit.evidence.agreement_margin = margin;
  }
}

}  // namespace inlier

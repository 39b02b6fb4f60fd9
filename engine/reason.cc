// Why a hit is not accepted. Its weighted evidence is compared with that of a usual correct hit,
// and the part that falls short the most is the reason. A sentence says that to people, and what
// helps.
#include "engine/reason.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "matcher/outline.h"

namespace inlier {
namespace {

// Of outlines whose side is a smaller part of the photo's long side, few are accepted.
constexpr double kSmall = 0.1;
// Of items that repeat themselves, .6 to .9 of the features that vote fit many places; of others,
// hardly any.
constexpr double kPattern = 0.6;
// Of photos that were blurred by 2 px and more (of 800) and then not accepted, nine in ten have a
// sharpness below this; of the others, accepted or not, hardly any.
constexpr double kBlurred = 0.4;
constexpr int kSomeMatches = 12;  // this many should have an outline

// The medians of the correct hits among the photos of docs/EVALUATION.md.
constexpr Evidence kUsual{.inliers = 60,
                          .matches = 120,
                          .item_coverage = 0.53,
                          .descriptor_agreement = 0.74,
                          .colour_shift = 0.16,
                          .colour_error = 0.2,
                          .colour_differs = 0.06,
                          .agreement_margin = kMaxAgreementMargin};

struct Words {
  std::string_view word, text, hint;
};

constexpr Words WordsOf(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      break;
    case Reason::kFewInliers:
      return {"few_inliers", "too little of the item was recognised",
              "take the photo closer, sharper and with more light"};
    case Reason::kImplausibleOutline:
      return {"implausible_outline", "the matches fit no outline that a flat item could have",
              "take the photo straight on"};
    case Reason::kTooSmall:
      return {"too_small", "the item is too small in the photo", "go closer"};
    case Reason::kBlurred:
      return {"blurred", "the photo is blurred where the item is",
              "hold the camera still, and focus on the item"};
    case Reason::kLooksDifferent:
      return {"looks_different", "the picture looks different where the item should be",
              "take the photo straight on, with nothing in front of the item"};
    case Reason::kDiffers:
      return {"differs", "the colours of a part differ",
              "it may be a similar item that is not in the catalogue"};
    case Reason::kRepeats:
      return {"repeats", "the item's picture repeats itself, so that its place is not certain",
              "show an edge of it, or something that is there only once"};
    case Reason::kTwinPreferred:
      return {"twin_preferred", "another item in the same place fits better", ""};
  }
  return {};
}

}  // namespace

Reason ReasonFor(const Hit& hit, bool outdone, double photo_side_px, const ScoreWeights& weights) {
  const Evidence& e = hit.evidence;
  if (!outdone && e.repeats > kPattern) return Reason::kRepeats;
  if (!hit.polygon)
    return e.matches >= kSomeMatches ? Reason::kImplausibleOutline : Reason::kFewInliers;
  if (outdone) return Reason::kTwinPreferred;
  if (std::sqrt(Area_px(*hit.polygon)) < kSmall * photo_side_px) return Reason::kTooSmall;
  const Contributions usual = Contribute(kUsual, weights), own = Contribute(e, weights);
  const bool beaten = e.agreement_margin < 0;
  const std::array<std::pair<double, Reason>, 4> lacking{
      {{usual.matches - own.matches, Reason::kFewInliers},
       {usual.texture - own.texture, Reason::kLooksDifferent},
       {usual.colours - own.colours, Reason::kDiffers},
       {beaten ? usual.rivals - own.rivals : 0, Reason::kTwinPreferred}}};
  const Reason most =
      std::ranges::max_element(lacking, {}, &std::pair<double, Reason>::first)->second;
  const bool by_blur = most == Reason::kFewInliers || most == Reason::kLooksDifferent;
  return by_blur && e.sharpness < kBlurred ? Reason::kBlurred : most;
}

std::string_view ReasonWord(Reason reason) { return WordsOf(reason).word; }
std::string_view ReasonText(Reason reason) { return WordsOf(reason).text; }
std::string_view ReasonHint(Reason reason) { return WordsOf(reason).hint; }

}  // namespace inlier

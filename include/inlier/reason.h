#pragma once

#include <string_view>

#include "inlier/export.h"

namespace inlier {

/// Why a hit was not accepted: something obvious (no outline, too small, another item in its
/// place), or else what it lacks most compared with a usual correct hit.
enum class Reason {
  kNone,                // it was accepted, was not examined, or is a hit of embeddings
  kFewInliers,          // too few matches agree, or they cover too little of the item
  kImplausibleOutline,  // there are matches, but no outline that a flat item could have
  kTooSmall,            // the item would be too small in the photo to tell
  kBlurred,             // the photo is so blurred there that little could be recognised
  kLooksDifferent,      // the picture looks different where the item should be
  kDiffers,             // it looks alike, but the colours of a part differ
  kRepeats,             // the item is a pattern, and its place in it is not certain
  kTwinPreferred        // another item that claims the same place fits better
};

/// The word that scripts read: "few_inliers", "implausible_outline", "too_small", "blurred",
/// "looks_different", "differs", "repeats", "twin_preferred"; empty for kNone. Words may be added.
INLIER_EXPORT std::string_view ReasonWord(Reason reason);
/// For people: what is wrong, as a sentence without a full stop. Empty for kNone.
INLIER_EXPORT std::string_view ReasonText(Reason reason);
/// What a person can do about it, likewise; empty when there is nothing.
INLIER_EXPORT std::string_view ReasonHint(Reason reason);

}  // namespace inlier

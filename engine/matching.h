#pragma once

#include <cmath>

#include "deep/xfeat.h"
#include "inlier/options.h"

namespace inlier {

/// The options of the matcher for the features of a method. XFeat's descriptors have much in common
/// (the mean of those of a picture is about two thirds as long as one of them), so the distances to
/// the two nearest differ less: the ratio test uses the square root of the option.
inline MatcherOptions MatchingOf(const EngineOptions& options) {
  MatcherOptions match = options.match;
  if (options.extract.method == kXfeatMethod) match.ratio = std::sqrt(match.ratio);
  return match;
}

}  // namespace inlier

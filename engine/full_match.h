#pragma once

#include <memory>
#include <optional>

#include "core/result.h"
#include "engine/hypothesis.h"
#include "engine/matching.h"
#include "engine/score.h"
#include "index/item.h"
#include "inlier/comparison.h"
#include "inlier/image.h"
#include "inlier/options.h"
#include "matcher/appearance.h"
#include "matcher/matcher.h"

namespace inlier {

/// A photo prepared for matching. Photo and features must outlive it.
struct PhotoView {
  PhotoView(const Image& photo, const Features& of_photo, const EngineOptions& options)
      : features(of_photo),
        matcher(of_photo, MatchingOf(options)),
        appearance(std::make_shared<const PhotoAppearance>(photo)),
        weights(WeightsFor(options.extract.method)) {}
  /// The same photo with some of its features.
  PhotoView(const PhotoView& other, const Features& some, const EngineOptions& options)
      : features(some),
        matcher(some, MatchingOf(options)),
        appearance(other.appearance),
        weights(other.weights) {}
  const Features& features;
  PhotoMatcher matcher;
  std::shared_ptr<const PhotoAppearance> appearance;
  const ScoreWeights& weights;
};

/// Matches a face with a photo in full, verifies the matches by geometry, and compares the
/// pictures. The evidence of votes and of rivals is left as it is.
void MatchInFull(const PhotoView& photo, const StoredFace& face, Hypothesis& hypothesis);

/// Adds to a comparison what people can look at: the matches that do not agree with its geometry
/// (all matches when there is none), and the blocks that look alike or do not.
void Illustrate(const PhotoView& photo, const StoredFace& face, Comparison& comparison);

/// Computes score and probability from a hit's evidence.
void Rescore(const ScoreWeights& weights, Hit& hit);

}  // namespace inlier

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/decide.h"
#include "engine/item_filter.h"
#include "engine/score.h"
#include "index/collection.h"
#include "matcher/appearance.h"
#include "matcher/matcher.h"

namespace inlier {

/// A photo prepared for matching. Photo and features must outlive it.
struct PhotoView {
  PhotoView(const Image& photo, const Features& of_photo, const EngineOptions& options)
      : features(of_photo),
        matcher(of_photo, options.match),
        appearance(photo),
        weights(WeightsFor(options.extract.method)) {}
  const Features& features;
  PhotoMatcher matcher;
  PhotoAppearance appearance;
  const ScoreWeights& weights;
};

/// Makes whole faces of these: see Collection::FetchDescriptors.
using FetchWholeFaces =
    std::function<Result<std::vector<std::optional<StoredFace>>>(std::vector<FaceKeypoints> faces)>;

/// Matches, verifies and scores the shortlisted faces, in the order of the shortlist. Faces that
/// were removed meanwhile are left out. `fetch` is asked for the faces that are matched. Errors:
/// its own.
Result<std::vector<Hypothesis>> Rerank(const PhotoView& photo, std::vector<FaceKeypoints> faces,
                                       std::span<const Candidate> shortlist,
                                       const QueryFilter& filter, const DecisionOptions& options,
                                       const FetchWholeFaces& fetch);

}  // namespace inlier

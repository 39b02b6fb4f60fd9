#pragma once

#include <span>
#include <vector>

#include "core/features.h"
#include "deep/model_config.h"
#include "engine/decision.h"
#include "index/collection.h"
#include "inlier/answer.h"

namespace inlier {

/// Hits of a photo whose features are embeddings: no geometry, so an item's place is the region of
/// the photo that it is nearest to, and its probability comes from how near, and how much nearer
/// than the best other item. Several items may be accepted, one a region. `items` as fetched for
/// the shortlist; those that are gone are left out. Order as JudgeCandidates: accepted ones first,
/// then by score.
std::vector<Hit> AnswerByEmbedding(const Features& photo, std::span<const StoredItem> items,
                                   std::span<const Candidate> shortlist,
                                   const Calibration& calibration, const DecisionOptions& options);

/// The nearest rows of two images, as a shortlist of one.
Candidate CompareEmbeddings(const Features& photo, const Features& item);

}  // namespace inlier

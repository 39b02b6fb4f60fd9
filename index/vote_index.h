#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/snapshot.h"
#include "index/vocabulary.h"
#include "inlier/options.h"

namespace inlier {

/// True for features that a vocabulary can be trained on and that can be assigned to its cells, as
/// far as their shape goes: bytes or bits, whole rows, no more of them than a posting can number.
bool AreLocalFeatures(const Features& features);

/// Trains a vocabulary on all rows of these. Errors: kInvalidArgument.
Result<std::shared_ptr<const Vocabulary>> TrainOn(std::span<const Features* const> features,
                                                  int cells, std::uint32_t seed, int threads);

/// The inverted lists of LocalIndex without a store: faces are added in memory and are never
/// removed. Search is safe from many threads while nobody adds.
class VoteIndex {
 public:
  explicit VoteIndex(std::shared_ptr<const Vocabulary> vocabulary);

  /// Errors: kInvalidArgument (features of another shape).
  Result<FaceNumber> Add(const Features& features);
  std::uint32_t size() const { return static_cast<std::uint32_t>(counts_.size()); }
  /// As LocalIndex::Search.
  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options) const;

 private:
  Snapshot snapshot_;
  FeatureCounts counts_;
  FaceKeys keys_;
};

}  // namespace inlier

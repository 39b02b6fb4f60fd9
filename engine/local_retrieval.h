#pragma once

#include "engine/retrieval.h"

namespace inlier {

/// Retrieval by local features: votes make a shortlist, the best of it is matched again in full,
/// verified by geometry, compared by appearance, and decided (Philbin et al., CVPR 2007, with the
/// stages of docs/ARCHITECTURE.md).
class LocalRetrieval : public Retrieval {
 public:
  explicit LocalRetrieval(const EngineOptions& options) : options_(options) {}

  Status Find(const Collection& collection, const Question& question, StageClock& clock,
              Answer& answer) const override;
  Result<std::optional<Hit>> Match(const Image& photo, const Features& of_photo, const Image& item,
                                   const Features& of_item) const override;

 private:
  EngineOptions options_;
};

}  // namespace inlier

#pragma once

#include <array>
#include <memory>
#include <vector>

#include "deep/model_config.h"
#include "engine/hybrid/hybrid_extractor.h"
#include "engine/local_retrieval.h"
#include "engine/retrieval.h"
#include "extractor/extractor.h"

namespace inlier {

/// Retrieval by local features and global ones of the same faces. What the photo shows is found and
/// accepted as LocalRetrieval does it, and is what it would be without the rest: nothing is
/// accepted because it looks alike. After those come the items that look alike, which are named
/// when nothing is accepted.
class HybridRetrieval : public Retrieval {
 public:
  /// `extractor` makes the local features alone, for looks at regions. `calibrations`: by space.
  HybridRetrieval(const EngineOptions& options, std::unique_ptr<const Extractor> extractor,
                  std::unique_ptr<const LocalRetrieval> local,
                  std::array<Calibration, kHybridSpaces> calibrations)
      : options_(options),
        extractor_(std::move(extractor)),
        local_(std::move(local)),
        calibrations_(calibrations) {}

  Status Find(const CatalogueView& catalogue, const Question& question, StageClock& clock,
              Answer& answer) const override;
  /// By local features alone.
  Result<Comparison> Compare(const Image& photo, const Features& of_photo,
                             const StoredFace& face) const override;

 private:
  EngineOptions options_;
  std::unique_ptr<const Extractor> extractor_;
  std::unique_ptr<const LocalRetrieval> local_;
  std::array<Calibration, kHybridSpaces> calibrations_;
};

}  // namespace inlier

#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/hypothesis.h"
#include "engine/retrieval.h"
#include "extractor/extractor.h"

namespace inlier {

/// Retrieval by local features: votes make a shortlist, the best of it is matched again in full,
/// verified by geometry, compared by appearance, and decided (Philbin et al., CVPR 2007, with the
/// stages of docs/ARCHITECTURE.md).
class LocalRetrieval : public Retrieval {
 public:
  /// `fuller` extracts more from a photo that the first look leaves undecided; null when such a
  /// photo is not looked at again.
  LocalRetrieval(const EngineOptions& options, std::unique_ptr<const Extractor> fuller)
      : options_(options), fuller_(std::move(fuller)) {}

  Status Find(const CatalogueView& catalogue, const Question& question, StageClock& clock,
              Answer& answer) const override;
  /// The first half of Find: what Decide makes of the photo, before anybody asks for names.
  /// `shortlisted`: includes faces that were only voted for. Errors: as Find.
  Result<std::vector<Hypothesis>> FindHypotheses(const CatalogueView& catalogue,
                                                 const Question& question, bool shortlisted,
                                                 StageClock& clock, Answer& answer) const;
  Result<Comparison> Compare(const Image& photo, const Features& of_photo,
                             const StoredFace& face) const override;

 private:
  // What the features of the question find, including second looks at regions of the photo.
  Result<std::vector<Hypothesis>> Look(const CatalogueView& catalogue, const Question& question,
                                       StageClock& clock, Answer& answer) const;
  // Whether more features of the whole photo are worth it, and for matching or for a new search.
  enum class FullerLook { kNone, kMatchAgain, kSearchAgain };
  FullerLook FullerLookFor(const Question& question, std::span<const Hypothesis> hypotheses) const;
  // Looks at the whole photo with more features. These are matched with the faces that were matched
  // before, or shortlisted when other items are sought; the result is kept unless it finds less.
  Status LookFully(const CatalogueView& catalogue, const Question& question,
                   const Extractor& fuller, FullerLook look, std::vector<Hypothesis>& hypotheses,
                   Answer& answer) const;
  // What was found in the photo after `quarters` quarter turns.
  struct Seen {
    std::vector<Hypothesis> hypotheses;
    Features features;  // of the turned photo; those of the question when it is not turned
    int quarters = 0;
  };
  // Looks at the photo in other turns until something acceptable is found, and keeps the likeliest.
  Status LookTurned(const CatalogueView& catalogue, const Question& question, StageClock& clock,
                    Seen& seen, Answer& answer) const;

  EngineOptions options_;
  std::unique_ptr<const Extractor> fuller_;
};

}  // namespace inlier

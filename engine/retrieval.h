#pragma once

#include <optional>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "engine/catalogue_view.h"
#include "engine/second_look.h"
#include "engine/stage_clock.h"
#include "inlier/answer.h"
#include "inlier/comparison.h"
#include "inlier/options.h"
#include "inlier/query.h"

namespace inlier {

/// A photo, what was extracted from it, and what is asked about it.
struct Question {
  const Image& photo;
  const Features& features;
  const QueryOptions& query;
  const Extractor& extractor;
  const ReadRegion& read;  // for a second look
};

/// One way to find items from the features of a photo. Local features are shortlisted by votes and
/// verified by geometry; embeddings are compared by their cosine and have neither. Which of the two
/// a database uses follows from its method and is chosen once, when it is opened. Const and safe to
/// call from many threads.
class Retrieval {
 public:
  virtual ~Retrieval() = default;

  /// Fills in `answer.hits`, accepted ones first, and the times of the shortlist and of the
  /// verification. Errors: kCorrupt, kIo, kCancelled.
  virtual Status Find(const CatalogueView& view, const Question& question, StageClock& clock,
                      Answer& answer) const = 0;

  /// Compares a photo with one face, whatever else is in the database. The sizes are left to the
  /// caller.
  virtual Result<Comparison> Compare(const Image& photo, const Features& of_photo,
                                     const StoredFace& face) const = 0;
};

}  // namespace inlier

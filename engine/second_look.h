#pragma once

#include <functional>
#include <vector>

#include "core/result.h"
#include "engine/catalogue_view.h"
#include "engine/full_match.h"
#include "engine/hypothesis.h"
#include "extractor/extractor.h"
#include "inlier/image.h"
#include "inlier/options.h"
#include "inlier/query.h"

namespace inlier {

/// Reads a part of the photo at the best resolution that there is of it, or at one that leaves its
/// long side at least `least_side_px`; 0: every pixel counts. An error when there is none better
/// than that of the first look, or when reading it would exceed a limit.
using ReadRegion = std::function<Result<Image>(const PixelRegion& region, int least_side_px)>;

/// What a second look at a photo needs.
struct CloserPhoto {
  const Image& photo;  // as it was looked at first
  const Extractor& extractor;
  const ReadRegion& read;
  const QueryOptions& query;
};

/// Looks again where a hypothesis is likely but not acceptable: the region around its outline is
/// read at the best resolution that there is, features are extracted from it alone, and the face
/// and its rivals in the same place are matched with them once more. A small item gets the
/// resolution and the number of features that it has to share with the rest of the photo in the
/// first look. The new result for a face is kept when it makes the face more likely by itself. At
/// most `options.decide.second_looks` regions are looked at, the likeliest first. What lies outside
/// the region counts as not visible, and a region that cannot be read is left as it was. Errors: of
/// the view; kCancelled.
Status LookAgain(const CatalogueView& catalogue, const CloserPhoto& closer,
                 const EngineOptions& options, std::vector<Hypothesis>& hypotheses);

/// Matches the faces that have a place in the photo with all of it once more, as `photo` has it:
/// with more features. The new result for a face is kept when it makes the face more likely by
/// itself. Errors: of the view.
Status MatchAgain(const CatalogueView& catalogue, const PhotoView& photo,
                  std::vector<Hypothesis>& hypotheses);

}  // namespace inlier

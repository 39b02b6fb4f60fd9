#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "engine/catalogue_view.h"
#include "engine/full_match.h"
#include "engine/hypothesis.h"
#include "index/candidate.h"
#include "inlier/options.h"

namespace inlier {

/// What the search for further facings needs of a look at a photo.
struct LookedAt {
  const Features& features;
  std::span<const Candidate> shortlist;  // that these features voted for
  const PhotoView& view;
};

/// An item may stand in a photo several times, as packs do on a shelf. For each face that is
/// acceptable, the features that voted for it outside its outline are searched for another pose,
/// and the face is matched there once more, until nothing acceptable is left or
/// `options.decide.facings` are found. Appends a hypothesis for each further facing. Errors: of the
/// view.
Status FindFacings(const CatalogueView& catalogue, const LookedAt& look,
                   const EngineOptions& options, std::vector<Hypothesis>& hypotheses);

}  // namespace inlier

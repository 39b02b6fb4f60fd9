#pragma once

#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "engine/catalogue_view.h"
#include "engine/hypothesis.h"
#include "inlier/answer.h"
#include "inlier/options.h"

namespace inlier {

/// The hypothesis that a photo shows a face, before anything is known about it. Of the items with
/// that face the first stands for it; it has none when no item is left that passes the filter.
Hypothesis HypothesisOf(FaceNumber number, const FaceRecord& face);

/// The hits of these hypotheses, with the ids, metadata, pictures and twins of their items, the
/// twins in the order of their ids. Items that were removed meanwhile are left out. Errors:
/// kCorrupt, kIo.
Result<std::vector<Hit>> NameItems(const CatalogueView& view, std::vector<Hypothesis> hypotheses);

/// The items of the `count` faces that a photo's local features vote for, best first. An item
/// stands there once, with its best face. Errors: kInvalidArgument (features of another shape),
/// kCorrupt, kIo.
Result<std::vector<ItemVotes>> VotedItems(const CatalogueView& view, const Features& photo,
                                          int count, const ShortlistOptions& options);

}  // namespace inlier

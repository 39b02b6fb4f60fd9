#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inlier/answer.h"
#include "inlier/catalogue.h"
#include "inlier/database.h"
#include "inlier/error.h"
#include "inlier/indexing.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/plan.h"
#include "inlier/twins.h"

/// What the program says in JSON, written in one place for every interface: the command line prints
/// these lines. Each is one object without line breaks, ended by a line feed (JSON Lines), and is
/// described by wire/schema/answer.schema.json. Fields may be added, but never renamed or
/// reordered. Bytes that are not UTF-8 become U+FFFD, since JSON cannot carry them.
namespace inlier::wire {

/// The answer to one photo; a photo that could not be answered gives its name and the error.
/// `photo` is the name that the caller asked with. `with_evidence`: hits also say what their scores
/// were made from.
std::string AnswerLine(const std::string& photo, const Result<Answer>& answer,
                       bool with_evidence = false);

/// What MatchImages found. Without a hit the score and the polygon are null.
std::string MatchLine(const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit);

/// What is known of an item.
std::string ItemLine(const ItemRecord& item);

/// What indexing did with one picture.
std::string OutcomeLine(const CatalogueEntry& entry, const PictureOutcome& outcome);
/// An entry of the catalogue that could not be used, in the same form, without an id.
inline constexpr const char* kRejectedCause = "unusable entry";
std::string RejectedLine(const Catalogue::Rejected& rejected);
/// What indexing did in all: the last line of its output.
std::string IndexTotalsLine(const IndexReport& report, const std::vector<LeftOut>& left_out);

/// Metadata alone, as an object in the order of the table, without a line feed.
std::string MetadataText(const Metadata& metadata);

/// What a catalogue will need.
std::string PlanLine(const Plan& plan);

/// Items that cannot be told apart.
std::string TwinsLine(const TwinGroup& group);

/// The figures of a database.
std::string StatsLine(const CollectionStats& stats, const EngineOptions& options);

/// The same figures under the same names, in the same order: calls `visit(name, value)` for each. A
/// value is a std::uint64_t or, for the method, a text.
void VisitStats(const CollectionStats& stats, const EngineOptions& options, auto&& visit) {
  visit("items", stats.items);
  visit("features", stats.features);
  visit("method", options.extract.method);
  visit("cells", stats.cells);
  visit("code_bits", stats.code_bits);
  visit("postings", stats.postings);
  visit("removed_postings", stats.removed);
  visit("segments", stats.segments);
  visit("embeddings", stats.embeddings);
  visit("index_bytes", stats.index_bytes);
  visit("mapped_bytes", stats.mapped_bytes);
  visit("disk_bytes", stats.disk_bytes);
  visit("generation", stats.generation);
  visit("last_change", stats.last_change);
  visit("covered_change", stats.covered_change);
  visit("items_without_features", stats.items_without_features);
  visit("pictures", stats.pictures);
  visit("faces", stats.faces);
}

}  // namespace inlier::wire

#pragma once

#include <optional>
#include <string>

#include "inlier/answer.h"
#include "inlier/database.h"
#include "inlier/error.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/twins.h"

namespace inlier::cli {

// Answers and items in the formats of --format: "text" for people, "jsonl" or "csv". Every text
// ends with a line feed.

/// `evidence`: in JSON, hits also say what their scores were made from.
struct AnswerFormat {
  std::string name;
  bool evidence = false;
};

/// What a run prints before its first answer: the header of the CSV.
std::string AnswerHeader(const std::string& format);
std::string AnswerText(const AnswerFormat& format, const std::string& photo,
                       const Result<Answer>& answer);

std::string ItemHeader(const std::string& format);
std::string ItemText(const std::string& format, const ItemRecord& item);
/// Everything that is known about one item, each on its own line.
std::string ItemPage(const std::string& format, const ItemRecord& item);

std::string MatchText(const std::string& format, const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit);
std::string StatsText(const std::string& format, const CollectionStats& stats,
                      const EngineOptions& options);
std::string TwinsText(const std::string& format, const TwinGroup& group);

}  // namespace inlier::cli

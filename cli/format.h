#pragma once

#include <optional>
#include <string>

#include "inlier/answer.h"
#include "inlier/database.h"
#include "inlier/error.h"
#include "inlier/item.h"
#include "inlier/options.h"

namespace inlier::cli {

/// Answers and items as text for people, one JSON object a line, or CSV. All end with a line feed.

/// What a run prints before its first answer.
std::string AnswerHeader(const std::string& format);
std::string AnswerText(const std::string& format, const std::string& photo,
                       const Result<Answer>& answer);

std::string ItemHeader(const std::string& format);
std::string ItemText(const std::string& format, const ItemRecord& item);
/// All that is known of one item, a line each.
std::string ItemPage(const std::string& format, const ItemRecord& item);

std::string MatchText(const std::string& format, const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit);
std::string StatsText(const std::string& format, const CollectionStats& stats,
                      const EngineOptions& options);

}  // namespace inlier::cli

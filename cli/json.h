#pragma once

#include <string>

#include "core/json.h"
#include "core/result.h"
#include "inlier/engine.h"

namespace inlier::cli {

/// `number` with so many decimals; never -0.
double RoundTo(double number, int decimals);

/// One line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string JsonText(const Json& json);
std::string JsonLine(const Json& json);

/// The line of a photo: fields and their order are part of the contract with scripts.
Json AnswerJson(const std::string& photo, const Result<Answer>& answer);
Json ItemJson(const ItemRecord& item);
Json MatchJson(const std::string& photo, const std::string& item, const std::optional<Hit>& hit);
Json StatsJson(const CollectionStats& stats, const EngineOptions& options);
Json MetadataJson(const Metadata& metadata);

}  // namespace inlier::cli

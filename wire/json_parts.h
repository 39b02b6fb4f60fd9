#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "inlier/answer.h"
#include "inlier/error.h"
#include "inlier/item.h"

/// The pieces that the JSON of every interface is made of. Only wire/ includes this.
namespace inlier::wire {

using Json = nlohmann::ordered_json;  // keeps the fields in the order in which they are set

/// Without a line feed. Bytes that are not UTF-8 become U+FFFD.
std::string Text(const Json& json);
/// With one.
std::string Line(const Json& json);

Json MetadataJson(const Metadata& metadata);
Json PolygonJson(const std::optional<std::array<Point, 4>>& polygon);
/// `rank` counts from 1.
Json EvidenceJson(const Evidence& evidence);
Json HitJson(const Hit& hit, std::size_t rank, bool with_evidence);
Json AnswerJson(const std::string& photo, const Answer& answer, bool with_evidence);
Json MatchJson(const std::string& photo, const std::string& item, const std::optional<Hit>& hit);
Json ItemJson(const ItemRecord& item);

}  // namespace inlier::wire

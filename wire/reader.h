#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/error.h"
#include "inlier/item.h"

/// What others say to a service in JSON.
namespace inlier::wire {

/// An object of texts, numbers and truth values, which become text, in their order. Errors:
/// kInvalidArgument.
Result<Metadata> ReadMetadata(std::string_view json);

/// What a merge patch (RFC 7396) of an item's metadata says: {"metadata": {"price": "3", "old":
/// null}}. A null removes the column; columns that are not named stay. Errors: kInvalidArgument.
using MetadataPatch = std::vector<std::pair<std::string, std::optional<std::string>>>;
Result<MetadataPatch> ReadMetadataPatch(std::string_view json);
/// The metadata after it; new columns follow the old ones.
Metadata Patched(Metadata metadata, const MetadataPatch& patch);

/// What a problem (ProblemText) says to a person; a sentence in its place when it is none.
std::string ReadProblemDetail(std::string_view json);

}  // namespace inlier::wire

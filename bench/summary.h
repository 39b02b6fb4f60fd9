#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "bench/answers.h"
#include "bench/gallery.h"

namespace inlier {

/// True when an item that is not the photo's own is known to be in the photo too.
using IsVisible = std::function<bool(std::size_t photo, const std::string& id)>;

/// The figures of one method, defined in docs/EVALUATION.md: an object by dataset, and "joint" for
/// all photos together. Of a method that was not asked the joint gallery, figures are of the
/// datasets' own galleries.
nlohmann::ordered_json Summarise(const Gallery& gallery, const MethodAnswers& answers,
                                 const IsVisible& is_visible);

/// For each dataset and "joint": first hits of `name` against the better of `parts` on the same
/// photos, with the interval of their difference.
nlohmann::ordered_json CompareWithParts(
    const Gallery& gallery, const MethodAnswers& answers,
    const std::vector<std::pair<std::string, const MethodAnswers*>>& parts);

}  // namespace inlier

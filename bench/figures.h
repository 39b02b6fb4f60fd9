#pragma once

#include <functional>
#include <string>

#include "bench/bench_answer.h"
#include "bench/gallery.h"
#include "bench/results.h"

namespace inlier {

/// The name under which figures stand for all photos together.
constexpr const char* kAllPhotos = "joint";

/// True when the photo is known to show an item that is not its own.
using IsVisible = std::function<bool(std::size_t photo, const std::string& id)>;

/// The figures of one method, by dataset and for all photos. Those of a method that was not asked
/// the joint gallery are of the datasets' own galleries.
ByName<DatasetFigures> FiguresOf(const Gallery& gallery, const MethodAnswers& answers,
                                 const IsVisible& is_visible);

/// For each dataset and all photos, the first hits of a method against the better one of `parts` on
/// the same photos of the joint gallery.
ByName<PairedDifference> PairedDifferences(
    const Gallery& gallery, const MethodAnswers& answers,
    const std::vector<std::pair<std::string, const MethodAnswers*>>& parts);

}  // namespace inlier

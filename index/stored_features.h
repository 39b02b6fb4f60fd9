#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/item.h"
#include "index/store.h"
#include "inlier/progress.h"

namespace inlier {

/// How the features of one face are read; nothing when the face has been removed.
using ReadFeatures = std::function<Result<std::optional<Features>>(FaceNumber)>;

/// Reads the features of faces, a block of faces at a time on `threads` threads, and visits the
/// blocks in the order of `numbers`. Faces that have been removed are left out. Stops at the first
/// error.
Status ForEachBlock(const ReadFeatures& read, std::span<const FaceNumber> numbers, int threads,
                    const ProgressFunction& progress,
                    const std::function<Status(std::span<const StoredFeatures>)>& visit);

/// The numbers of all faces, ascending.
Result<std::vector<FaceNumber>> AllNumbers(const Store& store);

}  // namespace inlier

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/postings.h"
#include "index/store.h"

namespace inlier {

/// The searchable side of a collection at one change: what an index file holds.
struct Snapshot {
  std::unique_ptr<Postings> postings;         // null until there is a feature to train on
  std::vector<std::uint32_t> feature_counts;  // by item number; 0 for removed and empty items
  std::uint64_t covered_change = 0;
  std::uint64_t trained_features = 0;  // features in the catalogue when the vocabulary was trained
};

/// Publishes `snapshot` as a file of generation `number` in `folder` (temporary file, fsync, rename)
/// and returns the entry for the manifest. Errors: kIo.
Result<Generation> WriteSnapshot(const std::filesystem::path& folder, const Snapshot& snapshot,
                                 std::uint64_t number, const std::string& recipe,
                                 const std::function<void(std::string_view)>& step);

/// Reads it back; size and hash are checked before anything is parsed. Errors: kNotFound, kCorrupt,
/// kIncompatible, kIo.
Result<Snapshot> ReadSnapshot(const std::filesystem::path& folder, const Generation& generation);

/// Deletes the index files that no generation names, left by older ones or by a writer that died. A
/// file that cannot be deleted costs space, nothing else.
void RemoveStaleSnapshots(const std::filesystem::path& folder, std::span<const Generation> kept);

}  // namespace inlier

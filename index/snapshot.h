#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/feature_counts.h"
#include "index/manifest.h"
#include "index/segment.h"
#include "index/vocabulary.h"

namespace inlier {

/// An index of local features at one change. Immutable once it is shared: a writer copies it, which
/// copies pointers, and puts the changed copy in its place. The index of embeddings writes its head
/// as a snapshot without a vocabulary and without segments.
struct Snapshot {
  std::shared_ptr<const Vocabulary> vocabulary;  // null until there is a feature to train on
  std::vector<std::shared_ptr<const Segment>> segments;  // oldest first
  std::shared_ptr<const FeatureCounts> feature_counts = std::make_shared<const FeatureCounts>();
  std::shared_ptr<const FaceKeys> face_keys = std::make_shared<const FaceKeys>();
  std::uint64_t covered_change = 0;
  std::uint64_t trained_features = 0;  // features in the catalogue when the vocabulary was trained

  std::uint64_t postings() const;
  /// Postings of removed faces, which a merge will drop.
  std::uint64_t removed_postings() const;
};

/// Publishes the head of generation `number` in `folder`, which is everything but the lists
/// (temporary file, fsync, rename), and returns the entry for the manifest. The segments have files
/// already. Errors: kIo.
Result<Generation> WriteSnapshot(const std::filesystem::path& folder, const Snapshot& snapshot,
                                 std::uint64_t number, const std::string& recipe,
                                 const std::function<void(std::string_view)>& step);

/// Reads a generation with its lists, which are opened lazily when they are larger than
/// `memory_bytes` together. Sizes and hashes are checked before anything is parsed. Errors:
/// kNotFound, kCorrupt, kIncompatible, kIo.
Result<Snapshot> ReadSnapshot(const std::filesystem::path& folder, const Generation& generation,
                              std::uint64_t memory_bytes);

/// Reads and checks all files of some generations, and calls `problem` with a sentence for each
/// file that is not whole. Files that they share are read once.
void CheckSnapshots(const std::filesystem::path& folder, std::span<const Generation> generations,
                    const std::function<void(const std::string&)>& problem);

/// The names of all files that these generations have, those that they share once.
std::set<std::string> FileNames(std::span<const Generation> generations);

/// The name of the lists that generation `number` wrote.
std::string ListsFileName(std::uint64_t number);

/// Deletes the index files that no generation names: those of older generations, and what a writer
/// that died has left. A file that cannot be deleted costs space and nothing else.
void RemoveStaleSnapshots(const std::filesystem::path& folder, std::span<const Generation> kept);

}  // namespace inlier

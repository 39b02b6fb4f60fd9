#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/catalogue.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/progress.h"

namespace inlier {

/// What indexing a catalogue did with one of its pictures.
struct PictureOutcome {
  std::filesystem::path image;
  enum class Kind { kAdded, kUpdated, kUnchanged, kFailed } kind = Kind::kFailed;
  /// The features of the picture. An item without any features in its pictures cannot be found by a
  /// photo. When a new picture has failed, the item keeps the old one and this is 0.
  std::uint32_t features = 0;
  /// What is odd about a file that was read all the same, in sentences that do not name the file. A
  /// picture that is unchanged is not decoded again and has none.
  std::vector<std::string> warnings;
  Error error;  // of kFailed
};

/// Why a picture could not be used, in a few words that stay the same: "damaged", "not a picture",
/// "too large", "unsupported", "not there", "cannot be read", or "other".
INLIER_EXPORT std::string_view CauseOf(const Error& error);

/// How Engine::IndexCatalogue works.
struct IndexOptions {
  int threads = 1;
  /// Remove the items that the catalogue no longer has, and the pictures that it no longer has of
  /// an item. What could not be read stays, and so does an item when a file that was left out would
  /// have its id.
  bool prune = false;
  ProgressFunction progress;
  /// Called for each picture of each entry, in the order of the catalogue, when what is reported is
  /// on disk. A picture that cannot be used does not end the run, nor does an item that the
  /// database refuses (a limit of docs/RELIABILITY.md): all of its pictures then count as failed.
  std::function<void(const CatalogueEntry&, const PictureOutcome&)> outcome;
  /// Called for each item that pruning would have removed but for a file that was left out.
  std::function<void(const std::string& id, const std::string& file)> spared;
  const std::atomic<bool>* cancel = nullptr;  // set it to stop after the current batch
};

/// What Engine::IndexCatalogue did.
struct IndexReport {
  std::size_t added = 0, updated = 0, unchanged = 0, removed = 0;  // items
  std::size_t failed = 0;                                          // pictures
  std::size_t without_features = 0;  // of the items that were added, updated or unchanged
  /// Pictures of items that stay, which the catalogue no longer has: pruned, or still there.
  std::size_t removed_pictures = 0, stale_pictures = 0;
  /// Of the whole database: pictures that belong to several ids, those ids, and items with a twin
  /// (see Engine::Twins) that has another picture.
  std::size_t shared_pictures = 0, ids_of_shared = 0, items_with_twins = 0;
  std::size_t spared = 0;                                  // by pruning, see IndexOptions::spared
  std::map<std::string, std::size_t, std::less<>> causes;  // of the failed: CauseOf → pictures
};

}  // namespace inlier

#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/result.h"
#include "inlier/catalogue.h"
#include "inlier/progress.h"

namespace inlier {

/// How a projection for method `deep` is learnt.
struct LearnOptions {
  std::string model;  // as ExtractorOptions::deep_model
  int items = 1500;   // at most; of a larger catalogue a sample, spread evenly
  int views = 6;      // synthetic photos of each item; one more is kept apart for the calibration
  int dims = 256;     // at most, of the projected embedding
  double shrinkage = 1;  // see ProjectionOptions
  std::uint64_t seed = 1;
  int threads = 1;  // the result is the same for any number
  std::function<void(const Progress&)> progress;
  std::function<void(const CatalogueEntry&, const Error&)>
      failed;  // an image that could not be read; the run goes on
  const std::atomic<bool>* cancel = nullptr;
};

struct LearnReport {
  std::size_t items = 0;
  std::size_t failed = 0;
  std::size_t dims = 0;
  /// Of the synthetic photos kept apart, those whose own item comes first: as the embedding comes,
  /// and projected.
  double first_hit_before = 0;
  double first_hit = 0;
};

/// Learns a projection of embeddings from the items of a catalogue and synthetic photos of them
/// (SyntheticView), without labels, and writes it to `out`. Its calibration comes from the photos
/// kept apart: right where a photo's item comes first, wrong where that item is left out. Errors:
/// kInvalidArgument (an option out of range, fewer than two readable images), kCancelled, kIo, and
/// as DeepModel::Load.
Result<LearnReport> LearnProjection(const Catalogue& catalogue, const LearnOptions& options,
                                    const std::filesystem::path& out);

}  // namespace inlier

#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/result.h"
#include "deep/projection.h"
#include "inlier/catalogue.h"
#include "inlier/options.h"
#include "inlier/progress.h"

namespace inlier {

/// How a projection for method `deep` is learnt.
struct LearnOptions {
  std::string model;  // as ExtractorOptions::deep_model
  int items = 6000;   // at most
  int views = 6;      // of each of up to 1,500 items; one more is kept apart for the calibration
  std::uint64_t seed = 1;
  ProjectionOptions projection;
  int threads = 1;  // the result is the same for any number
  ProgressFunction progress;
  /// Called for each image that could not be read; the run goes on without it.
  std::function<void(const CatalogueEntry&, const Error&)> failed;
  const std::atomic<bool>* cancel = nullptr;

  /// Calls `visit(Field, value&)` for each option that is a flag of 'inlier learn'; `self` may be
  /// const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"items", "learn from at most N items, taken evenly from a larger catalogue", 2,
                100'000},
          self.items);
    visit(
        Field{"views",
              "draw N synthetic photos of each of up to 1,500 items, for a model that learns from "
              "them",
              1, 1000},
        self.views);
    visit(Field{"seed", "another number draws other synthetic photos", 0, 2e9}, self.seed);
  }
};

/// What LearnProjection did.
struct LearnReport {
  std::size_t items = 0;
  std::size_t failed = 0;
  std::size_t dims = 0;
  /// The share of the synthetic photos kept apart whose own item comes first: with the embedding as
  /// it comes from the network, and with the projected one.
  double first_hit_before = 0;
  double first_hit = 0;
};

/// Learns a projection of embeddings from the items of a catalogue and synthetic photos of them
/// (SyntheticView), without labels, and writes it to `out`. A model with parts to be whitened needs
/// the items alone (FitWhitening), others learn from the photos too. The calibration that goes with
/// it is fitted on the photos that were kept apart (Calibrate). Errors: kInvalidArgument (an option
/// out of range, fewer than two readable images), kCancelled, kIo, and as DeepModel::Load.
Result<LearnReport> LearnProjection(const Catalogue& catalogue, const LearnOptions& options,
                                    const std::filesystem::path& out);

}  // namespace inlier

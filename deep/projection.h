#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "deep/model_config.h"
#include "inlier/options.h"

namespace inlier {

/// A linear map behind an embedding, learnt without labels, and the calibration that goes with it.
struct Projection {
  std::string model_hash;     // of the model that it was learnt with; ModelConfig::hash
  std::vector<float> mean;    // in
  std::vector<float> matrix;  // out × in, row-major
  Calibration calibration;

  std::size_t dims() const { return mean.empty() ? 0 : matrix.size() / mean.size(); }
  /// matrix × (values − mean), of unit length.
  std::vector<float> Apply(std::span<const float> values) const;

  /// One sealed blob (docs/FORMAT.md), in place of what is there. Errors: kIo.
  Status Write(const std::filesystem::path& path) const;
  /// Errors: kNotFound, kIo, kCorrupt (also: not such a file), kIncompatible (of a newer version).
  static Result<Projection> Read(const std::filesystem::path& path);
};

/// Embeddings of some items as they come, and of views of them.
struct ProjectionSamples {
  std::vector<std::vector<float>> items;  // n
  struct View {
    std::size_t item = 0;
    std::vector<float> values;
  };
  std::vector<View> views;
};

/// How FitProjection whitens and projects.
struct ProjectionOptions {
  int dims = 256;  // at most; fewer when there are fewer items
  /// Ridge: this share of the mean variance is added to every direction before whitening. On real
  /// photos 1 did better than 0.1 and 0.01, which fit the synthetic ones closely
  /// (docs/adr/0010-deep.md).
  double shrinkage = 1;

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"dims", "most dimensions of a projected embedding", 1, 65'535}, self.dims);
    visit(Field{"shrinkage", "ridge of the whitening, as a share of the mean variance", 1e-6, 1e6},
          self.shrinkage);
  }
};

/// Whitening learnt from pairs: the differences between an item and its views become white, and of
/// the items so seen the principal directions are kept (Mikolajczyk and Matas, ICCV 2007;
/// Radenović, Tolias and Chum, TPAMI 2018, §3.3). Closed form, the same on any number of threads.
/// Errors: kInvalidArgument (fewer than two items, no views).
Result<Projection> FitProjection(const ProjectionSamples& samples,
                                 const ProjectionOptions& options);

}  // namespace inlier

#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "deep/embedder.h"
#include "deep/model_config.h"
#include "inlier/options.h"

namespace inlier {

/// A linear map of some consecutive numbers of an embedding: matrix × (values − mean), scaled to
/// the length `weight`. Without a matrix the numbers are only scaled.
struct ProjectedPart {
  std::uint32_t begin = 0, in = 0;  // the numbers that it takes
  float weight = 1;
  std::vector<float> mean;    // in
  std::vector<float> matrix;  // out × in, row-major

  std::size_t dims() const { return matrix.empty() ? in : matrix.size() / in; }
};

/// What follows an embedding, learnt without labels, with the calibration that belongs to it.
struct Projection {
  std::string model_hash;  // ModelConfig::hash of the model that it was learnt with
  std::vector<ProjectedPart> parts;
  Calibration calibration;

  /// How many numbers it takes, and how many it returns.
  std::size_t in() const;
  std::size_t dims() const;
  /// The parts one after the other, together of unit length.
  std::vector<float> Apply(std::span<const float> values) const;

  /// Writes one sealed blob (docs/FORMAT.md), in place of the file that may be there. Errors: kIo.
  Status Write(const std::filesystem::path& path) const;
  /// Errors: kNotFound; kIo; kCorrupt (damaged, or not a projection); kIncompatible (written by a
  /// newer version).
  static Result<Projection> Read(const std::filesystem::path& path);
};

/// Embeddings of some items, and of views of them, as the embedder gives them.
struct ProjectionSamples {
  std::vector<std::vector<float>> items;
  struct View {
    std::size_t item = 0;  // index of the item that it shows
    std::vector<float> values;
  };
  std::vector<View> views;
};

/// How FitProjection whitens and projects.
struct ProjectionOptions {
  int dims = 256;  // at most; there are fewer when there are fewer items
  /// A ridge: this share of the mean variance is added to every direction before whitening. On real
  /// photos 1 did better than 0.1 and 0.01, which fit the synthetic photos too closely
  /// (docs/adr/0010-deep.md).
  double shrinkage = 1;

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"dims", "most dimensions of a projected embedding", 1, 65'535}, self.dims);
    visit(Field{"shrinkage", "ridge of the whitening, as a share of the mean variance", 1e-6, 1e6},
          self.shrinkage);
  }
};

/// Learns a projection of an embedding some of whose parts are to be whitened, from the items
/// alone: each of these is whitened by its principal directions (Jégou and Chum, ECCV 2012), and
/// the others stay as they are. Its model_hash and calibration are left empty. Errors:
/// kInvalidArgument (fewer than two items).
Result<Projection> FitWhitening(std::span<const std::vector<float>> items,
                                std::span<const EmbeddingPart> parts);

/// The parts of an embedding that need no whitening, for use before anything has been learnt.
Projection WithoutWhitening(std::span<const EmbeddingPart> parts);

/// Learns a projection by whitening from pairs: the differences between items and their views
/// become white, and of the items seen in this way the principal directions are kept (Mikolajczyk
/// and Matas, ICCV 2007; Radenović, Tolias and Chum, TPAMI 2019). Its model_hash and calibration
/// are left empty. Errors: kInvalidArgument (fewer than two items, or no views).
Result<Projection> FitProjection(const ProjectionSamples& samples,
                                 const ProjectionOptions& options);

}  // namespace inlier

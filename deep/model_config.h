#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace inlier {

/// How an image becomes the input of a network: value = (pixel − mean) × scale, by channel in its
/// order.
struct NetworkInput {
  int width_px = 0;
  int height_px = 0;
  bool letterbox = false;  // keep the aspect ratio, grey bars; else stretch
  bool rgb = false;        // else blue first
  bool nhwc = false;       // else channels first
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};
};

/// An anchor-free detector in the manner of FCOS (Tian et al., ICCV 2019): at every cell of maps
/// with these strides a score for each class, and the distances of the box's sides from the cell's
/// centre.
struct DetectorConfig {
  std::filesystem::path onnx;
  NetworkInput input;
  std::vector<int> strides_px;
  std::vector<std::string> scores;  // outputs by stride: cells × classes, in [0, 1]
  std::vector<std::string> boxes;   // outputs by stride: cells × 4 × bins
  /// Bins of the distribution of a distance in strides (Li et al., "Generalized focal loss",
  /// NeurIPS 2020); 1: the distance itself, in pixels.
  int bins = 1;
  int regions = 5;  // best boxes kept, of whatever class
  float least_score = 0.05f;
  float most_overlap = 0.5f;  // IoU with a better box, of whatever class, that drops a box
};

enum class Pooling {
  kNone,     // the outputs are vectors
  kAverage,  // over places
  kGem,      // generalised mean (Radenović, Tolias and Chum, TPAMI 2018)
};

struct EmbeddingConfig {
  std::filesystem::path onnx;
  NetworkInput input;
  std::vector<std::string> outputs;  // each is pooled and normalised by itself, then all are joined
  Pooling pooling = Pooling::kAverage;
  float gem_power = 3;
  float crop_padding = 0;  // of a region's width and height, added on each side
};

/// Log-odds of a hit: offset + similarity × cosine + margin × (cosine − the best other item's).
struct Calibration {
  double offset = 0;
  double similarity = 0;
  double margin = 0;
};

/// A detector and an embedding, as a small JSON file names them (docs/MODELS.md).
struct ModelConfig {
  std::string name;
  bool detects = false;  // else the whole image is the only region
  DetectorConfig detector;
  EmbeddingConfig embedding;
  Calibration calibration;
  /// Further regions: crops about the middle of the image, as shares of its sides. Things that are
  /// photographed stand in the middle.
  std::vector<float> crops;
  std::string hash;  // of the file and of the networks that it names
};

/// Where the configuration is that `name` means: a path; or the name of one that scripts/setup-deep
/// made ("nanodet-g", which an empty name is too, or "nanodet-g-plain"), in $INLIER_MODELS, in the
/// installed share folder or in the build folder. Errors: kNotFound, saying how to get it.
Result<std::filesystem::path> FindModel(const std::string& name);

/// Reads and checks a configuration; paths in it are relative to it. Errors: kNotFound,
/// kInvalidArgument naming the field.
Result<ModelConfig> ReadModelConfig(const std::filesystem::path& path);

}  // namespace inlier

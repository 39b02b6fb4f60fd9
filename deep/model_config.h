#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace inlier {

/// How a region with another aspect ratio than the network's input is made to fit it.
enum class InputFit {
  kStretch,    // it is stretched
  kLetterbox,  // all of it is kept, between grey bars
  kCrop,       // the largest part around its centre that has the ratio is kept
};

/// How an image becomes the input of a network: value = (pixel − mean) × scale, with a mean and a
/// scale for each channel, in the order in which the network takes the channels.
struct NetworkInput {
  int width_px = 0;
  int height_px = 0;
  InputFit fit = InputFit::kStretch;
  bool rgb = false;   // red first, instead of blue
  bool nhwc = false;  // channels last, instead of first
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};
};

/// An anchor-free detector in the manner of FCOS (Tian et al., ICCV 2019). Every cell of its
/// feature maps has a score for each class, and the distances from the cell's centre to the sides
/// of a box.
struct DetectorConfig {
  std::filesystem::path onnx;
  NetworkInput input;
  std::vector<int> strides_px;      // of the feature maps
  std::vector<std::string> scores;  // outputs, one for each stride: cells × classes, in [0, 1]
  std::vector<std::string> boxes;   // outputs, one for each stride: cells × 4 × bins
  /// The number of bins, one for each whole stride, over which a distance is distributed (Li et
  /// al., "Generalized focal loss", NeurIPS 2020). With 1 the output is the distance itself, in
  /// pixels.
  int bins = 1;
  int regions = 5;            // boxes that are kept, the best of any class
  float least_score = 0.05f;  // of a box
  float most_overlap =
      0.5f;  // intersection over union with a better box, above which a box is dropped
};

enum class Pooling {
  kNone,     // the outputs are vectors already
  kAverage,  // the mean over all places
  kGem,      // the generalised mean (Radenović, Tolias and Chum, TPAMI 2019)
  // Of a transformer's tokens, 1 × tokens × channels (Dosovitskiy et al., ICLR 2021):
  kClassToken,  // the first one
  kPatchMean,   // the mean over those behind the first `prefix_tokens`
};

/// An output of the network, which becomes one part of the embedding.
struct EmbeddingOutput {
  std::string name;
  Pooling pooling = Pooling::kAverage;
  float gem_power = 3;    // p of the generalised mean
  int prefix_tokens = 1;  // that stand for no patch: the class token, and registers
  float weight = 1;       // the length that the part has when it is joined with the others
  /// The number of dimensions to which `inlier learn` whitens the part; 0: it stays as it is. Such
  /// a part is left out of the embedding until the whitening has been learnt.
  int whitened = 0;
};

struct EmbeddingConfig {
  std::filesystem::path onnx;
  NetworkInput input;
  std::vector<EmbeddingOutput> outputs;
  float crop_padding = 0;  // added on each side of a region, as a share of its width and height
};

/// The log-odds of a hit are offset + similarity × cosine + margin × (cosine − the best other
/// item's cosine).
struct Calibration {
  double offset = 0;
  double similarity = 0;
  double margin = 0;
};

/// A detector and an embedding, as a small JSON file describes them (docs/MODELS.md).
struct ModelConfig {
  std::string name;
  bool detects = false;  // without a detector, the whole image and the crops are the only regions
  DetectorConfig detector;
  EmbeddingConfig embedding;
  Calibration calibration;
  /// That of the embedding with its parts whitened. Without it `inlier learn` fits one to synthetic
  /// photos.
  std::optional<Calibration> calibration_whitened;
  /// Further regions: crops around the centre of the image, as shares of its sides, since what is
  /// photographed is usually in the middle.
  std::vector<float> crops;
  std::string hash;  // of the contents of this file and of the networks that it names
};

/// Finds the configuration that `name` stands for. It is a path, or the name of a configuration
/// that scripts/setup-deep makes (an empty name is "efficientnet-lite0"), which is looked for in
/// $INLIER_MODELS, in the installed share folder and in the build folder.
/// Errors: kNotFound, with a message that says how to get the model.
Result<std::filesystem::path> FindModel(const std::string& name);

/// Reads and checks a configuration. Paths in it are relative to its folder. Errors: kNotFound (the
/// file or a network that it names); kInvalidArgument, with a message that names the field.
Result<ModelConfig> ReadModelConfig(const std::filesystem::path& path);

}  // namespace inlier

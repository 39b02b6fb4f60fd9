#pragma once

#include <filesystem>

namespace inlier::test {

/// Writes the networks tiny-detector.onnx and tiny-embedding.onnx into `folder`, together with
/// their configuration, tiny.json. Both take 32 × 32 pixels in [0, 1], one channel after another,
/// blue first.
///
/// The detector has 4 × 4 cells of stride 8; the score of class c is the mean of channel c in the
/// cell, and every box reaches 12 px from its cell's centre to the left and up, 4 px to the right
/// and down. The embedding is a map of 16 channels (fixed random 8 × 8 filters of stride 8, then a
/// rectifier), as "map", its mean over places as "vector", and its places one after the other, as a
/// transformer gives its tokens, as "tokens".
void WriteTinyModel(const std::filesystem::path& folder);

/// The text of tiny.json, for tests that change it.
inline constexpr const char* kTinyConfig = R"({
  "name": "tiny",
  "detector": {
    "onnx": "tiny-detector.onnx",
    "input": {"width_px": 32, "height_px": 32, "scale": [0.00392156862, 0.00392156862, 0.00392156862]},
    "kind": "fcos", "strides": [8], "scores": ["scores"], "boxes": ["boxes"],
    "regions": 2, "least_score": 0.9, "most_overlap": 0.5
  },
  "embedding": {
    "onnx": "tiny-embedding.onnx",
    "input": {"width_px": 32, "height_px": 32, "scale": [0.00392156862, 0.00392156862, 0.00392156862]},
    "outputs": ["map"], "pooling": "average"
  },
  "calibration": {"offset": -5, "similarity": 5, "margin": 200}
})";

}  // namespace inlier::test

#pragma once

#include <memory>
#include <string>

#include "core/image.h"
#include "core/result.h"
#include "deep/onnx_model.h"
#include "deep/xfeat_maps.h"

namespace inlier {

/// The network of XFeat: Potje et al., "XFeat: Accelerated Features for Lightweight Image
/// Matching", CVPR 2024, as scripts/setup-deep leaves it. Safe to call from many threads.
class XfeatNetwork {
 public:
  /// Opens the network, or gives the one that is open already when its file has not changed.
  /// Errors: kNotFound, with a message that says how to get it, and those of OnnxModel::Open.
  static Result<std::shared_ptr<const XfeatNetwork>> Load();

  /// The maps of a grey image, which is stretched to the nearest sides that the network takes:
  /// multiples of 32 px. Pixels that are less likely to be keypoints than `least` may get zeros.
  XfeatMaps Run(const Image& grey, float least) const;

 private:
  XfeatNetwork() = default;
  std::shared_ptr<const OnnxModel> model_;
  std::string hash_;
};

/// The hash of the network's file. Errors: kNotFound, as above; kIo.
Result<std::string> IdentifyXfeat();

}  // namespace inlier

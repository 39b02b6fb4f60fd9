#pragma once

#include <string>

#include "core/result.h"
#include "index/item.h"

namespace inlier {

/// The parts of a face as the store has them, so that they can be sent to whoever decodes them.
struct FaceBytes {
  std::string record, keypoints;     // of FetchKeypoints
  std::string descriptors, preview;  // of FetchDescriptors
};

/// What Collection::FetchKeypoints makes of record and keypoints. Errors: kCorrupt, kIncompatible.
Result<FaceKeypoints> DecodeKeypointsOf(FaceNumber number, const FaceBytes& bytes);
/// What Collection::FetchDescriptors makes of the others. Errors: kCorrupt, kIncompatible.
Result<StoredFace> DecodeWhole(FaceKeypoints face, const FaceBytes& bytes);

}  // namespace inlier

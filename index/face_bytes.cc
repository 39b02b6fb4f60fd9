#include "index/face_bytes.h"

#include <utility>

#include "index/codec.h"
#include "index/feature_codec.h"

namespace inlier {

Result<FaceKeypoints> DecodeKeypointsOf(FaceNumber number, const FaceBytes& bytes) {
  FaceKeypoints face{.number = number};
  INLIER_ASSIGN_OR_RETURN(face.record, DecodeFace(bytes.record));
  INLIER_ASSIGN_OR_RETURN(face.features, DecodeKeypoints(bytes.keypoints));
  return face;
}

Result<StoredFace> DecodeWhole(FaceKeypoints face, const FaceBytes& bytes) {
  StoredFace whole{.number = face.number,
                   .record = std::move(face.record),
                   .features = std::move(face.features)};
  INLIER_RETURN_IF_ERROR(DecodeDescriptors(bytes.descriptors, whole.features));
  INLIER_ASSIGN_OR_RETURN(whole.preview, DecodePreview(bytes.preview));
  return whole;
}

}  // namespace inlier

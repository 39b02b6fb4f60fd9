#pragma once

#include <cstdint>
#include <vector>

#include "index/item.h"

namespace inlier {

/// A feature of the photo and a feature of a face that fell into the same cell with similar codes.
struct VotingPair {
  std::uint16_t photo = 0;  // indices into the features of each
  std::uint16_t face = 0;
  std::uint16_t distance_bits = 0;  // between the codes
};

/// A face that local features of the photo voted for.
struct Candidate {
  FaceNumber number = 0;
  float votes = 0;                // weighted, corrected for the number of the face's features
  std::vector<VotingPair> pairs;  // by feature of the photo
};

/// A face whose embedding is near to one of the photo's.
struct NearFace {
  FaceNumber number = 0;
  float similarity = 0;  // the cosine of the two nearest rows, -1 to 1
  std::uint16_t photo_row = 0;
  std::uint16_t face_row = 0;
  std::uint32_t key = 0;  // see FaceKeys
};

}  // namespace inlier

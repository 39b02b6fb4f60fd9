#include "index/photo_codes.h"

#include <utility>

#include "index/posting.h"

namespace inlier {

PhotoCodes CodesOf(const Features& photo, const Vocabulary& vocabulary, int probes) {
  CellCodes assigned = vocabulary.Assign(photo, probes);
  PhotoCodes codes{.probes = assigned.probes,
                   .code_words = assigned.code_words,
                   .lists = {},
                   .codes = std::move(assigned.codes),
                   .angles = {},
                   .scales = {}};
  const auto per_feature = static_cast<std::size_t>(assigned.probes);
  codes.lists.reserve(assigned.cells.size());
  for (std::size_t p = 0; p < assigned.cells.size(); ++p) {
    const std::int32_t cell = assigned.cells[p];
    codes.lists.push_back(cell < 0 ? PhotoCodes::kNoList
                                   : ListOf(cell, photo.keypoints[p / per_feature]));
  }
  for (const Keypoint& keypoint : photo.keypoints) {
    codes.angles.push_back(QuantiseAngle(keypoint.angle_rad));
    codes.scales.push_back(QuantiseScale(keypoint.size_px));
  }
  return codes;
}

}  // namespace inlier

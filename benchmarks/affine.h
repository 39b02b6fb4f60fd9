#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// Two photos of a flat scene and the true homography between them (Mikolajczyk et al., IJCV
/// 2005).
struct AffinePair {
  std::string scene;
  int number = 0;                             // the number of the second photo
  std::size_t first = 0, second = 0;          // indices into AffineSet::images
  std::array<double, 9> second_from_first{};  // the homography, row by row
};

struct AffineSet {
  std::vector<Image> images;  // grey images
  std::vector<AffinePair> pairs;
};

/// Reads the scenes in a folder. Each scene is a folder of its own, with the photos img1.jpg to
/// img6.jpg and the homographies H1to2p.xml to H1to6p.xml. Errors: kNotFound, kBadImage.
Result<AffineSet> ReadAffineSet(const std::filesystem::path& folder);

struct MatchCount {
  std::size_t matches = 0;
  std::size_t correct = 0;
};

/// Counts the matches, and how many of them lie within 3 px of the truth. Two rows match when each
/// is the nearest of the other, and their distance is below 0.8 times that of the second nearest.
MatchCount CountMatches(const Features& first, const Features& second,
                        const std::array<double, 9>& second_from_first);

}  // namespace inlier

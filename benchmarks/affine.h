#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// Two photos of a flat scene with the true homography between them (Mikolajczyk et al., IJCV
/// 2005).
struct AffinePair {
  std::string scene;
  int number = 0;                             // of the second photo
  std::size_t first = 0, second = 0;          // in AffineSet::images
  std::array<double, 9> second_from_first{};  // homography, row-major
};

struct AffineSet {
  std::vector<Image> images;  // grey
  std::vector<AffinePair> pairs;
};

/// Reads folders of img1.jpg to img6.jpg with H1to2p.xml to H1to6p.xml. Errors: kNotFound,
/// kBadImage.
Result<AffineSet> ReadAffineSet(const std::filesystem::path& folder);

struct MatchCount {
  std::size_t matches = 0;
  std::size_t correct = 0;
};

/// Counts matches, and those within 3 px of the truth. Two rows match when each is the other's
/// nearest and the nearest is closer than 0.8 of the second nearest.
MatchCount CountMatches(const Features& first, const Features& second,
                        const std::array<double, 9>& second_from_first);

}  // namespace inlier

#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/features.h"
#include "index/candidate.h"

namespace inlier::test {

/// Random embeddings of so many rows.
inline Features Rows(unsigned seed, std::size_t rows, int row_bytes) {
  std::mt19937 random(seed);
  Features features{.kind = DescriptorKind::kEmbedding,
                    .descriptor_bytes = static_cast<std::uint16_t>(row_bytes),
                    .image_width_px = 40,
                    .image_height_px = 30};
  features.keypoints.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    features.regions.push_back({-0.5f, -0.5f, static_cast<float>(i) + 1.5f, 9.5f});
    for (int k = 0; k < row_bytes; ++k)
      features.descriptors.push_back(static_cast<std::uint8_t>(random() % 256));
  }
  return features;
}

inline double Cosine(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double x = a[k] - 128.0, y = b[k] - 128.0;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

/// Compares every pair of rows and returns the items with their best cosine, best first.
inline std::vector<std::pair<double, FaceNumber>> BruteForce(
    const std::map<FaceNumber, Features>& items, const Features& photo) {
  std::vector<std::pair<double, FaceNumber>> best;
  for (const auto& [number, item] : items) {
    double most = -2;
    for (std::size_t i = 0; i < photo.size(); ++i) {
      for (std::size_t j = 0; j < item.size(); ++j)
        most = std::max(most, Cosine(photo.row(i), item.row(j)));
    }
    best.emplace_back(-most, number);
  }
  std::sort(best.begin(), best.end());
  return best;
}

inline void ExpectBruteForce(const std::vector<NearFace>& found,
                             const std::map<FaceNumber, Features>& items, const Features& photo,
                             std::size_t count) {
  const auto expected = BruteForce(items, photo);
  ASSERT_EQ(found.size(), std::min(count, items.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].number, expected[i].second) << i;
    EXPECT_NEAR(found[i].similarity, -expected[i].first, 1e-5);
    const Features& item = items.at(found[i].number);
    EXPECT_NEAR(Cosine(photo.row(found[i].photo_row), item.row(found[i].face_row)),
                found[i].similarity, 1e-5);
  }
}

}  // namespace inlier::test

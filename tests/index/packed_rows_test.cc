#include "index/packed_rows.h"

#include <random>

#include <gtest/gtest.h>

namespace inlier {
namespace {

Features Rows(std::size_t n, std::uint16_t dims, int spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(128, spread);
  Features features{.descriptor_bytes = dims, .keypoints = std::vector<Keypoint>(n)};
  for (std::size_t i = 0; i < n * dims; ++i)
    features.descriptors.push_back(
        static_cast<std::uint8_t>(std::clamp(normal(random), 0.0, 255.0)));
  return features;
}

Features Rounded(const Features& features) {
  Features back = features;
  back.descriptors.clear();
  EXPECT_TRUE(UnpackRows(PackRows(features), back));
  return back;
}

TEST(PackedRows, AreHalfAByteAValueAndNearToWhatTheyWere) {
  for (const std::uint16_t dims : {64, 63, 1, 128}) {
    for (const int spread : {0, 3, 20, 60}) {
      const Features features = Rows(300, dims, spread, dims);
      EXPECT_EQ(PackRows(features).size(), 2u * dims + 300u * ((dims + 1u) / 2));
      const Features back = Rounded(features);
      ASSERT_EQ(back.descriptors.size(), features.descriptors.size());
      double squares = 0;
      for (std::size_t i = 0; i < back.descriptors.size(); ++i)
        squares += std::pow(back.descriptors[i] - features.descriptors[i], 2);
      // Of a uniform error in steps of 5.4 / 16 deviations, with some room for what is cut off.
      // Steps of about one merge some pairs of whole numbers.
      const double step = std::max(5.4 * spread / 16, 1.6);
      EXPECT_LE(std::sqrt(squares / static_cast<double>(back.descriptors.size())), 0.4 * step)
          << dims << " " << spread;
    }
  }
}

TEST(PackedRows, AFaceOfOneRowOrOfEqualRowsLosesNothing) {
  const Features one = Rows(1, 64, 50, 1);
  EXPECT_EQ(Rounded(one).descriptors, one.descriptors);
  Features equal = Rows(9, 64, 50, 2);
  for (std::size_t i = 64; i < equal.descriptors.size(); ++i)
    equal.descriptors[i] = equal.descriptors[i - 64];
  EXPECT_EQ(Rounded(equal).descriptors, equal.descriptors);
  for (const std::uint8_t value : {0, 255}) {
    std::fill(equal.descriptors.begin(), equal.descriptors.end(), value);
    EXPECT_EQ(Rounded(equal).descriptors, equal.descriptors);
  }
}

TEST(PackedRows, AFaceWithoutFeaturesIsEmpty) {
  Features none{.descriptor_bytes = 64};
  EXPECT_TRUE(PackRows(none).empty());
  EXPECT_TRUE(UnpackRows("", none));
  EXPECT_FALSE(UnpackRows("x", none));
}

TEST(PackedRows, AnotherShapeIsRefused) {
  Features features = Rows(5, 64, 20, 1);
  std::string packed = PackRows(features);
  EXPECT_FALSE(UnpackRows(packed.substr(1), features));
  EXPECT_FALSE(UnpackRows(packed + "x", features));
  packed[1] = 0;  // a column without a span
  EXPECT_FALSE(UnpackRows(packed, features));
}

}  // namespace
}  // namespace inlier

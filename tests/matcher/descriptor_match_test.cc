#include "matcher/descriptor_match.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "matcher/matcher.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

Features RandomFeatures(DescriptorKind kind, int row_bytes, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Features features{.kind = kind, .descriptor_bytes = static_cast<std::uint16_t>(row_bytes)};
  features.keypoints.resize(count);
  features.descriptors.resize(count * static_cast<std::size_t>(row_bytes));
  for (auto& byte : features.descriptors) byte = static_cast<std::uint8_t>(random());
  return features;
}

std::vector<std::uint32_t> AllRows(const Features& features) {
  std::vector<std::uint32_t> rows(features.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

// Computes the distance of one pair straight from its definition.
int SlowDistance(const Features& a, std::size_t i, const Features& b, std::size_t j) {
  int sum = 0;
  for (std::size_t k = 0; k < a.descriptor_bytes; ++k) {
    const int x = a.row(i)[k], y = b.row(j)[k];
    sum += a.kind == DescriptorKind::kBytes ? (x - y) * (x - y)
                                            : std::popcount(static_cast<unsigned>(x ^ y));
  }
  return sum;
}

Nearest SlowNearest(const Features& from, std::size_t i, const Features& to) {
  Nearest nearest;
  for (std::size_t j = 0; j < to.size(); ++j) {
    const int distance = SlowDistance(from, i, to, j);
    if (distance < nearest.best) {
      nearest = {distance, nearest.best, static_cast<int>(j)};
    } else {
      nearest.second = std::min(nearest.second, distance);
    }
  }
  return nearest;
}

struct Case {
  DescriptorKind kind;
  int row_bytes;
  std::size_t photo, item;
};

class FindNearestTest : public testing::TestWithParam<Case> {};

TEST_P(FindNearestTest, AgreesWithTheDefinitionOnEveryTarget) {
  const Case c = GetParam();
  const Features photo = RandomFeatures(c.kind, c.row_bytes, c.photo, 1);
  const Features item = RandomFeatures(c.kind, c.row_bytes, c.item, 2);
  int targets = 0;
  test::ForEachSimdTarget([&] {
    ++targets;
    std::vector<Nearest> of_photo, of_item;
    FindNearest(PackDescriptors(photo, AllRows(photo)), item, AllRows(item), of_photo, of_item);
    ASSERT_EQ(of_photo.size(), photo.size());
    ASSERT_EQ(of_item.size(), item.size());
    for (std::size_t i = 0; i < photo.size(); ++i) {
      const Nearest expected = SlowNearest(photo, i, item);
      EXPECT_EQ(of_photo[i].best, expected.best);
      EXPECT_EQ(of_photo[i].index, expected.index);
      EXPECT_EQ(of_photo[i].second, expected.second);
    }
    for (std::size_t j = 0; j < item.size(); ++j) {
      EXPECT_EQ(of_item[j].best, SlowNearest(item, j, photo).best);
      EXPECT_EQ(of_item[j].index, SlowNearest(item, j, photo).index);
    }
  });
  EXPECT_GE(targets, 1);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FindNearestTest,
                         testing::Values(Case{DescriptorKind::kBytes, 128, 1, 1},
                                         Case{DescriptorKind::kBytes, 128, 17, 3},
                                         Case{DescriptorKind::kBytes, 64, 33, 50},
                                         Case{DescriptorKind::kBytes, 128, 64, 66},
                                         Case{DescriptorKind::kBytes, 128, 32, 4},
                                         Case{DescriptorKind::kBytes, 2, 95, 7},
                                         Case{DescriptorKind::kBytes, 128, 97, 129},
                                         Case{DescriptorKind::kBits, 8, 65, 9},
                                         Case{DescriptorKind::kBits, 32, 1, 2},
                                         Case{DescriptorKind::kBits, 32, 35, 41},
                                         Case{DescriptorKind::kBits, 64, 16, 5}));

// On both sides, a tie goes to the lower index, no matter which block the two rows are in.
TEST(FindNearest, TiesGoToTheFirst) {
  const Features photo = RandomFeatures(DescriptorKind::kBytes, 128, 40, 1);
  Features twice = photo;
  twice.keypoints.insert(twice.keypoints.end(), photo.keypoints.begin(), photo.keypoints.end());
  twice.descriptors.insert(twice.descriptors.end(), photo.descriptors.begin(),
                           photo.descriptors.end());
  test::ForEachSimdTarget([&] {
    std::vector<Nearest> of_photo, of_item;
    FindNearest(PackDescriptors(twice, AllRows(twice)), twice, AllRows(twice), of_photo, of_item);
    for (std::size_t i = 0; i < twice.size(); ++i) {
      EXPECT_EQ(of_photo[i].index, static_cast<int>(i % 40));
      EXPECT_EQ(of_photo[i].second, 0);
      EXPECT_EQ(of_item[i].index, static_cast<int>(i % 40));
    }
  });
}

// This is the largest possible distance. It needs all bits of the sum.
TEST(FindNearest, ExtremesDoNotOverflow) {
  Features black = RandomFeatures(DescriptorKind::kBytes, 128, 3, 1), white = black;
  std::fill(black.descriptors.begin(), black.descriptors.end(), std::uint8_t{0});
  std::fill(white.descriptors.begin(), white.descriptors.end(), std::uint8_t{255});
  test::ForEachSimdTarget([&] {
    std::vector<Nearest> of_photo, of_item;
    FindNearest(PackDescriptors(black, AllRows(black)), white, AllRows(white), of_photo, of_item);
    EXPECT_EQ(of_photo[2].best, 128 * 255 * 255);
    FindNearest(PackDescriptors(white, AllRows(white)), white, AllRows(white), of_photo, of_item);
    EXPECT_EQ(of_item[2].best, 0);
  });
}

TEST(FindNearest, AnEmptySideGivesNoNeighbours) {
  const Features some = RandomFeatures(DescriptorKind::kBytes, 128, 5, 1);
  const Features none = RandomFeatures(DescriptorKind::kBytes, 128, 0, 1);
  std::vector<Nearest> of_photo, of_item;
  FindNearest(PackDescriptors(some, AllRows(some)), none, {}, of_photo, of_item);
  EXPECT_EQ(of_photo.size(), 5u);
  EXPECT_EQ(of_photo[0].index, -1);
  FindNearest(PackDescriptors(none, {}), some, AllRows(some), of_photo, of_item);
  EXPECT_TRUE(of_photo.empty());
  EXPECT_EQ(of_item[0].index, -1);
}

TEST(PhotoMatcher, FeaturesOfAnotherKindDoNotMatch) {
  const Features sift = RandomFeatures(DescriptorKind::kBytes, 128, 20, 1);
  const Features orb = RandomFeatures(DescriptorKind::kBits, 32, 20, 1);
  EXPECT_TRUE(PhotoMatcher(sift, {}).Match(orb).empty());
}

TEST(PhotoMatcher, BrightBlobsDoNotMatchDarkOnes) {
  Features features = RandomFeatures(DescriptorKind::kBytes, 128, 40, 1);
  for (std::size_t i = 0; i < 40; i += 3) features.keypoints[i].response = -1;
  const auto same = PhotoMatcher(features, {}).Match(features);
  ASSERT_EQ(same.size(), 40u);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(same[i].photo, i);
    EXPECT_EQ(same[i].item, i);
  }
  Features inverted = features;
  for (Keypoint& keypoint : inverted.keypoints) keypoint.response = keypoint.response < 0 ? 1 : -1;
  for (const FeatureMatch& match : PhotoMatcher(features, {}).Match(inverted))
    EXPECT_NE(match.photo, match.item);
}

TEST(PhotoMatcher, ACopyMatchesItselfOneToOne) {
  const Features features = RandomFeatures(DescriptorKind::kBytes, 128, 40, 1);
  const auto matches = PhotoMatcher(features, {}).Match(features);
  ASSERT_EQ(matches.size(), 40u);
  for (const FeatureMatch& match : matches) {
    EXPECT_EQ(match.photo, match.item);
    EXPECT_EQ(match.distance, 0);
  }
}

}  // namespace
}  // namespace inlier

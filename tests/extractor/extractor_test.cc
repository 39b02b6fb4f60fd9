#include "extractor/extractor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extractor/methods.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

Image Plain(int width_px, int height_px, std::uint8_t level, int channels = 3) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = channels};
  image.pixels.assign(static_cast<std::size_t>(width_px) * height_px * channels, level);
  return image;
}

bool Same(const Features& a, const Features& b) {
  return a.descriptors == b.descriptors && a.size() == b.size() &&
         std::memcmp(a.keypoints.data(), b.keypoints.data(), a.size() * sizeof(Keypoint)) == 0;
}

// Methods with keypoints; look_test.cc has the other.
std::vector<std::string> LocalMethods() {
  std::vector<std::string> names = MethodNames();
  std::erase(names, "look");
  return names;
}

double Distance(Point a, Point b) { return std::hypot(a.x_px - b.x_px, a.y_px - b.y_px); }

/// The share of the features inside the photo that are found again at their places.
double Repeatability(const Features& item, const Features& photo, const Homography& photo_from_item,
                     double tolerance_px) {
  const float right = static_cast<float>(photo.image_width_px) - 20,
              bottom = static_cast<float>(photo.image_height_px) - 20;
  int inside = 0;
  int found = 0;
  for (const Keypoint& keypoint : item.keypoints) {
    const Point expected = Transform(photo_from_item, keypoint.point);
    if (expected.x_px < 20 || expected.y_px < 20 || expected.x_px > right ||
        expected.y_px > bottom) {
      continue;
    }
    ++inside;
    found += std::ranges::any_of(photo.keypoints, [&](const Keypoint& k) {
      return Distance(k.point, expected) < tolerance_px;
    });
  }
  return inside > 0 ? static_cast<double>(found) / inside : 0;
}

class ExtractorTest : public testing::TestWithParam<std::string> {
 protected:
  static std::unique_ptr<Extractor> Make(ExtractorOptions options = {}) {
    options.method = GetParam();
    return std::move(*CreateExtractor(options));
  }
};

TEST_P(ExtractorTest, ShapeOfTheFeatures) {
  const Image image = test::DrawTexture(1, 500, 350);
  const Features features = Make()->Extract(image);
  EXPECT_GT(features.size(), 300u);
  EXPECT_EQ(features.image_width_px, 500u);
  EXPECT_EQ(features.image_height_px, 350u);
  EXPECT_GT(features.descriptor_bytes, 0);
  EXPECT_EQ(features.descriptors.size(), features.size() * features.descriptor_bytes);
  for (const Keypoint& k : features.keypoints) {
    EXPECT_GE(k.point.x_px, -0.5f);
    EXPECT_GE(k.point.y_px, -0.5f);
    EXPECT_LE(k.point.x_px, 499.5f);
    EXPECT_LE(k.point.y_px, 349.5f);
    EXPECT_GT(k.size_px, 0);
    EXPECT_GE(k.angle_rad, 0);
    EXPECT_LT(k.angle_rad, 2 * std::numbers::pi);
  }
}

TEST_P(ExtractorTest, TheFirstFeaturesAreThoseOfASmallerBudget) {
  const Image image = test::DrawTexture(1, 600, 450);
  const Features all = Make()->Extract(image), few = Make({.max_features = 200})->Extract(image);
  ASSERT_GT(all.size(), 300u);
  std::size_t found = 0;
  for (const Keypoint& wanted : few.keypoints) {
    found += std::any_of(all.keypoints.begin(), all.keypoints.begin() + 200, [&](const auto& k) {
      return Distance(k.point, wanted.point) == 0 && k.size_px == wanted.size_px;
    });
  }
  EXPECT_GT(found, 0.8 * static_cast<double>(few.size()));
}

TEST_P(ExtractorTest, ImagesWithoutFeaturesAreEmptySets) {
  const auto extractor = Make();
  for (const int channels : {1, 3}) {
    for (const auto& [width_px, height_px] : std::vector<std::pair<int, int>>{
             {1, 1}, {2, 2}, {7, 7}, {300, 1}, {1, 3000}, {4000, 3}, {640, 480}}) {
      const Features features = extractor->Extract(Plain(width_px, height_px, 255, channels));
      EXPECT_EQ(features.size(), 0u) << width_px << " by " << height_px;
      EXPECT_EQ(features.image_width_px, static_cast<std::uint32_t>(width_px));
      EXPECT_GT(features.descriptor_bytes, 0);
    }
  }
}

TEST_P(ExtractorTest, SmallImagesAndStripsDoNotFail) {
  const auto extractor = Make();
  const auto unresized = Make({.min_side_px = 0});
  for (const auto& [width_px, height_px] : std::vector<std::pair<int, int>>{{3, 3},
                                                                            {8, 8},
                                                                            {15, 16},
                                                                            {31, 33},
                                                                            {62, 63},
                                                                            {64, 64},
                                                                            {1, 500},
                                                                            {500, 1},
                                                                            {2, 700},
                                                                            {600, 9},
                                                                            {9, 2000},
                                                                            {3000, 40}}) {
    const Image image = test::DrawTexture(2, width_px, height_px);
    for (const Extractor* e : {extractor.get(), unresized.get()}) {
      const Features features = e->Extract(image);
      EXPECT_EQ(features.descriptors.size(), features.size() * features.descriptor_bytes);
    }
  }
}

TEST_P(ExtractorTest, UpToThePixelLimit) {
  // An image of 100 megapixels, the largest that is decoded, and a long strip at the largest
  // working size.
  const Image texture = ToGrey(test::DrawTexture(20, 500, 500));
  Image large{.width_px = 10'000, .height_px = 10'000, .channels = 1};
  large.pixels.resize(100'000'000);
  for (std::size_t y = 0; y < 10'000; ++y) {
    for (std::size_t x = 0; x < 10'000; ++x)
      large.pixels[y * 10'000 + x] = texture.pixels[y / 20 * 500 + x / 20];
  }
  const Features of_large = Make()->Extract(large);
  EXPECT_GT(of_large.size(), 300u);
  EXPECT_EQ(of_large.image_width_px, 10'000u);
  const Image strip = test::DrawTexture(21, 8000, 60);
  const Features of_strip = Make({.max_features = 20'000, .max_side_px = 8000})->Extract(strip);
  EXPECT_GT(of_strip.size(), 300u);
  EXPECT_TRUE(std::ranges::any_of(of_strip.keypoints,
                                  [](const Keypoint& k) { return k.point.x_px > 7900; }));
}

TEST_P(ExtractorTest, FeaturesReachTheBorders) {
  // Binary tests need a patch that reaches 24 px to each side; the other methods need less.
  const Features features =
      Make({.max_features = 20'000})->Extract(test::DrawTexture(12, 500, 400));
  const auto any = [&features](auto near) { return std::ranges::any_of(features.keypoints, near); };
  EXPECT_TRUE(any([](const Keypoint& k) { return k.point.x_px < 30; }));
  EXPECT_TRUE(any([](const Keypoint& k) { return k.point.y_px < 30; }));
  EXPECT_TRUE(any([](const Keypoint& k) { return k.point.x_px > 469; }));
  EXPECT_TRUE(any([](const Keypoint& k) { return k.point.y_px > 369; }));
}

TEST_P(ExtractorTest, SmallItemsHaveEnoughFeatures) {
  // Items may be as small as this. Once enlarged they have many times the features that a match
  // needs.
  for (const auto& [width_px, height_px] : {std::pair(100, 140), std::pair(198, 150)}) {
    EXPECT_GT(Make()->Extract(test::DrawTexture(13, width_px, height_px)).size(), 100u) << width_px;
  }
}

TEST_P(ExtractorTest, WhatCameBeforeDoesNotMatter) {
  // Memory is kept from image to image.
  const auto extractor = Make();
  const std::vector<Image> images = {
      test::DrawTexture(14, 500, 300), test::DrawTexture(15, 800, 790), Plain(600, 20, 9),
      test::DrawTexture(16, 410, 640), test::DrawTexture(17, 90, 61)};
  std::vector<Features> alone(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    std::jthread([&, i] {
      alone[i] = extractor->Extract(images[i]);
    }).join();  // a new thread, which has kept no memory yet
  }
  for (const std::size_t i : {0, 1, 4, 0, 2, 3, 1, 4, 2, 0})
    EXPECT_TRUE(Same(extractor->Extract(images[i]), alone[i])) << i;
}

TEST_P(ExtractorTest, NoMoreThanAsked) {
  EXPECT_LE(Make({.max_features = 50})->Extract(test::DrawTexture(3, 600, 400)).size(), 50u);
  EXPECT_EQ(Make({.max_features = 1})->Extract(test::DrawTexture(3, 600, 400)).size(), 1u);
}

TEST_P(ExtractorTest, TheSameTwiceAndFromManyThreads) {
  const auto extractor = Make();
  const Image image = test::DrawTexture(4, 640, 480);
  const Features first = extractor->Extract(image);
  EXPECT_TRUE(Same(first, extractor->Extract(image)));
  EXPECT_TRUE(Same(first, Make()->Extract(image)));
  std::vector<Features> results(4);
  {
    std::vector<std::jthread> threads;
    for (Features& result : results) {
      threads.emplace_back([&] { result = extractor->Extract(image); });
    }
  }
  for (const Features& result : results) EXPECT_TRUE(Same(first, result));
}

TEST_P(ExtractorTest, GreyAndColourAreOneImage) {
  const auto extractor = Make();
  const Image image = test::DrawTexture(5, 400, 300);
  EXPECT_TRUE(Same(extractor->Extract(image), extractor->Extract(ToGrey(image))));
}

TEST_P(ExtractorTest, KeypointsAreInPixelsOfTheOriginal) {
  const Image small = test::DrawTexture(6, 600, 400);
  const double scale = 4;
  const Homography large_from_small{scale, 0, (scale - 1) / 2, 0, scale, (scale - 1) / 2, 0, 0, 1};
  const Image large = ResizeLongSide(small, 2400);
  const auto extractor = Make();
  const Features in_small = extractor->Extract(small);
  const Features in_large = extractor->Extract(large);
  EXPECT_EQ(in_large.image_width_px, 2400u);
  EXPECT_GT(Repeatability(in_small, in_large, large_from_small, 2 * scale), 0.5);
  // The same image at the working size has its features at the same places.
  const Features reduced = extractor->Extract(ResizeLongSide(ToGrey(large), 800));
  ASSERT_EQ(reduced.size(), in_large.size());
  for (std::size_t i = 0; i < reduced.size(); ++i) {
    EXPECT_NEAR(in_large.keypoints[i].point.x_px,
                (reduced.keypoints[i].point.x_px + 0.5f) * 3 - 0.5f, 0.01);
    EXPECT_NEAR(in_large.keypoints[i].size_px, reduced.keypoints[i].size_px * 3, 0.01);
  }
}

TEST_P(ExtractorTest, FindsThePlacesAgainWhenTurnedAndScaled) {
  const Image item = test::DrawTexture(7, 400, 300);
  const auto extractor = Make();
  const Features of_item = extractor->Extract(item);
  for (const auto& [angle_rad, scale] : std::vector<std::pair<double, double>>{
           {0, 0.8}, {0.5, 1}, {std::numbers::pi / 2, 1.4}, {3, 0.7}}) {
    const Homography h = test::Similarity(400, 300, scale, angle_rad, {400, 350});
    const Image photo = test::Warp(item, h, 800, 700, 0);
    const double share = Repeatability(of_item, extractor->Extract(photo), h, 3);
    // SIFT's finest keypoints come from the doubled image, which is not searched when a photo has
    // enough others.
    EXPECT_GT(share, 0.4) << "turned " << angle_rad << ", scaled " << scale;
  }
}

// The share of an item's features whose nearest row in the photo is at the right place, which is
// what a descriptor is for.
TEST_P(ExtractorTest, DescribesAPlaceAlikeWhenTurnedAndScaled) {
  // BRIEF is upright. It is made for photos that are held like those of the catalogue, so it is not
  // asked to bear more than a few degrees.
  const double angle_rad = GetParam() == "brief" ? 0.15 : 0.6;
  const Image item = test::DrawTexture(8, 400, 300);
  const auto extractor = Make();
  const Features of_item = extractor->Extract(item);
  const Homography h = test::Similarity(400, 300, 1.2, angle_rad, {320, 260});
  const Features of_photo = extractor->Extract(test::Warp(item, h, 640, 520, 0));
  const auto distance = [&](std::size_t i, std::size_t j) {
    const auto a = of_item.row(i);
    const auto b = of_photo.row(j);
    int sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      sum += of_item.kind == DescriptorKind::kBits
                 ? std::popcount(static_cast<unsigned>(a[k] ^ b[k]))
                 : (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sum;
  };
  int right = 0;
  for (std::size_t i = 0; i < of_item.size(); ++i) {
    int best = std::numeric_limits<int>::max();
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < of_photo.size(); ++j) {
      if (const int d = distance(i, j); d < best) {
        best = d;
        nearest = j;
      }
    }
    right +=
        Distance(of_photo.keypoints[nearest].point, Transform(h, of_item.keypoints[i].point)) < 4;
  }
  EXPECT_GT(static_cast<double>(right) / static_cast<double>(of_item.size()), 0.3);
}

INSTANTIATE_TEST_SUITE_P(Methods, ExtractorTest, testing::ValuesIn(LocalMethods()),
                         [](const auto& test) { return test.param; });

TEST(ExtractorCreate, NamesTheField) {
  const auto message = [](const ExtractorOptions& options) {
    const auto extractor = CreateExtractor(options);
    return extractor ? std::string() : extractor.error().message;
  };
  EXPECT_THAT(message({.method = "surfboard"}), testing::HasSubstr("'surfboard'"));
  EXPECT_THAT(message({.max_features = 0}), testing::HasSubstr("extract.max_features"));
  EXPECT_THAT(message({.max_side_px = 300, .min_side_px = 400}), testing::HasSubstr("min_side_px"));
  EXPECT_EQ(message({}), "");
}

TEST(MethodNames, EachCanBeMade) {
  for (const std::string& name : MethodNames())
    EXPECT_TRUE(CreateExtractor({.method = name})) << name;
}

}  // namespace
}  // namespace inlier

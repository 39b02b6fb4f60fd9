#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deep/deep.h"
#include "deep/model_folders.h"
#include "deep/xfeat_network.h"
#include "extractor/methods.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using testing::HasSubstr;

Image Plain(int width_px, int height_px, std::uint8_t level) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = 3};
  image.pixels.assign(static_cast<std::size_t>(width_px) * height_px * 3, level);
  return image;
}

bool Same(const Features& a, const Features& b) {
  return a.descriptors == b.descriptors && a.size() == b.size() &&
         std::memcmp(a.keypoints.data(), b.keypoints.data(), a.size() * sizeof(Keypoint)) == 0;
}

double Distance(Point a, Point b) { return std::hypot(a.x_px - b.x_px, a.y_px - b.y_px); }

std::size_t NearestRow(std::span<const std::uint8_t> row, const Features& among) {
  int best = std::numeric_limits<int>::max();
  std::size_t nearest = 0;
  for (std::size_t j = 0; j < among.size(); ++j) {
    int sum = 0;
    for (std::size_t k = 0; k < row.size(); ++k)
      sum += (row[k] - among.row(j)[k]) * (row[k] - among.row(j)[k]);
    if (sum < best) {
      best = sum;
      nearest = j;
    }
  }
  return nearest;
}

class XfeatTest : public testing::Test {
 protected:
  void SetUp() override {
    AddDeepMethods();
    if (!INLIER_HAS_DEEP || !FindModelFile("xfeat.onnx"))
      GTEST_SKIP() << "no XFeat here (scripts/setup-deep)";
  }
  static std::unique_ptr<Extractor> Make(ExtractorOptions options = {}) {
    options.method = "xfeat";
    auto extractor = CreateExtractor(options);
    EXPECT_TRUE(extractor) << extractor.error().message;
    return extractor ? std::move(*extractor) : nullptr;
  }
};

TEST_F(XfeatTest, ShapeOfTheFeatures) {
  const Features features = Make()->Extract(test::DrawTexture(1, 500, 350));
  EXPECT_GT(features.size(), 300u);
  EXPECT_EQ(features.kind, DescriptorKind::kBytes);
  EXPECT_EQ(features.descriptor_bytes, 64);
  EXPECT_EQ(features.descriptors.size(), features.size() * 64);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Keypoint& k = features.keypoints[i];
    EXPECT_GE(std::min(k.point.x_px, k.point.y_px), -0.5f);
    EXPECT_LE(k.point.x_px, 499.5f);
    EXPECT_LE(k.point.y_px, 349.5f);
    EXPECT_EQ(k.angle_rad, 0);
    EXPECT_GT(k.response, 0);
    EXPECT_LE(k.response, features.keypoints[i > 0 ? i - 1 : 0].response);
    double squares = 0;
    for (const std::uint8_t byte : features.row(i)) squares += (byte - 128.0) * (byte - 128.0);
    EXPECT_NEAR(std::sqrt(squares), 250, 6);
  }
}

TEST_F(XfeatTest, TheFirstFeaturesAreThoseOfASmallerBudget) {
  const Image image = test::DrawTexture(1, 600, 450);
  const Features all = Make()->Extract(image), few = Make({.max_features = 200})->Extract(image);
  ASSERT_EQ(few.size(), 200u);
  for (std::size_t i = 0; i < few.size(); ++i)
    EXPECT_EQ(Distance(all.keypoints[i].point, few.keypoints[i].point), 0) << i;
}

TEST_F(XfeatTest, OddImagesDoNotFail) {
  const auto extractor = Make(), unresized = Make({.min_side_px = 0});
  for (const auto& [width_px, height_px] : std::vector<std::pair<int, int>>{
           {1, 1}, {3, 3}, {15, 16}, {31, 33}, {1, 500}, {500, 1}, {600, 9}, {3000, 40}}) {
    EXPECT_EQ(extractor->Extract(Plain(width_px, height_px, 255)).size(), 0u)
        << width_px << " by " << height_px;
    for (const Extractor* e : {extractor.get(), unresized.get()}) {
      const Features features = e->Extract(test::DrawTexture(2, width_px, height_px));
      EXPECT_EQ(features.descriptors.size(), features.size() * features.descriptor_bytes);
      EXPECT_EQ(features.image_width_px, static_cast<std::uint32_t>(width_px));
    }
  }
}

TEST_F(XfeatTest, TheSameFromManyThreadsAndInGrey) {
  const auto extractor = Make();
  const Image image = test::DrawTexture(4, 640, 480), other = test::DrawTexture(5, 320, 500);
  const Features first = extractor->Extract(image);
  std::vector<Features> results(4);
  {
    std::vector<std::jthread> threads;
    for (Features& result : results) {
      threads.emplace_back([&] {
        extractor->Extract(other);
        result = extractor->Extract(image);
      });
    }
  }
  for (const Features& result : results) EXPECT_TRUE(Same(first, result));
  EXPECT_TRUE(Same(first, extractor->Extract(ToGrey(image))));
}

TEST_F(XfeatTest, DescribesAPlaceAlikeWhenScaled) {
  const Image item = test::DrawTexture(8, 400, 300);
  const auto extractor = Make();
  const Features of_item = extractor->Extract(item);
  for (const double scale : {0.6, 0.8, 1.0, 1.4}) {
    const Homography h = test::Similarity(400, 300, scale, 0.15, {320, 260});
    const Features of_photo = extractor->Extract(test::Warp(item, h, 640, 520, 0));
    int right = 0, inside = 0;
    double octaves = 0;
    for (std::size_t i = 0; i < of_item.size(); ++i) {
      const Keypoint& place = of_item.keypoints[i];
      const Point expected = Transform(h, place.point);
      if (std::min({expected.x_px, expected.y_px, 640 - expected.x_px, 520 - expected.y_px}) < 5)
        continue;
      ++inside;
      const Keypoint& found = of_photo.keypoints[NearestRow(of_item.row(i), of_photo)];
      if (Distance(found.point, expected) >= 4) continue;
      ++right;
      octaves += std::log2(found.size_px / place.size_px);
    }
    EXPECT_GT(right, 0.3 * inside) << scale;
    // The descriptors bear some scale, so levels that do not quite fit match as well. The matcher
    // lets sizes differ by an octave.
    EXPECT_NEAR(octaves / right, std::log2(scale), 0.75) << scale;
  }
}

TEST_F(XfeatTest, KeepsOneFeatureAtAPlace) {
  const Features features = Make()->Extract(test::DrawTexture(9, 400, 300));
  for (std::size_t i = 0; i < features.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_GT(Distance(features.keypoints[i].point, features.keypoints[j].point), 3.5);
  }
}

TEST(Xfeat, WithoutItsNetworkSaysHowToGetIt) {
  AddDeepMethods();
  if (FindModelFile("xfeat.onnx")) GTEST_SKIP() << "XFeat is here";
  const auto extractor = CreateExtractor({.method = "xfeat"});
  ASSERT_FALSE(extractor);
  EXPECT_THAT(extractor.error().message, HasSubstr("run scripts/setup-deep"));
}

TEST(Xfeat, AnotherFileIsRefused) {
  AddDeepMethods();
  if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
  test::TempFolder folder;
  test::WriteBytes(folder / "xfeat.onnx", "no network");
  setenv("INLIER_MODELS", folder.path().c_str(), /*overwrite=*/1);
  const auto extractor = CreateExtractor({.method = "xfeat"});
  unsetenv("INLIER_MODELS");
  ASSERT_FALSE(extractor);
  EXPECT_THAT(extractor.error().message, HasSubstr("xfeat.onnx"));
}

}  // namespace
}  // namespace inlier

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "extractor/methods.h"
#include "matcher/matcher.h"
#include "matcher/outline.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

// Keypoints at random places of an item, and keypoints in a photo where `photo_from_item` takes
// them. The first `right` matches are right, and the others lead to random places.
struct Scene {
  Features photo, item;
  std::vector<FeatureMatch> matches;
};

Scene MakeScene(const Homography& photo_from_item, std::size_t right, std::size_t wrong,
                unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> x(0, 399), y(0, 299), anywhere(0, 799), turn(0, 6.28f);
  Scene scene;
  scene.item.image_width_px = 400, scene.item.image_height_px = 300;
  scene.photo.image_width_px = 800, scene.photo.image_height_px = 800;
  for (std::size_t i = 0; i < right + wrong; ++i) {
    const Point at{x(random), y(random)};
    const Point to =
        i < right ? Transform(photo_from_item, at) : Point{anywhere(random), anywhere(random)};
    // The photo's keypoint has the scale and the orientation that the map gives it.
    const Point right_of = Transform(photo_from_item, {at.x_px + 1, at.y_px});
    const Point here = Transform(photo_from_item, at);
    const float dx = right_of.x_px - here.x_px, dy = right_of.y_px - here.y_px;
    const float angle = turn(random);
    scene.item.keypoints.push_back({at, 10, angle, 1});
    scene.photo.keypoints.push_back(
        i < right ? Keypoint{to, 10 * std::hypot(dx, dy), angle + std::atan2(dy, dx), 1}
                  : Keypoint{to, 10, turn(random), 1});
    const auto n = static_cast<std::uint32_t>(i);
    scene.matches.push_back({n, n, 100, 0.7f});
  }
  return scene;
}

void ExpectCorners(const Geometry& geometry, const Homography& truth, int width_px, int height_px,
                   double tolerance_px) {
  const std::array<Point, 4> corners = OutlineOf(width_px, height_px);
  for (std::size_t i = 0; i < 4; ++i) {
    const Point expected = Transform(truth, corners[i]);
    EXPECT_NEAR(geometry.polygon[i].x_px, expected.x_px, tolerance_px) << "corner " << i;
    EXPECT_NEAR(geometry.polygon[i].y_px, expected.y_px, tolerance_px) << "corner " << i;
  }
}

const Homography kPerspective =
    test::FromCorners(400, 300, {Point{150, 120}, {620, 180}, {580, 560}, {110, 470}});

TEST(Verify, FindsTheRightMatchesAmongWrongOnes) {
  const Scene scene = MakeScene(kPerspective, 60, 140, 1);
  const auto geometry = PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches);
  ASSERT_TRUE(geometry);
  ExpectCorners(*geometry, kPerspective, 400, 300, 0.5);
  std::size_t right = 0;
  for (const FeatureMatch& match : geometry->inliers) right += match.photo < 60;
  EXPECT_GE(right, 58u);  // two places may fall within a pixel of each other
  EXPECT_LE(geometry->inliers.size() - right, 2u);
}

TEST(Verify, ExactInliersWithoutNoise) {
  const Scene scene = MakeScene(kPerspective, 30, 0, 3);
  const auto geometry = PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches);
  ASSERT_TRUE(geometry);
  EXPECT_EQ(geometry->inliers.size(), 30u);
  EXPECT_LT(geometry->mean_error_px, 0.05);
}

TEST(Verify, WrongMatchesAloneGiveNothing) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Scene scene = MakeScene(kPerspective, 0, 80, seed);
    EXPECT_FALSE(PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches)) << seed;
  }
}

TEST(Verify, AMirroredItemIsNotTheItem) {
  const Homography mirrored{-1, 0, 600, 0, 1, 100, 0, 0, 1};
  const Scene scene = MakeScene(mirrored, 60, 0, 1);
  EXPECT_FALSE(PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches));
}

TEST(Verify, TooFewMatchesAreNoModel) {
  const Scene scene = MakeScene(kPerspective, 5, 0, 1);
  EXPECT_FALSE(PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches));
  EXPECT_FALSE(PhotoMatcher(scene.photo, {}).Verify(scene.item, {}));
}

TEST(Verify, ManyMatchesOfOnePlaceCountOnce) {
  Scene scene = MakeScene(kPerspective, 12, 0, 1);
  const std::size_t distinct =
      PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches)->inliers.size();
  for (std::uint32_t i = 0; i < 12; ++i) {
    scene.photo.keypoints.push_back(scene.photo.keypoints[i]);
    scene.item.keypoints.push_back(scene.item.keypoints[i]);
    scene.matches.push_back({12 + i, 12 + i, 100, 0.7f});
  }
  EXPECT_EQ(PhotoMatcher(scene.photo, {}).Verify(scene.item, scene.matches)->inliers.size(),
            distinct);
}

// These tests use drawn images, whose features come from a real extractor.
class DrawnItemTest : public testing::TestWithParam<Homography> {};

TEST_P(DrawnItemTest, OutlineIsRightToTwoPixels) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Image photo = test::Warp(item, GetParam(), 800, 600, 8);
  const auto extractor = CreateExtractor({});
  ASSERT_TRUE(extractor);
  const Features of_photo = (*extractor)->Extract(photo), of_item = (*extractor)->Extract(item);
  const PhotoMatcher matcher(of_photo, {});
  const auto geometry = matcher.Verify(of_item, matcher.Match(of_item));
  ASSERT_TRUE(geometry);
  ExpectCorners(*geometry, GetParam(), 400, 300, 2.0);
  EXPECT_GE(geometry->inliers.size(), 40u);
}

INSTANTIATE_TEST_SUITE_P(
    Maps, DrawnItemTest,
    testing::Values(test::Similarity(400, 300, 1.0, 0.0, {400, 300}),
                    test::Similarity(400, 300, 0.8, 2.2, {380, 320}),
                    test::FromCorners(400, 300,
                                      {Point{150, 120}, {620, 150}, {590, 520}, {130, 450}})));

}  // namespace
}  // namespace inlier

// A busy photo has more to show than the features of a first look can hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr int kItemWidth = 320, kItemHeight = 240;
constexpr int kPhotoWidth = 2000, kPhotoHeight = 1500;
constexpr int kFewFeatures = 250;

class FullerLookTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    EngineOptions options;
    options.extract.max_features = kFewFeatures;
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kCreate, {.options = options});
    ASSERT_TRUE(engine) << engine.error().message;
    for (unsigned i = 0; i < 8; ++i) {
      const auto path = *folder_ / fmt::format("{}.png", i);
      test::WriteImage(path, test::DrawTexture(100 + i, kItemWidth, kItemHeight));
      ASSERT_TRUE((*engine)->Add(std::to_string(i), path));
    }
    test::WriteImage(*folder_ / "photo.jpg",
                     test::Warp(test::DrawTexture(103, kItemWidth, kItemHeight), Place(),
                                kPhotoWidth, kPhotoHeight, 77));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Homography Place() {
    return test::Similarity(kItemWidth, kItemHeight, 1.0, 0.2, {1300, 600});
  }

  static Result<Answer> Ask(int max_features) {
    EngineOptions options;
    options.extract.max_features = kFewFeatures;
    options.photo.max_features = max_features;
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
    if (!engine) return tl::unexpected(engine.error());
    return (*engine)->Query(*folder_ / "photo.jpg");
  }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> FullerLookTest::folder_;

TEST_F(FullerLookTest, WithoutOneTheItemIsNotFound) {
  const auto answer = Ask(0);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->hits.empty());
  EXPECT_EQ(answer->features, kFewFeatures);
}

TEST_F(FullerLookTest, MoreFeaturesFindIt) {
  const auto answer = Ask(PhotoOptions{}.max_features);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->hits.size(), 1u);
  EXPECT_EQ(answer->hits[0].id, "3");
  EXPECT_TRUE(answer->hits[0].accepted);
  const Point corner = Transform(Place(), {-0.5f, -0.5f});
  EXPECT_NEAR((*answer->hits[0].polygon)[0].x_px, corner.x_px, 4);
  EXPECT_NEAR((*answer->hits[0].polygon)[0].y_px, corner.y_px, 4);
  EXPECT_GT(answer->features, kFewFeatures);
  EXPECT_GT(answer->timings.second_look_ms, 0);
}

}  // namespace
}  // namespace inlier

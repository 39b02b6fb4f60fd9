// More features of the whole photo make a likely item acceptable. A busy photo has more to show
// than the features of a first look can hold.
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
    const Image one = test::Warp(test::DrawTexture(103, kItemWidth, kItemHeight), Place(),
                                 kPhotoWidth, kPhotoHeight, 77);
    test::WriteImage(*folder_ / "one.jpg", one);
    test::WriteImage(
        *folder_ / "two.jpg",
        test::WarpOnto(one, test::DrawTexture(105, kItemWidth, kItemHeight),
                       test::Similarity(kItemWidth, kItemHeight, 1.0, 0.1, {350, 300})));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Homography Place() {
    return test::Similarity(kItemWidth, kItemHeight, 2.2, 0.2, {1300, 900});
  }

  // Closer looks at regions would find what these tests leave to the whole photo.
  static Result<Answer> Ask(const char* photo, int max_features, double accept_probability) {
    EngineOptions options;
    options.extract.max_features = kFewFeatures;
    options.photo.max_features = max_features;
    options.decide.second_looks = 0;
    options.decide.accept_probability = accept_probability;
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
    if (!engine) return tl::unexpected(engine.error());
    return (*engine)->Query(*folder_ / photo);
  }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> FullerLookTest::folder_;

// Above what the first look makes of the item.
constexpr double kSure = 0.999999;
constexpr double kUsual = DecisionOptions{}.accept_probability;

TEST_F(FullerLookTest, WithoutOneALikelyItemStaysLikely) {
  const auto answer = Ask("one.jpg", 0, kSure);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->hits.empty());
  EXPECT_EQ(answer->features, kFewFeatures);
}

TEST_F(FullerLookTest, MoreFeaturesMakeItSure) {
  const auto answer = Ask("one.jpg", PhotoOptions{}.max_features, kSure);
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

TEST_F(FullerLookTest, ABusyPhotoShowsASmallItemBesideALargeOne) {
  const auto first = Ask("two.jpg", 0, kUsual);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_EQ(first->hits.size(), 1u);
  EXPECT_EQ(first->hits[0].id, "3");
  const auto fuller = Ask("two.jpg", PhotoOptions{}.max_features, kUsual);
  ASSERT_TRUE(fuller) << fuller.error().message;
  ASSERT_EQ(fuller->hits.size(), 2u);
  EXPECT_EQ(fuller->hits[0].id, "3");
  EXPECT_EQ(fuller->hits[1].id, "5");
}

}  // namespace
}  // namespace inlier

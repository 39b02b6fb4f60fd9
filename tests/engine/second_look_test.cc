// A small item in a large and busy photo: it has few features of the photo's own, and enough of
// them in a second look.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr int kItemWidth = 320, kItemHeight = 240;
constexpr int kPhotoWidth = 2400, kPhotoHeight = 1800;
constexpr double kScale = 0.82;  // of the item in the photo
constexpr Point kPlace{1500, 700};

class SecondLookTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    for (unsigned i = 0; i < 8; ++i) {
      const auto path = *folder_ / fmt::format("{}.png", i);
      test::WriteImage(path, test::DrawTexture(100 + i, kItemWidth, kItemHeight));
      ASSERT_TRUE((*engine)->Add(std::to_string(i), path));
    }
    const Homography place = test::Similarity(kItemWidth, kItemHeight, kScale, 0.2, kPlace);
    test::WriteImage(*folder_ / "photo.jpg",
                     test::Warp(test::DrawTexture(103, kItemWidth, kItemHeight), place, kPhotoWidth,
                                kPhotoHeight, 77));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::unique_ptr<Engine> Open(int second_looks) {
    EngineOptions options;
    options.decide.second_looks = second_looks;
    options.photo.max_features = 0;  // or the whole photo would be looked at again
    // Drawn items are plain or lost, so what is plain at a second look only is asked for.
    options.decide.accept_probability = 0.998;
    auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }

  static void ExpectFound(const Result<Answer>& answer) {
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->hits.size(), 1u);
    EXPECT_EQ(answer->hits[0].id, "3");
    EXPECT_TRUE(answer->hits[0].accepted);
    const Homography place = test::Similarity(kItemWidth, kItemHeight, kScale, 0.2, kPlace);
    const Point corner = Transform(place, {-0.5f, -0.5f});
    EXPECT_NEAR((*answer->hits[0].polygon)[0].x_px, corner.x_px, 4);
    EXPECT_NEAR((*answer->hits[0].polygon)[0].y_px, corner.y_px, 4);
  }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> SecondLookTest::folder_;

TEST_F(SecondLookTest, WithoutOneTheItemIsNotAccepted) {
  const auto answer = Open(0)->Query(*folder_ / "photo.jpg", {.all = true});
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_FALSE(answer->hits.empty());
  EXPECT_EQ(answer->hits[0].id, "3");
  EXPECT_FALSE(answer->hits[0].accepted) << answer->hits[0].probability;
}

TEST_F(SecondLookTest, AFileIsReadAgainWhereItIs) {
  ExpectFound(Open(1)->Query(*folder_ / "photo.jpg"));
}

TEST_F(SecondLookTest, BytesAreReadAgainToo) {
  const auto bytes = ReadFileBytes(*folder_ / "photo.jpg", 1 << 30);
  ASSERT_TRUE(bytes);
  ExpectFound(Open(1)->Query(std::span<const std::uint8_t>(*bytes)));
}

TEST_F(SecondLookTest, PixelsAreCut) {
  const auto photo = ReadImage(*folder_ / "photo.jpg");
  ASSERT_TRUE(photo);
  ExpectFound(Open(1)->Query(*photo));
}

TEST_F(SecondLookTest, APhotoThatShowsNothingStaysEmpty) {
  const auto answer = Open(3)->Query(test::DrawTexture(500, 1200, 900));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->hits.empty());
}

}  // namespace
}  // namespace inlier

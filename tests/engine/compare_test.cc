// What is asked of single pictures: two of them, a photo and a stored one, or a part of a photo.
#include <algorithm>

#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/engine/drawn_items.h"

namespace inlier {
namespace {

TEST_F(EngineTest, ComparesAPhotoWithAStoredPicture) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const auto map = test::Similarity(kWidth, kHeight, 1.1, 0.4, {400, 300});
  const Image photo = test::Warp(Item(6), map, 800, 600, 55);
  const auto file = EncodeJpeg(photo, 95);
  const auto comparison = engine->Compare(file, "6", 0);
  ASSERT_TRUE(comparison && comparison->hit) << comparison.error().message;
  ExpectPlace(*comparison->hit, map);
  EXPECT_EQ(comparison->photo_width_px, 800);
  EXPECT_EQ(comparison->item_height_px, kHeight);
  EXPECT_EQ(static_cast<int>(comparison->hit->matches.size() + comparison->others.size()),
            comparison->hit->evidence.matches);
  const auto alike = std::ranges::count_if(comparison->blocks, &ComparedBlock::alike);
  EXPECT_GT(2 * static_cast<std::size_t>(alike), comparison->blocks.size());

  // Of a part of the photo, points are in pixels of the whole.
  const PixelRegion region{.left_px = 100, .top_px = 40, .width_px = 620, .height_px = 520};
  const auto part = engine->Compare(file, "6", 0, region);
  ASSERT_TRUE(part && part->hit);
  ExpectPlace(*part->hit, map);
  EXPECT_EQ(part->photo_width_px, 620);

  EXPECT_EQ(engine->Compare(file, "none", 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine->Compare(file, "6", 9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine->FeaturesOf("6", 0)->size(), (*engine->Find("6"))->pictures[0].feature_count);
  EXPECT_EQ(engine->FeaturesOf("6", 9).error().code, ErrorCode::kNotFound);
}

TEST_F(EngineTest, LooksAtAPartOfAPhoto) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const auto map = test::Similarity(kWidth, kHeight, 1.1, 0.4, {400, 300});
  const Image photo = test::Warp(Item(6), map, 800, 600, 55);
  const auto file = EncodeJpeg(photo, 95);
  const PixelRegion region{.left_px = 100, .top_px = 40, .width_px = 620, .height_px = 520};
  for (const auto& answer : {engine->Query(photo, {.region = region}),
                             engine->Query(file, {.keep_matches = true, .region = region})}) {
    ASSERT_TRUE(answer && !answer->hits.empty());
    EXPECT_EQ(answer->hits[0].id, "6");
    ExpectPlace(answer->hits[0], map);
    EXPECT_EQ(answer->photo_width_px, 620);
    for (const MatchedPoint& match : answer->hits[0].matches) EXPECT_GE(match.photo.x_px, 100);
  }
  // Where it is not.
  const PixelRegion corner{.left_px = 0, .top_px = 0, .width_px = 90, .height_px = 90};
  EXPECT_TRUE(engine->Query(photo, {.region = corner})->hits.empty());
  for (const PixelRegion& outside :
       {PixelRegion{700, 0, 200, 10}, PixelRegion{0, 0, 0, 0}, PixelRegion{-1, 0, 10, 10}}) {
    EXPECT_EQ(engine->Query(photo, {.region = outside}).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(engine->Query(file, {.region = outside}).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(EngineTest, AnImageWithoutPixelsIsAnError) {
  EXPECT_EQ(Open(*folder_ / "db", OpenMode::kRead)->Query(Image{}).error().code,
            ErrorCode::kBadImage);
  EXPECT_EQ(MatchImages(Image{}, Item(1)).error().code, ErrorCode::kBadImage);
}

TEST_F(EngineTest, MatchesTwoImagesDirectly) {
  const auto map = test::Similarity(kWidth, kHeight, 1.1, 0.4, {400, 300});
  const auto hit = MatchImages(test::Warp(Item(6), map, 800, 600, 55), Item(6));
  ASSERT_TRUE(hit && *hit);
  ExpectPlace(**hit, map);
  EXPECT_FALSE((*hit)->matches.empty());
  EXPECT_FALSE(*MatchImages(test::DrawTexture(999, 800, 600), Item(6)));
}

}  // namespace
}  // namespace inlier

#include "core/decode/picture_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"

namespace inlier {
namespace {

using testing::Each;
using testing::ElementsAre;

Result<Image> Built(const RowLayout& layout, const std::vector<std::vector<std::uint8_t>>& rows,
                    const DecodeOptions& options = {}) {
  std::vector<std::string> warnings;
  const PixelRegion region = options.region.value_or(
      PixelRegion{.width_px = layout.width_px, .height_px = layout.height_px});
  PictureBuilder builder(options, region, layout.width_px, layout.height_px, warnings);
  INLIER_RETURN_IF_ERROR(builder.Begin(layout));
  for (const auto& row : rows) builder.Row(row.data());
  return builder.Take();
}

TEST(PictureBuilder, RowsBecomeBgr) {
  const auto image =
      Built({.width_px = 2, .height_px = 2}, {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}});
  ASSERT_TRUE(image);
  EXPECT_THAT(image->pixels, ElementsAre(3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10));
}

TEST(PictureBuilder, BoxesAreAveragedAndThoseAtTheEdgesAreSmaller) {
  const RowLayout layout{.width_px = 5, .height_px = 3, .samples = Samples::kGrey};
  const auto image = Built(layout, {{0, 10, 20, 30, 7}, {4, 10, 20, 31, 8}, {1, 2, 3, 4, 200}},
                           {.least_side_px = 2});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width_px, 3);
  EXPECT_EQ(image->height_px, 2);
  std::vector<int> grey;
  for (std::size_t i = 0; i < image->pixels.size(); i += 3) grey.push_back(image->pixels[i]);
  EXPECT_THAT(grey, ElementsAre(6, 25, 8, 2, 4, 200));
}

TEST(PictureBuilder, SixteenBitsAreAveragedBeforeTheyAreRounded) {
  const std::uint16_t samples[4] = {0, 257, 257, 257};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(samples);
  const RowLayout layout{.width_px = 2, .height_px = 2, .samples = Samples::kGrey, .bits = 16};
  const auto image =
      Built(layout, {{bytes, bytes + 4}, {bytes + 4, bytes + 8}}, {.least_side_px = 1});
  ASSERT_TRUE(image);
  EXPECT_THAT(image->pixels, ElementsAre(1, 1, 1));  // 192.75 of 257
}

// A clear pixel has no colour, so a red one beside it stays red at half the cover.
TEST(PictureBuilder, ColoursAreAveragedByTheirAlpha) {
  const RowLayout layout{.width_px = 2, .height_px = 1, .samples = Samples::kRgba};
  const auto image = Built(layout, {{200, 0, 0, 255, 0, 255, 0, 0}}, {.least_side_px = 1});
  ASSERT_TRUE(image);
  EXPECT_THAT(image->pixels, ElementsAre(127, 127, 227));  // (200, 0, 0) at 128 of 255 over white
}

TEST(PictureBuilder, NothingIsReducedBelowTheLeastSide) {
  const std::vector<std::uint8_t> row(1999, 9);
  const RowLayout layout{.width_px = 1999, .height_px = 1, .samples = Samples::kGrey};
  EXPECT_EQ(Built(layout, {row}, {.least_side_px = 1000})->width_px, 1999);
  EXPECT_EQ(Built(layout, {row}, {.least_side_px = 999})->width_px, 1000);
}

TEST(PictureBuilder, WhiteIsTheGroundUnlessItWouldLeaveNothing) {
  const RowLayout layout{.width_px = 2, .height_px = 1, .samples = Samples::kGreyAlpha};
  EXPECT_THAT(Built(layout, {{0, 255, 0, 0}})->pixels, ElementsAre(0, 0, 0, 255, 255, 255));
  EXPECT_THAT(Built(layout, {{255, 255, 0, 0}})->pixels, ElementsAre(255, 255, 255, 0, 0, 0));
  EXPECT_THAT(Built(layout, {{255, 255, 255, 255}})->pixels, Each(255))
      << "plain white is not clear";
  EXPECT_THAT(Built(layout, {{0, 0, 0, 0}})->pixels, Each(255)) << "nothing is to be seen";
}

TEST(PictureBuilder, ARegionIsCutOutBeforeItIsReduced) {
  const RowLayout layout{.width_px = 5, .height_px = 4, .samples = Samples::kGrey};
  const std::vector<std::vector<std::uint8_t>> rows = {
      {1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}, {21, 22, 23, 24, 25}, {31, 32, 33, 34, 35}};
  const PixelRegion region{.left_px = 1, .top_px = 2, .width_px = 4, .height_px = 2};
  const auto grey = [](const Result<Image>& image) {
    std::vector<int> levels;
    for (std::size_t i = 0; i < image->pixels.size(); i += 3) levels.push_back(image->pixels[i]);
    return levels;
  };
  EXPECT_THAT(grey(Built(layout, rows, {.region = region})),
              ElementsAre(22, 23, 24, 25, 32, 33, 34, 35));
  EXPECT_THAT(grey(Built(layout, rows, {.least_side_px = 2, .region = region})),
              ElementsAre(28, 30));
}

TEST(PictureBuilder, TooManyPixelsAndMissingRowsAreRefused) {
  const RowLayout layout{.width_px = 2, .height_px = 2, .samples = Samples::kGrey};
  const auto few = Built(layout, {{1, 2}});
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, ErrorCode::kBadImage);
  EXPECT_THAT(few.error().message, testing::HasSubstr("1 of 2 rows"));
  EXPECT_FALSE(Built(layout, {{1, 2}, {3, 4}}, {.limits = {.max_pixels = 3}}));
  EXPECT_TRUE(Built(layout, {{1, 2}, {3, 4}}, {.limits = {.max_pixels = 3}, .least_side_px = 1}));
}

}  // namespace
}  // namespace inlier

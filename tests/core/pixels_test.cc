// Pixels that the caller owns, in every order and layout.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/image.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::HasSubstr;

// 2 × 2 pixels with a different level in each channel.
const Bytes kBgrPixels = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};

void ExpectBad(const PixelView& view, const std::string& reason) {
  const auto image = ImageFromPixels(view);
  ASSERT_FALSE(image) << "accepted, where an error was due: " << reason;
  EXPECT_EQ(image.error().code, ErrorCode::kBadImage);
  EXPECT_THAT(image.error().message, HasSubstr(reason));
}

TEST(ImageFromPixels, BgrIsCopiedAsItIs) {
  const auto image = ImageFromPixels({.pixels = kBgrPixels.data(), .width_px = 2, .height_px = 2});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width_px, 2);
  EXPECT_EQ(image->height_px, 2);
  EXPECT_EQ(image->channels, 3);
  EXPECT_EQ(image->pixels, kBgrPixels);
}

TEST(ImageFromPixels, RgbIsTurnedAround) {
  const auto image = ImageFromPixels(
      {.pixels = kBgrPixels.data(), .width_px = 2, .height_px = 2, .order = PixelOrder::kRgb});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pixels, (Bytes{30, 20, 10, 60, 50, 40, 90, 80, 70, 120, 110, 100}));
}

TEST(ImageFromPixels, GreyKeepsOneChannel) {
  const Bytes pixels = {1, 2, 3, 4, 5, 6};
  const auto image = ImageFromPixels(
      {.pixels = pixels.data(), .width_px = 3, .height_px = 2, .order = PixelOrder::kGrey});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->channels, 1);
  EXPECT_EQ(image->pixels, pixels);
}

TEST(ImageFromPixels, OpaquePixelsKeepTheirColour) {
  const Bytes pixels = {10, 20, 30, 255, 40, 50, 60, 255};
  PixelView view{
      .pixels = pixels.data(), .width_px = 2, .height_px = 1, .order = PixelOrder::kBgra};
  EXPECT_EQ(ImageFromPixels(view)->pixels, (Bytes{10, 20, 30, 40, 50, 60}));
  view.order = PixelOrder::kRgba;
  EXPECT_EQ(ImageFromPixels(view)->pixels, (Bytes{30, 20, 10, 60, 50, 40}));
}

// Every level with every alpha, as pixels and as the rows of a PNG file.
TEST(ImageFromPixels, TransparencyLiesOverWhiteAsInAFile) {
  constexpr std::uint32_t kSide_px = 256;
  Bytes pixels, rows;
  for (std::uint32_t alpha = 0; alpha < kSide_px; ++alpha) {
    rows.push_back(0);  // no filter
    for (std::uint32_t level = 0; level < kSide_px; ++level) {
      for (const std::uint32_t value : {level, 255 - level, level / 2, alpha}) {
        pixels.push_back(static_cast<std::uint8_t>(value));
        rows.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  const auto image = ImageFromPixels({.pixels = pixels.data(),
                                      .width_px = kSide_px,
                                      .height_px = kSide_px,
                                      .order = PixelOrder::kRgba});
  const auto decoded = DecodeImage(test::Png(kSide_px, kSide_px, 8, 6, rows));
  ASSERT_TRUE(image && decoded);
  EXPECT_EQ(image->pixels, decoded->pixels);
}

TEST(ImageFromPixels, RowsMayHaveAGapBehindThem) {
  const Bytes pixels = {10, 20, 30, 40, 50, 60, 0, 0, 70, 80, 90, 100, 110, 120, 0, 0};
  const auto image =
      ImageFromPixels({.pixels = pixels.data(), .width_px = 2, .height_px = 2, .row_bytes = 8});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pixels, kBgrPixels);
}

TEST(ImageFromPixels, RowsMayLieBottomUp) {
  const auto image = ImageFromPixels(
      {.pixels = kBgrPixels.data() + 6, .width_px = 2, .height_px = 2, .row_bytes = -6});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pixels, (Bytes{70, 80, 90, 100, 110, 120, 10, 20, 30, 40, 50, 60}));
}

TEST(ImageFromPixels, NoPixelsAreAnError) {
  const std::uint8_t pixel = 0;
  ExpectBad({}, "without pixels");
  ExpectBad({.width_px = 2, .height_px = 2}, "without pixels");
  for (const int side_px : {0, -1, std::numeric_limits<int>::min()}) {
    ExpectBad({.pixels = &pixel, .width_px = side_px, .height_px = 2}, "without pixels");
    ExpectBad({.pixels = &pixel, .width_px = 2, .height_px = side_px}, "without pixels");
  }
}

TEST(ImageFromPixels, SidesAboveTheLimitsAreAnError) {
  const std::uint8_t pixel = 0;
  const DecodeLimits limits;
  const int side_px = limits.max_side_px;
  ExpectBad({.pixels = &pixel, .width_px = side_px + 1, .height_px = 1}, "beyond the limits");
  ExpectBad({.pixels = &pixel, .width_px = 1, .height_px = side_px + 1}, "beyond the limits");
  ExpectBad({.pixels = &pixel, .width_px = side_px, .height_px = side_px}, "beyond the limits");
}

TEST(ImageFromPixels, RowsThatOverlapAreAnError) {
  PixelView view{.pixels = kBgrPixels.data(), .width_px = 2, .height_px = 2};
  for (const std::ptrdiff_t row_bytes : {5, 1, -1, -5}) {
    view.row_bytes = row_bytes;
    ExpectBad(view, "cannot begin " + std::to_string(row_bytes) + " bytes apart");
  }
  // One row cannot overlap another.
  view.height_px = 1;
  EXPECT_TRUE(ImageFromPixels(view));
}

}  // namespace
}  // namespace inlier

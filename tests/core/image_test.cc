#include "core/image.h"

#include <gtest/gtest.h>

#include "tests/support/drawn.h"

namespace inlier {
namespace {

TEST(ToGrey, WeighsTheColours) {
  const Image image{
      .width_px = 3, .height_px = 1, .channels = 3, .pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255}};
  const Image grey = ToGrey(image);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_EQ(grey.pixels, (std::vector<std::uint8_t>{29, 150, 76}));
  EXPECT_EQ(ToGrey(grey).pixels, grey.pixels);
}

TEST(ResizeLongSide, KeepsTheShapeAndAtLeastOnePixel) {
  const Image image = test::DrawTexture(1, 300, 200);
  const Image small = ResizeLongSide(image, 150);
  EXPECT_EQ(small.width_px, 150);
  EXPECT_EQ(small.height_px, 100);
  EXPECT_EQ(small.pixels.size(), 150u * 100 * 3);
  const Image large = ResizeLongSide(image, 600);
  EXPECT_EQ(large.width_px, 600);
  EXPECT_EQ(large.height_px, 400);
  EXPECT_EQ(ResizeLongSide(image, 300).pixels, image.pixels);
  const Image strip = ResizeLongSide(test::DrawTexture(1, 4000, 2), 400);
  EXPECT_EQ(strip.width_px, 400);
  EXPECT_EQ(strip.height_px, 1);
}

TEST(EncodeJpeg, ComesBack) {
  const Image image = test::DrawTexture(2, 64, 48);
  const auto back = DecodeImage(EncodeJpeg(image, 95));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->width_px, 64);
  EXPECT_TRUE(DecodeImage(EncodeJpeg(ToGrey(image), 95)));
}

// All tests with drawn images rely on this.
TEST(Drawn, TheSamePixelsEveryTime) {
  EXPECT_EQ(test::DrawTexture(3, 120, 90).pixels, test::DrawTexture(3, 120, 90).pixels);
  EXPECT_NE(test::DrawTexture(3, 120, 90).pixels, test::DrawTexture(4, 120, 90).pixels);
}

TEST(Drawn, WarpPutsThePointsWhereTheHomographySays) {
  Image item{.width_px = 101, .height_px = 81, .channels = 3};
  item.pixels.assign(101 * 81 * 3, 0);
  const auto dot = [&item](int x, int y) {
    for (int dy = -2; dy <= 2; ++dy) {
      for (int dx = -2; dx <= 2; ++dx) {
        for (int c = 0; c < 3; ++c) {
          item.pixels[static_cast<std::size_t>(((y + dy) * 101 + x + dx) * 3 + c)] = 255;
        }
      }
    }
  };
  dot(30, 50);
  const Homography h = test::FromCorners(101, 81, {{{40, 30}, {260, 50}, {240, 220}, {60, 190}}});
  const Image photo = ToGrey(test::Warp(item, h, 320, 240, 0));
  const Point expected = Transform(h, {30, 50});
  double sum = 0, x_sum = 0, y_sum = 0;
  const int left = static_cast<int>(expected.x_px) - 15, top = static_cast<int>(expected.y_px) - 15;
  for (int y = top; y <= top + 30; ++y) {
    for (int x = left; x <= left + 30; ++x) {
      const double weight = photo.pixels[static_cast<std::size_t>(y * 320 + x)];
      sum += weight;
      x_sum += weight * x;
      y_sum += weight * y;
    }
  }
  EXPECT_NEAR(x_sum / sum, expected.x_px, 0.3);
  EXPECT_NEAR(y_sum / sum, expected.y_px, 0.3);
}

}  // namespace
}  // namespace inlier

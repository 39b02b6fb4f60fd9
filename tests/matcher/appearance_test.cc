#include "matcher/appearance.h"

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/drawn.h"

namespace inlier {
namespace {

const Homography kMap =
    test::FromCorners(400, 300, {Point{150, 120}, {620, 150}, {590, 520}, {130, 450}});

// Compares the photo with an item that lies where kMap takes it.
Appearance AppearanceIn(const Image& photo, const Image& item) {
  return PhotoAppearance(photo).CorrelateWith(ResizeLongSide(item, 96), item.width_px,
                                              item.height_px, kMap);
}

TEST(Appearance, TheItemAgreesWithItself) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Appearance a = AppearanceIn(test::Warp(item, kMap, 800, 600, 8), item);
  EXPECT_GT(a.agreement, 0.9);
  EXPECT_GT(a.colour, 0.8);
  EXPECT_LT(a.colour_shift, 0.05);
  EXPECT_NEAR(a.visible, 1.0, 0.02);
}

TEST(Appearance, ThePhotoIsWarpedOntoAPictureOfAnySize) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Image scene = test::Warp(item, kMap, 800, 600, 8);
  const PhotoAppearance photo(scene);
  for (const int side_px : {100, 200, 400}) {
    const Image picture = ToGrey(ResizeLongSide(item, side_px));
    const Image seen = photo.Warp(picture, 400, 300, kMap);
    ASSERT_EQ(seen.pixels.size(), picture.pixels.size());
    double apart = 0;
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
      apart += std::abs(seen.pixels[i] - picture.pixels[i]);
    EXPECT_LT(apart / static_cast<double>(picture.pixels.size()), 8) << side_px;
  }
}

TEST(Appearance, AnotherPictureDoesNot) {
  const Appearance a = AppearanceIn(test::Warp(test::DrawTexture(9, 400, 300), kMap, 800, 600, 8),
                                    test::DrawTexture(7, 400, 300));
  EXPECT_LT(a.agreement, 0.3);
  EXPECT_LT(a.colour, 0.5);
}

TEST(Appearance, DarknessIsNotAnotherColour) {
  const Image item = test::DrawTexture(7, 400, 300);
  Image photo = test::Warp(item, kMap, 800, 600, 8);
  for (auto& value : photo.pixels) value = static_cast<std::uint8_t>(value / 3);
  const Appearance a = AppearanceIn(photo, item);
  EXPECT_GT(a.agreement, 0.85);
  EXPECT_GT(a.colour, 0.7);
}

TEST(Appearance, SwappedColoursAreSeen) {
  const Image item = test::DrawTexture(7, 400, 300);
  Image photo = test::Warp(item, kMap, 800, 600, 8);
  for (std::size_t i = 0; i + 2 < photo.pixels.size(); i += 3)
    std::swap(photo.pixels[i], photo.pixels[i + 2]);
  const Appearance right = AppearanceIn(test::Warp(item, kMap, 800, 600, 8), item),
                   swapped = AppearanceIn(photo, item);
  EXPECT_LT(swapped.colour, right.colour - 0.3);
}

Image InGreys(const Image& colours, int channels) {
  Image grey{.width_px = colours.width_px, .height_px = colours.height_px, .channels = channels};
  for (std::size_t i = 0; i + 2 < colours.pixels.size(); i += 3) {
    const int sum = colours.pixels[i] + colours.pixels[i + 1] + colours.pixels[i + 2];
    grey.pixels.insert(grey.pixels.end(), static_cast<std::size_t>(channels),
                       static_cast<std::uint8_t>(sum / 3));
  }
  return grey;
}

TEST(Appearance, AGreyPictureOfAnItemIsComparedByItsTexture) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Image photo = test::Warp(item, kMap, 800, 600, 8);
  const Appearance in_colours = AppearanceIn(photo, item);
  for (const int channels : {1, 3}) {
    const Appearance grey = AppearanceIn(photo, InGreys(item, channels));
    EXPECT_GT(grey.agreement, in_colours.agreement - 0.1);
    EXPECT_NEAR(grey.visible, 1.0, 0.02);
    EXPECT_LT(grey.colour_error, 0.25);
    EXPECT_LT(grey.colour_differs, 0.1);
  }
}

TEST(Appearance, AGreyPhotoIsComparedByItsTexture) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Image photo = test::Warp(item, kMap, 800, 600, 8);
  for (const int channels : {1, 3}) {
    const Appearance grey = AppearanceIn(InGreys(photo, channels), item);
    EXPECT_GT(grey.agreement, AppearanceIn(photo, item).agreement - 0.1);
    EXPECT_LT(grey.colour_error, 0.25);
    EXPECT_LT(grey.colour_differs, 0.1);
  }
}

TEST(Appearance, MeasuresHowMuchOfTheItemIsInsideThePhoto) {
  const Image item = test::DrawTexture(7, 400, 300);
  const Image photo = test::DrawTexture(8, 800, 600);
  const Homography half_outside = test::Similarity(400, 300, 1, 0, {800, 300});
  const Appearance a =
      PhotoAppearance(photo).CorrelateWith(ResizeLongSide(item, 96), 400, 300, half_outside);
  EXPECT_NEAR(a.visible, 0.5, 0.03);
}

TEST(Appearance, WithoutAPreviewAllMeasuresAreZero) {
  EXPECT_EQ(PhotoAppearance(test::DrawTexture(8, 80, 60)).CorrelateWith({}, 40, 30, kMap).agreement,
            0);
}

}  // namespace
}  // namespace inlier

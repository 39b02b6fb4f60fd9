#include <gtest/gtest.h>

#include "core/image.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::FileBytes;

// Rows of a PNG with a filter byte each, of an image in blue, green, red.
FileBytes PngRows(const Image& image) {
  FileBytes rows;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    if (i % (static_cast<std::size_t>(image.width_px) * 3) == 0) rows.push_back(0);
    for (const std::size_t c : {2u, 1u, 0u}) rows.push_back(image.pixels[i + c]);
  }
  return rows;
}

// By hand, as what Cut and the decoders have to give.
Image PartOf(const Image& image, const PixelRegion& region) {
  Image out{.width_px = region.width_px, .height_px = region.height_px, .channels = 3};
  for (int y = region.top_px; y < region.top_px + region.height_px; ++y) {
    const auto from =
        image.pixels.begin() + 3 * (std::ptrdiff_t{y} * image.width_px + region.left_px);
    out.pixels.insert(out.pixels.end(), from, from + std::ptrdiff_t{3} * region.width_px);
  }
  return out;
}

TEST(DecodeRegion, IsThatOfThePictureAfterItsTurn) {
  const Image scene = test::DrawTexture(5, 60, 40);
  const FileBytes rows = PngRows(scene);
  const PixelRegion region{.left_px = 7, .top_px = 11, .width_px = 20, .height_px = 13};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const FileBytes file =
        test::Png(60, 40, 8, 2, rows, test::PngChunk("eXIf", test::ExifOfOrientation(orientation)));
    const auto whole = DecodePicture(file);
    const auto part = DecodePicture(file, {.region = region});
    ASSERT_TRUE(whole && part) << orientation;
    EXPECT_EQ(part->image.width_px, 20);
    EXPECT_EQ(part->image.height_px, 13);
    EXPECT_EQ(part->image.pixels, PartOf(whole->image, region).pixels)
        << "orientation " << orientation;
  }
}

TEST(CutOf, APictureHasItsPixels) {
  const Image scene = test::DrawTexture(8, 60, 40);
  const PixelRegion region{.left_px = 7, .top_px = 11, .width_px = 20, .height_px = 13};
  const Image part = Cut(scene, region);
  EXPECT_EQ(part.pixels, PartOf(scene, region).pixels);
  EXPECT_EQ(FullWidth_px(part), 20);
  EXPECT_EQ(FullHeight_px(part), 13);
}

// A second look at a small thing in a large photo: the region keeps its pixels where the photo as a
// whole would lose three of four.
TEST(DecodeRegion, HasAScaleOfItsOwn) {
  const Image scene = test::DrawTexture(6, 1600, 1200);
  const PixelRegion region{.left_px = 400, .top_px = 304, .width_px = 400, .height_px = 320};
  for (const char* ending : {".jpg", ".png", ".ppm"}) {
    const FileBytes file = test::Encode(scene, ending);
    const auto whole = DecodePicture(file, {.least_side_px = 400});
    const auto part = DecodePicture(file, {.least_side_px = 400, .region = region});
    ASSERT_TRUE(whole && part) << ending;
    EXPECT_EQ(whole->image.width_px, 400);
    EXPECT_EQ(whole->image.full_width_px, 1600);
    EXPECT_EQ(part->image.width_px, 400);
    EXPECT_EQ(part->image.full_width_px, 0) << "nothing was reduced";
    EXPECT_EQ(part->image.pixels, PartOf(*DecodeImage(file), region).pixels) << ending;
    const auto half = DecodePicture(file, {.least_side_px = 200, .region = region});
    ASSERT_TRUE(half);
    EXPECT_EQ(half->image.width_px, 200) << ending;
    EXPECT_EQ(half->image.full_width_px, 400) << ending;
  }
}

TEST(DecodeRegion, ThatLeavesThePictureIsAnError) {
  const FileBytes file = test::Encode(test::DrawTexture(7, 30, 20), ".png");
  for (const PixelRegion& region : {PixelRegion{.left_px = -1, .width_px = 5, .height_px = 5},
                                    PixelRegion{.width_px = 31, .height_px = 5},
                                    PixelRegion{.top_px = 16, .width_px = 5, .height_px = 5},
                                    PixelRegion{.width_px = 0, .height_px = 5}}) {
    const auto picture = DecodePicture(file, {.region = region});
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(DecodePicture, XmpTurnsWhereExifIsSilent) {
  const Image scene = test::DrawTexture(8, 48, 32);
  const std::string xmp = R"(<rdf:Description tiff:Orientation="6"/>)";
  std::string text("XML:com.adobe.xmp\0\0\0\0\0", 22);
  text += xmp;
  const FileBytes png =
      test::Png(48, 32, 8, 2, PngRows(scene), test::PngChunk("iTXt", {text.begin(), text.end()}));
  FileBytes jpeg = test::Encode(scene, ".jpg");
  std::string segment("http://ns.adobe.com/xap/1.0/\0", 29);
  segment += xmp;
  FileBytes marker{0xFF, 0xE1, 0, static_cast<std::uint8_t>(segment.size() + 2)};
  marker.insert(marker.end(), segment.begin(), segment.end());
  jpeg.insert(jpeg.begin() + 2, marker.begin(), marker.end());
  for (const FileBytes& file : {png, jpeg}) {
    const auto picture = DecodePicture(file);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(picture->image.width_px, 32);
    EXPECT_EQ(picture->image.height_px, 48);
  }
}

}  // namespace
}  // namespace inlier

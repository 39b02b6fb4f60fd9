// Image files as cameras, scanners and web pages make them, in every format.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::Encode;
using test::FileBytes;
using testing::HasSubstr;

Image Scene(int width_px = 96, int height_px = 64) {
  return test::DrawTexture(7, width_px, height_px);
}

/// The mean absolute difference in grey levels, or a huge number when the sizes differ.
double Difference(const Image& a, const Image& b) {
  if (a.width_px != b.width_px || a.height_px != b.height_px || a.channels != b.channels)
    return 1e9;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

std::vector<int> PixelAt(const Image& image, int x, int y) {
  const auto at = image.pixels.begin() + (std::ptrdiff_t{y} * image.width_px + x) * image.channels;
  return {at, at + image.channels};
}

FileBytes Bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(DecodeImage, LosslessFormatsKeepEveryPixel) {
  for (const char* ending : {".png", ".bmp", ".ppm"}) {
    const auto image = DecodeImage(Encode(Scene(), ending));
    ASSERT_TRUE(image) << ending << ": " << image.error().message;
    EXPECT_EQ(Difference(*image, Scene()), 0) << ending;
  }
}

TEST(DecodeImage, LossyFormatsAreClose) {
  for (const char* ending : {".jpg", ".webp"}) {
    const auto image = DecodeImage(Encode(Scene(), ending));
    ASSERT_TRUE(image) << ending << ": " << image.error().message;
    EXPECT_LT(Difference(*image, Scene()), 20) << ending;
  }
}

TEST(DecodeImage, GreyBecomesThreeEqualChannels) {
  const Image grey = ToGrey(Scene());
  for (const char* ending : {".png", ".jpg", ".bmp", ".pgm", ".webp"}) {
    const auto image = DecodeImage(Encode(grey, ending));
    ASSERT_TRUE(image) << ending << ": " << image.error().message;
    EXPECT_EQ(image->channels, 3);
    EXPECT_LT(Difference(ToGrey(*image), grey), 6) << ending;
  }
}

TEST(DecodeImage, OnePixelAndPlainWhite) {
  for (const char* ending : {".png", ".jpg", ".bmp", ".ppm", ".webp"}) {
    const Image dot{.width_px = 1, .height_px = 1, .channels = 3, .pixels = {255, 255, 255}};
    const auto small = DecodeImage(Encode(dot, ending));
    ASSERT_TRUE(small) << ending << ": " << small.error().message;
    EXPECT_EQ(PixelAt(*small, 0, 0), (std::vector<int>{255, 255, 255})) << ending;
    Image white{.width_px = 300, .height_px = 200, .channels = 3};
    white.pixels.assign(std::size_t{300} * 200 * 3, 255);
    const auto plain = DecodeImage(Encode(white, ending));
    ASSERT_TRUE(plain) << ending << ": " << plain.error().message;
    EXPECT_EQ(Difference(*plain, white), 0) << ending;
  }
}

TEST(DecodeImage, SixteenBitsAreRoundedToEight) {
  // One row of two RGB pixels, big-endian samples behind the filter byte.
  const FileBytes row{0, 0xFF, 0xFF, 0x80, 0x10, 0x00, 0x20, 0x12, 0x34, 0x00, 0x00, 0xC0, 0x01};
  const auto image = DecodeImage(test::Png(2, 1, 16, 2, row));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(PixelAt(*image, 0, 0), (std::vector<int>{0x00, 0x80, 0xFF}));
  EXPECT_EQ(PixelAt(*image, 1, 0), (std::vector<int>{0xBF, 0x00, 0x12}));

  FileBytes pgm = Bytes("P5\n2 1\n65535\n");
  pgm.insert(pgm.end(), {0x12, 0x34, 0xFF, 0xFF});
  const auto grey = DecodeImage(pgm);
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(PixelAt(*grey, 0, 0), (std::vector<int>{0x12, 0x12, 0x12}));
  EXPECT_EQ(PixelAt(*grey, 1, 0), (std::vector<int>{0xFF, 0xFF, 0xFF}));
}

TEST(DecodeImage, TransparencyLiesOverWhite) {
  const std::vector<int> white{255, 255, 255};
  const std::vector<int> pink{128, 128, 255};
  // RGBA: clear black, half red, full blue.
  const auto rgba =
      DecodeImage(test::Png(3, 1, 8, 6, {0, 0, 0, 0, 0, 255, 0, 0, 127, 0, 0, 255, 255}));
  ASSERT_TRUE(rgba) << rgba.error().message;
  EXPECT_EQ(PixelAt(*rgba, 0, 0), white);
  EXPECT_EQ(PixelAt(*rgba, 1, 0), pink);
  EXPECT_EQ(PixelAt(*rgba, 2, 0), (std::vector<int>{255, 0, 0}));
  // RGBA of 16 bits.
  const auto deep = DecodeImage(
      test::Png(2, 1, 16, 6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0x7F, 0x7F}));
  ASSERT_TRUE(deep) << deep.error().message;
  EXPECT_EQ(PixelAt(*deep, 0, 0), white);
  EXPECT_EQ(PixelAt(*deep, 1, 0), pink);
  // Grey and alpha.
  const auto grey = DecodeImage(test::Png(2, 1, 8, 4, {0, 0, 0, 9, 255}));
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(PixelAt(*grey, 0, 0), white);
  EXPECT_EQ(PixelAt(*grey, 1, 0), (std::vector<int>{9, 9, 9}));
  // A palette whose first entry is clear.
  FileBytes chunks = test::PngChunk("PLTE", {0, 0, 0, 0, 255, 0});
  const FileBytes clear = test::PngChunk("tRNS", {0});
  chunks.insert(chunks.end(), clear.begin(), clear.end());
  const auto palette = DecodeImage(test::Png(2, 1, 8, 3, {0, 0, 1}, chunks));
  ASSERT_TRUE(palette) << palette.error().message;
  EXPECT_EQ(PixelAt(*palette, 0, 0), white);
  EXPECT_EQ(PixelAt(*palette, 1, 0), (std::vector<int>{0, 255, 0}));
}

TEST(DecodeImage, OneClearColour) {
  // RGB and grey PNGs may name one colour that is transparent.
  const auto rgb = DecodeImage(
      test::Png(2, 1, 8, 2, {0, 1, 2, 3, 40, 50, 60}, test::PngChunk("tRNS", {0, 1, 0, 2, 0, 3})));
  ASSERT_TRUE(rgb) << rgb.error().message;
  EXPECT_EQ(PixelAt(*rgb, 1, 0), (std::vector<int>{60, 50, 40}));
  const auto grey = DecodeImage(test::Png(2, 1, 8, 0, {0, 7, 90}, test::PngChunk("tRNS", {0, 7})));
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(PixelAt(*grey, 1, 0), (std::vector<int>{90, 90, 90}));
}

TEST(DecodeImage, AWebpWithAlphaLiesOverWhite) {
  const Image clear{.width_px = 16,
                    .height_px = 16,
                    .channels = 4,
                    .pixels = std::vector<std::uint8_t>(std::size_t{16} * 16 * 4, 0)};
  const auto image = DecodeImage(Encode(clear, ".webp"));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(PixelAt(*image, 8, 8), (std::vector<int>{255, 255, 255}));
}

TEST(DecodeImage, CmykJpeg) {
  const auto image = DecodeImage(test::CmykJpeg(40, 30, 20, 120, 220));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width_px, 40);
  const auto pixel = PixelAt(*image, 20, 15);
  EXPECT_NEAR(pixel[0], 20, 6);
  EXPECT_NEAR(pixel[1], 120, 6);
  EXPECT_NEAR(pixel[2], 220, 6);
}

// Expects a picture of 48 × 32 pixels whose upper left quarter is blue, turned back upright.
void ExpectTurned(const FileBytes& file, int orientation) {
  struct Case {
    int blue_x, blue_y;
    bool upright;
  };
  constexpr Case kCases[] = {{0, 0, true},  {1, 0, true},  {1, 1, true},  {0, 1, true},
                             {0, 0, false}, {1, 0, false}, {1, 1, false}, {0, 1, false}};
  const Case& c = kCases[orientation - 1];
  const auto image = DecodeImage(file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width_px, c.upright ? 48 : 32) << orientation;
  EXPECT_EQ(image->height_px, c.upright ? 32 : 48) << orientation;
  for (const int x : {0, 1}) {
    for (const int y : {0, 1}) {
      const int blue =
          PixelAt(*image, image->width_px * (1 + 2 * x) / 4, image->height_px * (1 + 2 * y) / 4)[0];
      EXPECT_EQ(blue > 128, x == c.blue_x && y == c.blue_y) << orientation;
    }
  }
}

// The eight orientations of EXIF 2.3, §4.6.4, say where the first row and column of the picture
// are.
TEST(DecodeImage, ExifTurn) {
  Image scene{.width_px = 48, .height_px = 32, .channels = 3};
  scene.pixels.assign(std::size_t{48} * 32 * 3, 0);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 24; ++x) scene.pixels[static_cast<std::size_t>(y * 48 + x) * 3] = 255;
  }
  const FileBytes jpeg = Encode(scene, ".jpg");
  for (int orientation = 1; orientation <= 8; ++orientation) {
    ExpectTurned(test::WithExifOrientation(jpeg, orientation), orientation);
  }
}

TEST(DecodeImage, ExifTurnOfPngAndWebpWithAlpha) {
  // The same scene with an alpha of 255 throughout: as rows of a filter byte and RGBA for the PNG,
  // and as BGRA for the WebP.
  FileBytes rows;
  Image bgra{.width_px = 48, .height_px = 32, .channels = 4};
  for (int y = 0; y < 32; ++y) {
    rows.push_back(0);
    for (int x = 0; x < 48; ++x) {
      const std::uint8_t blue = x < 24 && y < 16 ? 255 : 0;
      rows.insert(rows.end(), {0, 0, blue, 255});
      bgra.pixels.insert(bgra.pixels.end(),
                         {blue, 0, 0, static_cast<std::uint8_t>(x == 47 ? 254 : 255)});
    }
  }
  const FileBytes webp = Encode(bgra, ".webp");
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const FileBytes exif = test::ExifOfOrientation(orientation);
    ExpectTurned(test::Png(48, 32, 8, 6, rows, test::PngChunk("eXIf", exif)), orientation);
    ExpectTurned(test::WebpWithExif(webp, 48, 32, exif), orientation);
  }
}

TEST(DecodeImage, ExifThatMakesNoSenseTurnsNothing) {
  const FileBytes rows(std::size_t{32} * (1 + 48 * 3), 0);
  for (const FileBytes& exif : {test::ExifOfOrientation(9), test::ExifOfOrientation(0), FileBytes{},
                                FileBytes{'M', 'M', 0, 42, 0xFF, 0xFF, 0xFF, 0xFF}}) {
    const auto image = DecodeImage(test::Png(48, 32, 8, 2, rows, test::PngChunk("eXIf", exif)));
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->width_px, 48);
  }
}

TEST(ReadImage, NamesWithSpacesQuotesNewlinesAndNonAscii) {
  const test::TempFolder folder;
  for (const char* name : {"a b.png", "it's \"it\".png", "two\nlines.png", "čajník 茶.png"}) {
    test::WriteImage(folder / name, Scene());
    EXPECT_TRUE(ReadImage(folder / name)) << name;
  }
}

TEST(ReadImage, TheNameDoesNotDecide) {
  const test::TempFolder folder;
  const FileBytes png = Encode(Scene(), ".png");
  test::WriteBytes(folder / "really-a-png.jpg",
                   {reinterpret_cast<const char*>(png.data()), png.size()});
  EXPECT_TRUE(ReadImage(folder / "really-a-png.jpg"));
}

TEST(ReadImage, AbsentFolderDeviceAndTooLarge) {
  const test::TempFolder folder;
  const auto code = [](const Result<Image>& image) { return image.error().code; };
  EXPECT_EQ(code(ReadImage(folder / "absent.jpg")), ErrorCode::kNotFound);
  EXPECT_EQ(code(ReadImage(folder.path())), ErrorCode::kIo);
  EXPECT_EQ(code(ReadImage("/dev/zero")), ErrorCode::kIo);
  test::WriteImage(folder / "photo.png", Scene());
  EXPECT_EQ(code(ReadImage(folder / "photo.png", {.max_file_bytes = 50})), ErrorCode::kBadImage);
  test::WriteBytes(folder / "empty.jpg", "");
  EXPECT_EQ(code(ReadImage(folder / "empty.jpg")), ErrorCode::kBadImage);
}

TEST(ReadImage, ANameAtTheSystemsLimitAndOneBeyond) {
  const test::TempFolder folder;
  constexpr std::size_t kMaxName_bytes = 255, kMaxPath_bytes = 4095;
  test::WriteImage(folder / "photo.png", Scene());
  std::string name(kMaxName_bytes - 4, 'n');
  name += ".png";
  std::filesystem::rename(folder / "photo.png", folder / name);
  EXPECT_TRUE(ReadImage(folder / name));
  const auto longer = ReadImage(folder / ("n" + name));
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().message, HasSubstr("name too long"));
  // The same file by a path that is as long as the system allows, and by one that is a byte longer.
  std::string path = (folder / name).string();
  path.insert(0, kMaxPath_bytes - path.size(), '/');
  EXPECT_TRUE(ReadImage(path));
  const auto beyond = ReadImage("/" + path);
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().message, HasSubstr("name too long"));
}

TEST(ReadImage, PermissionDenied) {
  const test::TempFolder folder;
  test::WriteImage(folder / "photo.png", Scene());
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything; permission not tested";
  std::filesystem::permissions(folder / "photo.png", std::filesystem::perms::none);
  const auto denied = ReadImage(folder / "photo.png");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kIo);
  EXPECT_THAT(denied.error().message, HasSubstr("ermission denied"));
}

}  // namespace
}  // namespace inlier

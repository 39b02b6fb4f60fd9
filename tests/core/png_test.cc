// PNG files of every kind, whole and damaged, as the decoder hands them over.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "tests/support/decoded.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::Decoded;
using test::FileBytes;
using test::Png;
using test::PngChunk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Pixel = std::vector<int>;

Decoded Decode(Bytes file, const DecodeLimits& limits = {}) {
  return test::DecodeBy(ProbePng, DecodePng, file, limits);
}

FileBytes operator+(FileBytes a, const FileBytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Three rows of noise in RGB, which do not compress.
constexpr int kNoiseWidth_px = 40, kNoiseHeight_px = 30;
FileBytes NoiseRows() {
  FileBytes rows;
  unsigned state = 1;
  for (int i = 0; i < kNoiseHeight_px * (1 + 3 * kNoiseWidth_px); ++i) {
    state = state * 1664525 + 1013904223;
    rows.push_back(i % (1 + 3 * kNoiseWidth_px) == 0 ? 0 : static_cast<std::uint8_t>(state >> 24));
  }
  return rows;
}
FileBytes Noise(const FileBytes& chunks = {}) {
  return Png(kNoiseWidth_px, kNoiseHeight_px, 8, 2, NoiseRows(), chunks);
}

std::size_t Find(const FileBytes& file, std::string_view type) {
  return static_cast<std::size_t>(std::search(file.begin(), file.end(), type.begin(), type.end()) -
                                  file.begin());
}

void ExpectPixels(const FileBytes& file, Samples samples, int bits,
                  const std::vector<Pixel>& pixels) {
  const Decoded png = Decode(file);
  ASSERT_TRUE(png.ok()) << png.message();
  EXPECT_THAT(png.warnings, IsEmpty());
  EXPECT_EQ(png.sink.layout.samples, samples);
  EXPECT_EQ(png.sink.layout.bits, bits);
  for (std::size_t x = 0; x < pixels.size(); ++x) {
    EXPECT_EQ(png.sink.At(static_cast<int>(x), 0), pixels[x]) << x;
  }
  EXPECT_EQ(png.header.has_alpha, samples == Samples::kGreyAlpha || samples == Samples::kRgba);
}

TEST(Png, GreyOfEveryDepthStaysGrey) {
  ExpectPixels(Png(2, 1, 1, 0, {0, 0x40}), Samples::kGrey, 8, {{0}, {255}});
  ExpectPixels(Png(3, 1, 2, 0, {0, 0x1C}), Samples::kGrey, 8, {{0}, {85}, {255}});
  ExpectPixels(Png(2, 1, 4, 0, {0, 0x3F}), Samples::kGrey, 8, {{51}, {255}});
  ExpectPixels(Png(2, 1, 8, 0, {0, 7, 200}), Samples::kGrey, 8, {{7}, {200}});
  ExpectPixels(Png(2, 1, 16, 0, {0, 0x12, 0x34, 0xFF, 0xFE}), Samples::kGrey, 16,
               {{0x1234}, {0xFFFE}});
}

TEST(Png, ColoursAndAlphaOfBothDepths) {
  ExpectPixels(Png(1, 1, 8, 2, {0, 1, 2, 3}), Samples::kRgb, 8, {{1, 2, 3}});
  ExpectPixels(Png(1, 1, 16, 2, {0, 1, 2, 3, 4, 5, 6}), Samples::kRgb, 16, {{0x102, 0x304, 0x506}});
  ExpectPixels(Png(1, 1, 8, 4, {0, 9, 40}), Samples::kGreyAlpha, 8, {{9, 40}});
  ExpectPixels(Png(1, 1, 16, 4, {0, 9, 1, 40, 2}), Samples::kGreyAlpha, 16, {{0x901, 0x2802}});
  ExpectPixels(Png(1, 1, 8, 6, {0, 1, 2, 3, 4}), Samples::kRgba, 8, {{1, 2, 3, 4}});
  ExpectPixels(Png(1, 1, 16, 6, {0, 1, 2, 3, 4, 5, 6, 7, 8}), Samples::kRgba, 16,
               {{0x102, 0x304, 0x506, 0x708}});
}

TEST(Png, PalettesBecomeColours) {
  const FileBytes palette = PngChunk("PLTE", {0, 0, 0, 10, 20, 30, 255, 0, 0});
  ExpectPixels(Png(3, 1, 2, 3, {0, 0x18}, palette), Samples::kRgb, 8,
               {{0, 0, 0}, {10, 20, 30}, {255, 0, 0}});
  ExpectPixels(Png(2, 1, 8, 3, {0, 2, 1}, palette + PngChunk("tRNS", {0, 128})), Samples::kRgba, 8,
               {{255, 0, 0, 255}, {10, 20, 30, 128}});
}

TEST(Png, TheClearColourIsClear) {
  ExpectPixels(Png(2, 1, 1, 0, {0, 0x40}, PngChunk("tRNS", {0, 0})), Samples::kGreyAlpha, 8,
               {{0, 0}, {255, 255}});
  ExpectPixels(Png(2, 1, 8, 0, {0, 7, 90}, PngChunk("tRNS", {0, 7})), Samples::kGreyAlpha, 8,
               {{7, 0}, {90, 255}});
  // The second pixel differs from the clear one in its low byte alone.
  ExpectPixels(Png(2, 1, 16, 0, {0, 0x12, 0x34, 0x12, 0x35}, PngChunk("tRNS", {0x12, 0x34})),
               Samples::kGreyAlpha, 16, {{0x1234, 0}, {0x1235, 0xFFFF}});
  ExpectPixels(Png(2, 1, 8, 2, {0, 1, 2, 3, 1, 2, 4}, PngChunk("tRNS", {0, 1, 0, 2, 0, 3})),
               Samples::kRgba, 8, {{1, 2, 3, 0}, {1, 2, 4, 255}});
  ExpectPixels(Png(2, 1, 16, 2, {0, 0, 1, 0, 2, 0, 3, 0, 1, 0, 2, 0, 4},
                   PngChunk("tRNS", {0, 1, 0, 2, 0, 3})),
               Samples::kRgba, 16, {{1, 2, 3, 0}, {1, 2, 4, 0xFFFF}});
}

// A grey picture in the seven passes of Adam7; the pixel (x, y) has the value 16 y + x.
FileBytes Interlaced(std::uint32_t width_px, std::uint32_t height_px) {
  constexpr struct {
    std::uint32_t x, y, dx, dy;
  } kPasses[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                 {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  FileBytes rows;
  for (const auto& pass : kPasses) {
    for (std::uint32_t y = pass.y; y < height_px && pass.x < width_px; y += pass.dy) {
      rows.push_back(0);
      for (std::uint32_t x = pass.x; x < width_px; x += pass.dx) {
        rows.push_back(static_cast<std::uint8_t>(16 * y + x));
      }
    }
  }
  FileBytes file = Png(width_px, height_px, 8, 0, rows);
  FileBytes header(file.begin() + 16, file.begin() + 29);
  header.back() = 1;
  const FileBytes chunk = PngChunk("IHDR", header);
  std::copy(chunk.begin(), chunk.end(), file.begin() + 8);
  return file;
}

TEST(Png, InterlacedRowsComeFromTheTop) {
  for (const std::uint32_t width : {1, 3, 5, 13}) {
    const Decoded png = Decode(Interlaced(width, 11));
    ASSERT_TRUE(png.ok()) << png.message();
    ASSERT_EQ(png.sink.rows, 11);
    for (int y = 0; y < 11; ++y) {
      for (int x = 0; x < static_cast<int>(width); ++x) {
        EXPECT_EQ(png.sink.At(x, y), Pixel{16 * y + x});
      }
    }
  }
}

TEST(Png, OnlyAnInterlacedOneTakesMemory) {
  EXPECT_TRUE(Decode(Interlaced(13, 11), {.max_memory_bytes = 143}).ok());
  EXPECT_THAT(Decode(Interlaced(13, 11), {.max_memory_bytes = 142}).message(), HasSubstr("memory"));
  EXPECT_TRUE(Decode(Noise(), {.max_memory_bytes = 1}).ok());
}

TEST(Png, WhatItSaysAboutColours) {
  EXPECT_FALSE(Decode(Noise()).sink.layout.colour.srgb);
  EXPECT_TRUE(Decode(Noise(PngChunk("sRGB", {0}))).sink.layout.colour.srgb);
  const Decoded p3 = Decode(Noise(PngChunk("cICP", {12, 13, 0, 1})));
  ASSERT_TRUE(p3.sink.layout.colour.cicp);
  EXPECT_EQ(p3.sink.layout.colour.cicp->primaries, 12);
  EXPECT_EQ(p3.sink.layout.colour.cicp->transfer, 13);
  // Samples in a narrow range, which we would have to stretch.
  const Decoded narrow = Decode(Noise(PngChunk("cICP", {12, 13, 0, 0})));
  EXPECT_FALSE(narrow.sink.layout.colour.cicp);
  EXPECT_THAT(narrow.warnings, ElementsAre(HasSubstr("cICP")));
}

TEST(Png, GammaAndChromaticities) {
  const FileBytes gamma = PngChunk("gAMA", {0, 0, 0xB1, 0x8F});  // 45455
  FileBytes xy;
  for (const int value : {31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000}) {
    xy = xy + FileBytes{0, static_cast<std::uint8_t>(value >> 16),
                        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  }
  const Decoded both = Decode(Noise(PngChunk("cHRM", xy) + gamma));
  ASSERT_TRUE(both.sink.layout.colour.gamma);
  EXPECT_DOUBLE_EQ(both.sink.layout.colour.gamma->gamma, 0.45455);
  EXPECT_DOUBLE_EQ(both.sink.layout.colour.gamma->white_xy[0], 0.3127);
  EXPECT_DOUBLE_EQ(both.sink.layout.colour.gamma->green_xy[1], 0.71);
  const Decoded alone = Decode(Noise(gamma));
  ASSERT_TRUE(alone.sink.layout.colour.gamma);
  EXPECT_DOUBLE_EQ(alone.sink.layout.colour.gamma->green_xy[1], 0.60);
  EXPECT_FALSE(Decode(Noise(PngChunk("cHRM", xy))).sink.layout.colour.gamma);
  EXPECT_FALSE(Decode(Noise(PngChunk("gAMA", {0, 0, 0, 0}))).sink.layout.colour.gamma);
}

// The decoder trusts no more of a profile than its length, which it begins with.
FileBytes Profile(std::uint32_t size) {
  FileBytes profile(size, 'p');
  for (std::size_t i = 0; i < 4; ++i) {
    profile[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  }
  return profile;
}

TEST(Png, AProfileIsUnpackedWithinItsLimit) {
  constexpr std::string_view kName("Adobe RGB\0\0", 11);
  const FileBytes profile = Profile(560);
  const Decoded png = Decode(Noise(PngChunk("iCCP", test::Deflated(kName, profile))));
  ASSERT_TRUE(png.ok()) << png.message();
  EXPECT_EQ(png.sink.icc, profile);
  EXPECT_THAT(png.warnings, IsEmpty());
  const auto left_out = [](const FileBytes& content) {
    const Decoded bad = Decode(Noise(PngChunk("iCCP", content)));
    EXPECT_TRUE(bad.ok()) << bad.message();
    EXPECT_TRUE(bad.sink.icc.empty());
    return bad.warnings;
  };
  const FileBytes large = test::Deflated(kName, Profile((4 << 20) + 1));
  EXPECT_THAT(left_out(large), ElementsAre(HasSubstr("larger than 4 MiB")));
  FileBytes cut = test::Deflated(kName, profile);
  cut.resize(cut.size() - 12);
  EXPECT_THAT(left_out(cut), ElementsAre(HasSubstr("damaged")));
  EXPECT_THAT(left_out(FileBytes(100, 'n')), ElementsAre(HasSubstr("damaged")));
  EXPECT_THAT(left_out({}), ElementsAre(HasSubstr("damaged")));
}

TEST(Png, ExifIsFoundOnBothSidesOfThePixels) {
  const FileBytes exif = test::ExifOfOrientation(6);
  const auto found = [](const FileBytes& file) {
    const Decoded png = Decode(file);
    return FileBytes(png.header.exif.begin(), png.header.exif.end());
  };
  EXPECT_EQ(found(Noise(PngChunk("eXIf", exif))), exif);
  FileBytes behind = Noise();
  const FileBytes chunk = PngChunk("eXIf", exif);
  behind.insert(behind.end() - 12, chunk.begin(), chunk.end());
  EXPECT_EQ(found(behind), exif);
}

// A thousand texts that would grow to gigabytes, and more chunks than libraries like.
TEST(Png, TextsAreNotUnpacked) {
  const FileBytes text =
      PngChunk("zTXt", test::Deflated(std::string_view("a\0\0", 3), FileBytes(3'000'000, 'a')));
  FileBytes chunks;
  for (int i = 0; i < 2000; ++i) chunks = std::move(chunks) + text;
  const Decoded png = Decode(Noise(chunks));
  EXPECT_TRUE(png.ok()) << png.message();
  EXPECT_THAT(png.warnings, IsEmpty());
}

TEST(Png, DamagedPixelsAreAnErrorWithTheirShare) {
  const FileBytes whole = Noise();
  ASSERT_TRUE(Decode(whole).ok());
  const std::size_t pixels = Find(whole, "IDAT") + 4;
  for (std::size_t at = pixels; at + 16 < whole.size(); at += 37) {
    FileBytes flipped = whole;
    flipped[at] ^= 0x10;
    EXPECT_FALSE(Decode(flipped).ok()) << at;
  }
  FileBytes header = whole;
  header[Find(whole, "IHDR") + 4 + 12] ^= 0x80;
  EXPECT_THAT(Decode(header).message(), HasSubstr("damaged"));
  // Half of the rows, in a file that is complete otherwise.
  FileBytes rows = NoiseRows();
  rows.resize(rows.size() / 2);
  EXPECT_THAT(Decode(Png(kNoiseWidth_px, kNoiseHeight_px, 8, 2, rows)).message(),
              HasSubstr("50 % of the picture is missing"));
}

TEST(Png, DamageBesideThePixelsIsAWarning) {
  FileBytes file = Noise(PngChunk("gAMA", {0, 0, 0xB1, 0x8F}));
  file[Find(file, "gAMA") + 7] ^= 1;
  const Decoded png = Decode(file);
  ASSERT_TRUE(png.ok()) << png.message();
  EXPECT_THAT(png.warnings, ElementsAre(HasSubstr("gAMA is damaged")));
  EXPECT_FALSE(png.sink.layout.colour.gamma);
  // More rows than the picture has, which viewers pass over.
  const Decoded more = Decode(Png(kNoiseWidth_px, kNoiseHeight_px - 10, 8, 2, NoiseRows()));
  EXPECT_TRUE(more.ok()) << more.message();
  EXPECT_THAT(more.warnings, ElementsAre(HasSubstr("IDAT")));
}

TEST(Png, CutAnywhere) {
  for (const FileBytes& whole :
       {Noise(PngChunk("sRGB", {0})), Interlaced(13, 11), Png(3, 1, 2, 0, {0, 0x1C})}) {
    const Decoded reference = Decode(whole);
    const std::size_t end = whole.size() - 12;  // of the chunk of pixels
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Decoded cut = Decode(Bytes(whole).first(size));
      if (size >= end) {
        EXPECT_TRUE(cut.ok()) << size << ": " << cut.message();
      }
      // The checksums at the end of the pixels may be missing, which is 8 bytes.
      if (size + 8 < end) {
        EXPECT_FALSE(cut.ok()) << size << " of " << whole.size();
      }
      if (cut.ok()) {
        EXPECT_THAT(cut.warnings, ElementsAre("PNG: no end chunk"));
        EXPECT_EQ(cut.sink.bytes, reference.sink.bytes) << size;
      }
    }
  }
  const FileBytes whole = Noise();
  EXPECT_THAT(Decode(Bytes(whole).first(whole.size() / 2)).message(),
              HasSubstr("% of the picture is missing (the file ends)"));
  EXPECT_THAT(Decode(Bytes(whole).first(37)).message(), HasSubstr("before the picture"));
}

TEST(Png, WhatFollowsThePixelsHarmsNothing) {
  FileBytes file = Noise();
  file.resize(file.size() - 12);
  file.insert(file.end(), 50, 0xAA);
  const Decoded png = Decode(file);
  ASSERT_TRUE(png.ok()) << png.message();
  EXPECT_THAT(png.warnings, ElementsAre("PNG: no end chunk"));
  EXPECT_EQ(png.sink.bytes, Decode(Noise()).sink.bytes);
}

TEST(Png, ChangedBytesAreSurvived) {
  const FileBytes whole = Noise(PngChunk("iCCP", test::Deflated("n\0", Profile(200))) +
                                PngChunk("tRNS", {0, 1, 0, 2, 0, 3}));
  for (std::size_t at = 8; at < 300; ++at) {
    for (const std::uint8_t value : {0x00, 0x7F, 0x80, 0xFF}) {
      FileBytes changed = whole;
      changed[at] = value;
      const Decoded png = Decode(changed, {.max_side_px = 1000, .max_memory_bytes = 1 << 20});
      if (png.ok()) {
        EXPECT_EQ(png.sink.rows, png.header.height_px) << at;
      }
    }
  }
}

TEST(EncodePng, ComesBack) {
  const Image image = test::DrawTexture(5, 61, 47);
  const auto colour = EncodePng(image);
  ASSERT_TRUE(colour);
  const auto back = DecodeImage(*colour);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->pixels, image.pixels);
  const Image grey = ToGrey(image);
  const Decoded one = Decode(EncodePng(grey).value());
  ASSERT_TRUE(one.ok()) << one.message();
  EXPECT_EQ(one.sink.layout.samples, Samples::kGrey);
  EXPECT_EQ(one.sink.bytes, grey.pixels);
  EXPECT_FALSE(EncodePng({}));
}

}  // namespace
}  // namespace inlier

// BMP files of every version and depth, as the decoder hands them over.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/decoded.h"

namespace inlier {
namespace {

using test::Decoded;
using test::FileBytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Pixel = std::vector<int>;

Decoded Decode(Bytes file, const DecodeLimits& limits = {}) {
  return test::DecodeBy(ProbeBmp, DecodeBmp, file, limits);
}

void Put(FileBytes& to, std::size_t at, std::int64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// What a test says about its file; sizes and offsets follow from it.
struct Bmp {
  int version = 40;  // bytes of its header
  int width = 2, height = 2, bits = 24;
  int compression = 0;
  std::vector<std::uint32_t> masks;
  FileBytes palette;  // blue, green, red, and 0 in all versions but the first
  int colours = 0;    // as the header says
  FileBytes pixels;

  FileBytes File() const {
    FileBytes file(static_cast<std::size_t>(14 + version));
    file[0] = 'B';
    file[1] = 'M';
    Put(file, 14, version, 4);
    const std::size_t side_bytes = version == 12 ? 2 : 4;
    Put(file, 18, width, side_bytes);
    Put(file, 18 + side_bytes, height, side_bytes);
    Put(file, 18 + 2 * side_bytes, 1, 2);
    Put(file, 20 + 2 * side_bytes, bits, 2);
    if (version >= 40) {
      Put(file, 30, compression, 4);
      Put(file, 46, colours, 4);
    }
    if (version == 40) file.resize(54 + 4 * masks.size());
    for (std::size_t i = 0; i < masks.size(); ++i) Put(file, 54 + 4 * i, masks[i], 4);
    file.insert(file.end(), palette.begin(), palette.end());
    Put(file, 10, static_cast<std::int64_t>(file.size()), 4);
    file.insert(file.end(), pixels.begin(), pixels.end());
    Put(file, 2, static_cast<std::int64_t>(file.size()), 4);
    return file;
  }
};

const FileBytes kBlueAndRed{255, 0, 0, 0, 0, 0, 255, 0};

void ExpectPixels(const Bmp& bmp, const std::vector<std::vector<Pixel>>& rows) {
  const Decoded out = Decode(bmp.File());
  ASSERT_TRUE(out.ok()) << out.message();
  EXPECT_THAT(out.warnings, IsEmpty());
  ASSERT_EQ(out.sink.rows, static_cast<int>(rows.size()));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t x = 0; x < rows[y].size(); ++x) {
      EXPECT_EQ(out.sink.At(static_cast<int>(x), static_cast<int>(y)), rows[y][x])
          << x << ", " << y;
    }
  }
  EXPECT_EQ(out.header.has_alpha, out.sink.layout.samples == Samples::kRgba);
}

const Pixel kBlue{0, 0, 255}, kRed{255, 0, 0}, kBlack{0, 0, 0};

TEST(Bmp, EveryDepth) {
  // Rows are padded to four bytes, and the lowest one comes first.
  ExpectPixels({.bits = 1, .palette = kBlueAndRed, .pixels = {0x80, 0, 0, 0, 0x40, 0, 0, 0}},
               {{kBlue, kRed}, {kRed, kBlue}});
  ExpectPixels({.bits = 4, .palette = kBlueAndRed, .pixels = {0x10, 0, 0, 0, 0x01, 0, 0, 0}},
               {{kBlue, kRed}, {kRed, kBlue}});
  ExpectPixels({.bits = 8, .palette = kBlueAndRed, .pixels = {1, 0, 0, 0, 0, 1, 0, 0}},
               {{kBlue, kRed}, {kRed, kBlue}});
  ExpectPixels({.height = 1, .bits = 16, .pixels = {0x1F, 0, 0, 0x7C}}, {{kBlue, kRed}});
  ExpectPixels({.height = 1, .bits = 24, .pixels = {255, 0, 0, 1, 2, 3, 0, 0}},
               {{kBlue, {3, 2, 1}}});
  // The fourth byte means nothing without a mask.
  ExpectPixels({.height = 1, .bits = 32, .pixels = {255, 0, 0, 9, 1, 2, 3, 0}},
               {{kBlue, {3, 2, 1}}});
}

TEST(Bmp, TopDown) {
  ExpectPixels(
      {.height = -2, .bits = 8, .palette = kBlueAndRed, .pixels = {1, 0, 0, 0, 0, 1, 0, 0}},
      {{kRed, kBlue}, {kBlue, kRed}});
}

TEST(Bmp, MasksAndAlpha) {
  ExpectPixels({.height = 1,
                .bits = 16,
                .compression = 3,
                .masks = {0xF800, 0x7E0, 0x1F},
                .pixels = {0x1F, 0, 0xE0, 0x07}},
               {{kBlue, {0, 255, 0}}});
  // Four bits of each, in a header of 108 bytes.
  ExpectPixels({.version = 108,
                .height = 1,
                .bits = 16,
                .compression = 3,
                .masks = {0xF00, 0xF0, 0xF, 0xF000},
                .pixels = {0x0F, 0x80, 0x00, 0x0F}},
               {{{0, 0, 255, 0x88}, {255, 0, 0, 0}}});
  ExpectPixels({.version = 56,
                .width = 1,
                .height = 1,
                .bits = 32,
                .compression = 3,
                .masks = {0xFF, 0xFF00, 0xFF0000, 0xFF000000},
                .pixels = {1, 2, 3, 4}},
               {{{1, 2, 3, 4}}});
  // Alpha behind a header of 40 bytes, and 10 bits of which the upper 8 are kept.
  ExpectPixels({.width = 1,
                .height = 1,
                .bits = 32,
                .compression = 6,
                .masks = {0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000},
                .pixels = {0xFF, 0x03, 0x00, 0xE0}},
               {{{0x80, 0, 255, 255}}});
}

TEST(Bmp, VersionsOfOs2) {
  ExpectPixels({.version = 12,
                .height = 1,
                .bits = 8,
                .palette = {255, 0, 0, 0, 0, 255},
                .pixels = {1, 0, 0, 0}},
               {{kRed, kBlue}});
  ExpectPixels(
      {.version = 16, .height = 1, .bits = 8, .palette = kBlueAndRed, .pixels = {1, 0, 0, 0}},
      {{kRed, kBlue}});
  ExpectPixels(
      {.version = 64, .height = 1, .bits = 8, .palette = kBlueAndRed, .pixels = {1, 0, 0, 0}},
      {{kRed, kBlue}});
}

TEST(Bmp, AnIndexWithoutAColourIsBlack) {
  ExpectPixels(
      {.height = 1, .bits = 8, .palette = kBlueAndRed, .colours = 2, .pixels = {200, 1, 0, 0}},
      {{kBlack, kRed}});
}

TEST(Bmp, PixelsThatAreSaidToBeginAtThePalette) {
  FileBytes file =
      Bmp{.height = 1, .bits = 8, .palette = kBlueAndRed, .colours = 2, .pixels = {1, 0, 0, 0}}
          .File();
  Put(file, 10, 54, 4);
  const Decoded out = Decode(file);
  ASSERT_TRUE(out.ok()) << out.message();
  EXPECT_EQ(out.sink.At(0, 0), kRed);
  EXPECT_EQ(out.sink.At(1, 0), kBlue);
}

TEST(Bmp, ManyBandsKeepTheirOrder) {
  Bmp bmp{.width = 1000, .height = 700, .bits = 24, .pixels = FileBytes(std::size_t{2'100'000})};
  for (std::size_t y = 0; y < 700; ++y) {
    bmp.pixels[(699 - y) * 3000] = static_cast<std::uint8_t>(y);
    bmp.pixels[(699 - y) * 3000 + 1] = static_cast<std::uint8_t>(y >> 8);
  }
  const Decoded out = Decode(bmp.File());
  ASSERT_EQ(out.sink.rows, 700) << out.message();
  for (int y = 0; y < 700; ++y) EXPECT_EQ(out.sink.At(0, y), (Pixel{0, y >> 8, y & 255}));
}

TEST(Bmp, RunLengthsOfEightBits) {
  // Red twice and blue; then blue as it is; then to the end from the second pixel.
  ExpectPixels({.width = 3,
                .height = 3,
                .bits = 8,
                .compression = 1,
                .palette = kBlueAndRed,
                .pixels = {2, 1, 1, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0, 2, 1, 0, 1}},
               {{kBlue, kRed, kRed}, {kBlue, kRed, kBlue}, {kRed, kRed, kBlue}});
}

TEST(Bmp, RunLengthsOfFourBits) {
  ExpectPixels({.width = 5,
                .height = 2,
                .bits = 4,
                .compression = 2,
                .palette = kBlueAndRed,
                .pixels = {5, 0x10, 0, 0, 0, 5, 0x11, 0x01, 0x00, 0, 0, 1}},
               {{kRed, kRed, kBlue, kRed, kBlue}, {kRed, kBlue, kRed, kBlue, kRed}});
}

TEST(Bmp, RunLengthsThatAreDamaged) {
  Bmp bmp{.width = 4, .height = 4, .bits = 8, .compression = 1, .palette = kBlueAndRed};
  bmp.pixels = {4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 0, 4, 1};
  const Decoded whole = Decode(bmp.File());
  ASSERT_TRUE(whole.ok()) << whole.message();
  EXPECT_THAT(whole.warnings, ElementsAre("BMP: no end marker"));
  bmp.pixels.resize(8);
  EXPECT_THAT(Decode(bmp.File()).message(), HasSubstr("50 % of the picture is missing"));
  bmp.pixels = {0, 2, 255, 255, 9, 1};
  EXPECT_THAT(Decode(bmp.File()).message(), HasSubstr("more rows"));
  bmp.pixels = {0, 200, 1, 1};
  EXPECT_THAT(Decode(bmp.File()).message(), HasSubstr("100 % of the picture is missing"));
  bmp.pixels = {0, 1};
  EXPECT_THAT(Decode(bmp.File(), {.max_memory_bytes = 10}).message(), HasSubstr("memory"));
}

TEST(Bmp, KindsThatAreNotReadAreNamed) {
  const auto message = [](const Bmp& bmp) { return Decode(bmp.File()).message(); };
  EXPECT_THAT(message({.bits = 0, .compression = 4}), HasSubstr("JPEG"));
  EXPECT_THAT(message({.bits = 0, .compression = 5}), HasSubstr("PNG"));
  EXPECT_THAT(message({.version = 64, .bits = 1, .compression = 3}), HasSubstr("Huffman"));
  EXPECT_THAT(message({.version = 64, .compression = 4}), HasSubstr("RLE24"));
  EXPECT_THAT(message({.bits = 2}), HasSubstr("2 bits a pixel"));
  EXPECT_THAT(message({.compression = 99}), HasSubstr("not known"));
  EXPECT_THAT(message({.bits = 24, .compression = 1}), HasSubstr("does not fit"));
  EXPECT_THAT(message({.version = 41}), HasSubstr("41 bytes"));
}

TEST(Bmp, WhatItSaysAboutColours) {
  Bmp bmp{.version = 124, .width = 1, .height = 1, .pixels = {1, 2, 3, 0, 'i', 'c', 'c'}};
  FileBytes file = bmp.File();
  EXPECT_FALSE(Decode(file).sink.layout.colour.srgb);
  Put(file, 14 + 56, 0x73524742, 4);
  EXPECT_TRUE(Decode(file).sink.layout.colour.srgb);
  Put(file, 14 + 56, 0x4D424544, 4);
  Put(file, 14 + 112, 124 + 4, 4);
  Put(file, 14 + 116, 3, 4);
  EXPECT_EQ(Decode(file).sink.icc, (FileBytes{'i', 'c', 'c'}));
  Put(file, 14 + 116, 4, 4);  // a byte more than there is
  EXPECT_TRUE(Decode(file).sink.icc.empty());
}

TEST(Bmp, CutAnywhere) {
  for (const Bmp& bmp :
       {Bmp{.width = 3, .height = 4, .pixels = FileBytes(48, 7)},
        Bmp{.version = 12, .bits = 8, .palette = {255, 0, 0, 0, 0, 255}, .pixels = FileBytes(8)},
        Bmp{.version = 124,
        .bits = 32,
        .compression = 3,
        .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000},
        .pixels = FileBytes(16)},
        Bmp{.bits = 8, .compression = 1, .palette = kBlueAndRed, .pixels = {2, 1, 0, 0, 2, 1}}}) {
    const FileBytes whole = bmp.File();
    ASSERT_TRUE(Decode(whole).ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Decoded cut = Decode(Bytes(whole).first(size));
      // The bytes that fill up the last row may be missing: three in the first file, two in the
      // second.
      if (cut.ok()) {
        EXPECT_GE(size + 3, whole.size()) << size;
      }
    }
  }
  const FileBytes half = Bmp{.width = 3, .height = 4, .pixels = FileBytes(24, 7)}.File();
  EXPECT_THAT(Decode(half).message(), HasSubstr("50 % of the picture is missing"));
}

TEST(Bmp, ChangedBytesAreSurvived) {
  for (const Bmp& bmp : {Bmp{.version = 124,
                        .bits = 16,
                        .compression = 3,
                        .masks = {0xF00, 0xF0, 0xF, 0xF000},
                        .pixels = FileBytes(8, 0x5A)},
                         Bmp{.bits = 4,
                         .compression = 2,
                         .palette = kBlueAndRed,
                         .pixels = {2, 0x10, 0, 0, 0, 3, 0x11, 1, 0, 2, 0, 1, 2, 0x10, 0, 1}}}) {
    const FileBytes whole = bmp.File();
    for (std::size_t at = 2; at < whole.size(); ++at) {
      for (const std::uint8_t value : {0x00, 0x03, 0x7F, 0x80, 0xFF}) {
        FileBytes changed = whole;
        changed[at] = value;
        const Decoded out = Decode(changed, {.max_memory_bytes = 1 << 20});
        if (out.ok()) {
          EXPECT_EQ(out.sink.rows, out.header.height_px) << at;
        }
      }
    }
  }
}

}  // namespace
}  // namespace inlier

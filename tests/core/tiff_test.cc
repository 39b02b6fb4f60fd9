// TIFF files as libtiff writes them: depths, layouts, colours, and files that are damaged.
#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "core/decode/formats.h"
#include "core/decode/orientation.h"
#include "tests/support/decoded.h"
#include "tests/support/odd_images.h"
#include "tests/support/tiff_files.h"

namespace inlier {
namespace {

using test::FileBytes;
using test::OpenForWriting;
using Kind = test::TiffKind;
using Writing = test::TiffWriting;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Outcome = test::Decoded;

Outcome Decode(std::span<const std::uint8_t> file, const DecodeLimits& limits = {}) {
  Outcome outcome = test::DecodeBy(ProbeImage, DecodeTiff, file, limits);
  if (outcome.ok()) {
    EXPECT_EQ(outcome.header.format, ImageHeader::Format::kTiff);
  }
  return outcome;
}

void ExpectPixels(const FileBytes& file, Samples samples, int bits, int x, int y,
                  const std::vector<int>& pixel) {
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.samples, samples);
  EXPECT_EQ(outcome.sink.layout.bits, bits);
  EXPECT_EQ(outcome.sink.rows, outcome.sink.layout.height_px);
  EXPECT_EQ(outcome.sink.At(x, y), pixel);
  EXPECT_THAT(outcome.warnings, IsEmpty());
}

std::vector<int> Expected(int x, int y, int channels, int bits) {
  std::vector<int> pixel;
  for (int c = 0; c < channels; ++c) pixel.push_back(test::TiffSample(x, y, c, bits));
  return pixel;
}

TEST(Tiff, EveryLayoutDepthAndCompression) {
  for (const int bits : {8, 16}) {
    for (const bool tiled : {false, true}) {
      for (const bool planes_apart : {false, true}) {
        for (const int compression :
             {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
          for (const char* mode : {"wl", "wb", "w8"}) {
            const FileBytes file = test::WriteTiff({.bits = bits,
                                                    .compression = compression,
                                                    .tiled = tiled,
                                                    .planes_apart = planes_apart,
                                                    .mode = mode});
            SCOPED_TRACE(testing::Message() << bits << " bits, tiled " << tiled << ", planes apart "
                                            << planes_apart << ", " << compression << mode);
            ExpectPixels(file, Samples::kRgb, bits, 47, 36, Expected(47, 36, 3, bits));
            ExpectPixels(file, Samples::kRgb, bits, 3, 17, Expected(3, 17, 3, bits));
          }
        }
      }
    }
  }
}

TEST(Tiff, GreyInBothSenses) {
  for (const int bits : {8, 16}) {
    const int white = bits == 8 ? 255 : 65535;
    Kind kind{.bits = bits, .samples = 1, .photometric = PHOTOMETRIC_MINISBLACK};
    ExpectPixels(test::WriteTiff(kind), Samples::kGrey, bits, 9, 9,
                 {test::TiffSample(9, 9, 0, bits)});
    kind.photometric = PHOTOMETRIC_MINISWHITE;
    ExpectPixels(test::WriteTiff(kind), Samples::kGrey, bits, 9, 9,
                 {white - test::TiffSample(9, 9, 0, bits)});
  }
}

TEST(Tiff, CmykKeepsItsInks) {
  for (const int bits : {8, 16}) {
    const Kind kind{.bits = bits, .samples = 4, .photometric = PHOTOMETRIC_SEPARATED};
    ExpectPixels(test::WriteTiff(kind), Samples::kCmyk, bits, 9, 9, Expected(9, 9, 4, bits));
  }
}

TEST(Tiff, TransparencyIsNotPremultiplied) {
  Kind kind{.samples = 4, .extra = EXTRASAMPLE_UNASSALPHA};
  const auto plain = Expected(9, 9, 4, 8);  // 72, 112, 152, 192
  ExpectPixels(test::WriteTiff(kind), Samples::kRgba, 8, 9, 9, plain);
  EXPECT_TRUE(ProbeImage(test::WriteTiff(kind))->has_alpha);
  kind.extra = EXTRASAMPLE_ASSOCALPHA;
  ExpectPixels(test::WriteTiff(kind), Samples::kRgba, 8, 9, 9, {96, 149, 202, 192});
  kind.extra = EXTRASAMPLE_UNSPECIFIED;
  ExpectPixels(test::WriteTiff(kind), Samples::kRgb, 8, 9, 9, Expected(9, 9, 3, 8));
  EXPECT_FALSE(ProbeImage(test::WriteTiff(kind))->has_alpha);
  // A program that forgets the tag means transparency.
  FileBytes file = test::WriteTiff(kind);
  const FileBytes tag{0x52, 0x01, 3, 0};
  const auto at = std::search(file.begin(), file.end(), tag.begin(), tag.end());
  ASSERT_NE(at, file.end());
  at[0] = 0x51;  // some other tag
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.samples, Samples::kRgba);
  kind = {.bits = 16, .samples = 2, .photometric = PHOTOMETRIC_MINISBLACK, .extra = 2};
  ExpectPixels(test::WriteTiff(kind), Samples::kGreyAlpha, 16, 9, 9, Expected(9, 9, 2, 16));
}

TEST(Tiff, Palette) {
  for (const int depth : {8, 16}) {
    const Kind kind{
        .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .more = [&](TIFF* tiff) {
          std::vector<std::uint16_t> maps[3];
          for (int i = 0; i < 256; ++i) {
            for (int c = 0; c < 3; ++c) {
              const int value = (i * 7 + c * 50) % 256;
              maps[c].push_back(static_cast<std::uint16_t>(depth == 16 ? value * 257 : value));
            }
          }
          TIFFSetField(tiff, TIFFTAG_COLORMAP, maps[0].data(), maps[1].data(), maps[2].data());
        }};
    const int index = test::TiffSample(9, 9, 0, 8);
    ExpectPixels(test::WriteTiff(kind), Samples::kRgb, 8, 9, 9,
                 {index * 7 % 256, (index * 7 + 50) % 256, (index * 7 + 100) % 256});
  }
}

TEST(Tiff, WhatLibtiffConvertsItself) {
  // Bits: 1 is white.
  Writing file;
  TIFF* const tiff = OpenForWriting(file, "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 16);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 2);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 2);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_BOTLEFT);
  TIFFSetField(tiff, TIFFTAG_ICCPROFILE, 20, "____________________");
  std::uint8_t rows[] = {0x80, 0x01, 0x00, 0xFF};
  TIFFWriteEncodedStrip(tiff, 0, rows, 4);
  TIFFClose(tiff);
  // Rows are handed over as they lie in the file, and turned by somebody else.
  ExpectPixels(file.bytes, Samples::kRgb, 8, 0, 0, {255, 255, 255});
  ExpectPixels(file.bytes, Samples::kRgb, 8, 1, 0, {0, 0, 0});
  ExpectPixels(file.bytes, Samples::kRgb, 8, 7, 1, {0, 0, 0});
  ExpectPixels(file.bytes, Samples::kRgb, 8, 8, 1, {255, 255, 255});
  EXPECT_EQ(Orientation(*ProbeImage(file.bytes)), 4);
  EXPECT_THAT(Decode(file.bytes).sink.icc, IsEmpty());  // it is not one of RGB
}

TEST(Tiff, JpegInside) {
  const Kind kind{.width_px = 64,
                  .height_px = 48,
                  .photometric = PHOTOMETRIC_YCBCR,
                  .compression = COMPRESSION_JPEG,
                  .rows_a_strip = 16,
                  .more = [](TIFF* tiff) {
                    TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 98);
                    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
                  }};
  const FileBytes file = test::WriteTiff(kind);
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.samples, Samples::kRgb);
  const auto expected = Expected(9, 20, 3, 8), pixel = outcome.sink.At(9, 20);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(pixel[c], expected[c], 12);
  // libjpeg fills what is missing with grey and only warns. That is not a picture.
  FileBytes hole = file;
  const std::uint8_t kScan[] = {0xFF, 0xDA};
  const auto scan = std::search(hole.begin(), hole.end(), std::begin(kScan), std::end(kScan));
  ASSERT_LT(scan + 120, hole.end());
  scan[100] = 0xFF;
  scan[101] = 0xD9;
  EXPECT_FALSE(Decode(hole).status);
}

TEST(Tiff, ProfileAndOrientation) {
  for (const char* mode : {"wl", "wb", "w8"}) {
    const FileBytes file =
        test::WriteTiff({.mode = mode, .more = [](TIFF* tiff) {
                           const std::string icc(500, 'i');
                           TIFFSetField(tiff, TIFFTAG_ICCPROFILE, 500, icc.data());
                           TIFFSetField(tiff, TIFFTAG_ORIENTATION, 6);
                         }});
    const Outcome outcome = Decode(file);
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.sink.icc, FileBytes(500, 'i'));
    EXPECT_EQ(Orientation(*ProbeImage(file)), 6) << mode;
    EXPECT_EQ(outcome.sink.layout.width_px, 50);  // as it is stored
    EXPECT_EQ(outcome.sink.At(1, 2), Expected(1, 2, 3, 8));
  }
}

TEST(Tiff, OnlyTheFirstPageIsRead) {
  Writing file;
  TIFF* const tiff = OpenForWriting(file, "w");
  for (const int side : {5, 9}) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, side);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, side);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, side);
    FileBytes row(static_cast<std::size_t>(side * side), static_cast<std::uint8_t>(side));
    TIFFWriteEncodedStrip(tiff, 0, row.data(), side * side);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  ExpectPixels(file.bytes, Samples::kGrey, 8, 4, 4, {5});
}

// A grey picture of 8 × 8 with its directory before its pixels, and a strip a row.
FileBytes DirectoryFirst() {
  FileBytes file{'I', 'I', 42, 0, 8, 0, 0, 0, 8, 0};
  const auto number = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  };
  const std::uint32_t counts_at = 10 + 8 * 12 + 4, offsets_at = counts_at + 32;
  const std::uint32_t entries[8][3] = {{256, 1, 8},  // tag, count, value
                                       {257, 1, 8},        {258, 1, 8},          {259, 1, 1},
                                       {262, 1, 1},        {273, 8, offsets_at}, {278, 1, 1},
                                       {279, 8, counts_at}};
  for (const auto& [tag, count, value] : entries) {
    number(tag, 2);
    number(4, 2);
    number(count, 4);
    number(value, 4);
  }
  number(0, 4);
  for (int i = 0; i < 8; ++i) number(8, 4);
  for (std::uint32_t i = 0; i < 8; ++i) number(offsets_at + 32 + 8 * i, 4);
  file.resize(file.size() + 64, 77);
  return file;
}

TEST(Tiff, TruncatedPixelsAreCounted) {
  const FileBytes whole = DirectoryFirst();
  ExpectPixels(whole, Samples::kGrey, 8, 7, 7, {77});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Outcome outcome = Decode(std::span(whole).first(size));
    EXPECT_FALSE(outcome.status) << size;
  }
  const Outcome outcome = Decode(FileBytes(whole.begin(), whole.end() - 20));
  EXPECT_THAT(outcome.status.error().message, HasSubstr("3 of 8 rows are missing"));
}

TEST(Tiff, DamagedDataFailsWithLibtiffsWords) {
  for (const int bits : {8, 16}) {
    FileBytes file = test::WriteTiff({.bits = bits, .compression = COMPRESSION_ADOBE_DEFLATE});
    std::fill(file.begin() + 30, file.begin() + 60, std::uint8_t{0xA5});
    testing::internal::CaptureStderr();
    const Outcome outcome = Decode(file);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
    ASSERT_FALSE(outcome.status);
    EXPECT_THAT(outcome.status.error().message,
                AllOf(HasSubstr("rows are missing ("), HasSubstr(")")));
  }
}

TEST(Tiff, ChangedBytesAreSurvived) {
  testing::internal::CaptureStderr();
  for (const Kind& kind :
       {Kind{.compression = COMPRESSION_LZW}, Kind{.bits = 16, .tiled = true, .planes_apart = true},
        Kind{.samples = 4, .photometric = PHOTOMETRIC_SEPARATED, .mode = "w8"}}) {
    const FileBytes whole = test::WriteTiff(kind);
    // The directory is at the end.
    for (std::size_t back = 1; back < 330; ++back) {
      for (const std::uint8_t value : {0x00, 0x01, 0x7F, 0xFF}) {
        FileBytes changed = whole;
        changed[whole.size() - back] = value;
        const auto header = ProbeImage(changed);
        if (!header || header->width_px * header->height_px > 1'000'000) continue;
        const Outcome outcome = Decode(changed, {.max_memory_bytes = 64 << 20});
        EXPECT_TRUE(!outcome.status || outcome.sink.rows == outcome.sink.layout.height_px);
      }
    }
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

TEST(Tiff, MemoryIsLimited) {
  // A band of this file has 16 rows and a tile.
  const FileBytes file = test::WriteTiff({.tiled = true});
  const std::int64_t needed_bytes = 50 * 3 * 16 + 32 * 16 * 3;
  EXPECT_TRUE(Decode(file, {.max_memory_bytes = needed_bytes + 4096}).status);
  const Outcome outcome = Decode(file, {.max_memory_bytes = needed_bytes - 1});
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("memory"));
}

TEST(Tiff, FloatingPointIsRefusedByName) {
  const Outcome outcome = Decode(test::WriteTiff(
      {.bits = 16, .more = [](TIFF* t) { TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, 3); }}));
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("floating-point"));
}

TEST(Tiff, RawPicturesOfCamerasAreRefusedByName) {
  const auto message = [](const FileBytes& file) {
    const auto header = ProbeImage(file);
    return header ? std::string("read") : header.error().message;
  };
  FileBytes canon = test::WriteTiff({});
  constexpr std::uint8_t kCanon[] = {'C', 'R', 2, 0};
  std::copy(std::begin(kCanon), std::end(kCanon), canon.begin() + 8);
  EXPECT_THAT(message(canon), AllOf(HasSubstr("CR2"), HasSubstr("develop it to JPEG")));
  const FileBytes dng = test::WriteTiff(
      {.more = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_DNGVERSION, "\1\4\0\0"); }});
  EXPECT_THAT(message(dng), HasSubstr("DNG"));
  for (const auto& [make, format] :
       {std::pair{"NIKON CORPORATION", "NEF"}, {"SONY", "ARW"}, {"Unheard-of", "RAW"}}) {
    Writing file;
    TIFF* const tiff = OpenForWriting(file, "w");
    TIFFSetField(tiff, TIFFTAG_MAKE, make);
    std::uint64_t sub[1] = {0};
    TIFFSetField(tiff, TIFFTAG_SUBIFD, 1, sub);
    for (const int photometric : {PHOTOMETRIC_RGB, PHOTOMETRIC_CFA}) {
      TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 1);
      TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
      TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
      TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, photometric == PHOTOMETRIC_RGB ? 3 : 1);
      TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric);
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 1);
      std::uint8_t pixel[3] = {1, 2, 3};
      TIFFWriteEncodedStrip(tiff, 0, pixel, photometric == PHOTOMETRIC_RGB ? 3 : 1);
      TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
    EXPECT_THAT(message(file.bytes), HasSubstr(format));
  }
}

TEST(Tiff, OtherFormatsAreRefusedByName) {
  using namespace std::string_view_literals;
  for (const auto& [bytes, name] : {std::pair{"\xFF\x0A__"sv, "JPEG XL"},
                                    {"\0\0\0\x0CJXL \r\n\x87\n"sv, "JPEG XL"},
                                    {"\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000"},
                                    {"8BPS\0\1"sv, "Photoshop"},
                                    {"%PDF-1.7"sv, "PDF"},
                                    {"<svg xmlns="sv, "SVG"},
                                    {"<?xml version"sv, "SVG"},
                                    {"\0\0\1\0\2\0"sv, "ICO"},
                                    {"\0\0\0\x18"
                                     "ftypcrx "sv,
                                     "CR3"},
                                    {"\0\0\0\x18"
                                     "ftypmp42\0\0\0\0mp42isom"sv,
                                     "not an image of a known format"}}) {
    const auto header = ProbeImage(FileBytes(bytes.begin(), bytes.end()));
    ASSERT_FALSE(header) << name;
    EXPECT_THAT(header.error().message, HasSubstr(name));
  }
}

}  // namespace
}  // namespace inlier

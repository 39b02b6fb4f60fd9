// WebP files as libwebp writes them: still pictures, animations, profiles, and files that end
// early.
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include "core/decode/formats.h"
#include "core/decode/orientation.h"
#include "tests/support/decoded.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::FileBytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Outcome = test::Decoded;

Outcome Decode(std::span<const std::uint8_t> file, int least_side_px = 0,
               const DecodeLimits& limits = {}) {
  Outcome outcome = test::DecodeBy(ProbeImage, DecodeWebp, file, limits, least_side_px);
  if (outcome.ok()) {
    EXPECT_EQ(outcome.header.format, ImageHeader::Format::kWebp);
  }
  return outcome;
}

// RGBA samples of which each pixel says where it is.
std::vector<std::uint8_t> Pattern(int width_px, int height_px, bool alpha) {
  std::vector<std::uint8_t> rgba;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      for (const int v : {x * 3, y * 5, x + y, alpha ? 100 + x : 255}) {
        rgba.push_back(static_cast<std::uint8_t>(v));
      }
    }
  }
  return rgba;
}

FileBytes Lossless(int width_px, int height_px, bool alpha) {
  const auto rgba = Pattern(width_px, height_px, alpha);
  std::uint8_t* data = nullptr;
  const std::size_t size =
      WebPEncodeLosslessRGBA(rgba.data(), width_px, height_px, width_px * 4, &data);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> owned(data, WebPFree);
  return {data, data + size};
}

FileBytes Lossy(const Image& image) {
  std::uint8_t* data = nullptr;
  const std::size_t size = WebPEncodeBGR(image.pixels.data(), image.width_px, image.height_px,
                                         image.width_px * 3, 90, &data);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> owned(data, WebPFree);
  return {data, data + size};
}

void Append(FileBytes& to, std::int64_t number, int size) {
  for (int i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

FileBytes Chunk(const char* name, const FileBytes& content) {
  FileBytes chunk(name, name + 4);
  Append(chunk, static_cast<std::int64_t>(content.size()), 4);
  chunk.insert(chunk.end(), content.begin(), content.end());
  if (content.size() % 2 != 0) chunk.push_back(0);
  return chunk;
}

FileBytes Riff(const std::vector<FileBytes>& chunks) {
  FileBytes content{'W', 'E', 'B', 'P'};
  for (const FileBytes& chunk : chunks) content.insert(content.end(), chunk.begin(), chunk.end());
  return Chunk("RIFF", content);
}

enum Flags { kAnimated = 2, kExif = 8, kAlpha = 16, kIcc = 32 };

FileBytes Extended(int flags, int width_px, int height_px) {
  FileBytes content;
  Append(content, flags, 4);
  Append(content, width_px - 1, 3);
  Append(content, height_px - 1, 3);
  return Chunk("VP8X", content);
}

// The picture's own chunks, without the RIFF header.
FileBytes Inside(const FileBytes& webp) { return {webp.begin() + 12, webp.end()}; }

FileBytes FrameChunk(const FileBytes& webp, int x_px, int y_px, int width_px, int height_px) {
  FileBytes content;
  Append(content, x_px / 2, 3);
  Append(content, y_px / 2, 3);
  Append(content, width_px - 1, 3);
  Append(content, height_px - 1, 3);
  Append(content, 100, 3);  // ms
  Append(content, 2, 1);    // laid over what is there, as it is
  const FileBytes inside = Inside(webp);
  content.insert(content.end(), inside.begin(), inside.end());
  return Chunk("ANMF", content);
}

TEST(Webp, LosslessPixelsAreExact) {
  for (const bool alpha : {false, true}) {
    const Outcome outcome = Decode(Lossless(40, 30, alpha));
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.sink.layout.samples, alpha ? Samples::kRgba : Samples::kRgb);
    EXPECT_EQ(outcome.sink.rows, 30);
    EXPECT_THAT(outcome.warnings, IsEmpty());
    if (alpha) {
      EXPECT_THAT(outcome.sink.At(7, 11), ElementsAre(21, 55, 18, 107));
    } else {
      EXPECT_THAT(outcome.sink.At(7, 11), ElementsAre(21, 55, 18));
    }
  }
}

TEST(Webp, LossyPixelsAreThoseOfLibwebp) {
  const FileBytes file = Lossy(test::DrawTexture(3, 121, 83));
  int width_px = 0, height_px = 0;
  const std::unique_ptr<std::uint8_t, void (*)(void*)> rgb(
      WebPDecodeRGB(file.data(), file.size(), &width_px, &height_px), WebPFree);
  ASSERT_TRUE(rgb);
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  ASSERT_EQ(outcome.sink.rows, 83);
  EXPECT_EQ(outcome.sink.bytes, FileBytes(rgb.get(), rgb.get() + 121 * 83 * 3));
}

TEST(Webp, ProfileAndExifAreFound) {
  FileBytes icc(1001, 7);
  const FileBytes file =
      Riff({Extended(kIcc | kExif, 40, 30), Chunk("ICCP", icc), Inside(Lossless(40, 30, false)),
            Chunk("EXIF", test::ExifOfOrientation(6))});
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.icc, icc);
  EXPECT_EQ(Orientation(*ProbeImage(file)), 6);
}

TEST(Webp, AHugeProfileIsLeftOut) {
  const FileBytes file = Riff({Extended(kIcc, 40, 30), Chunk("ICCP", FileBytes((4 << 20) + 1, 7)),
                               Inside(Lossless(40, 30, false))});
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_THAT(outcome.sink.icc, IsEmpty());
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("4 MiB")));
}

TEST(Webp, TheFirstFrameOfAnAnimationLiesOnItsCanvas) {
  const FileBytes first = Lossless(20, 10, false), second = Lossless(64, 48, false);
  const FileBytes file = Riff({Extended(kAnimated | kAlpha, 64, 48), Chunk("ANIM", FileBytes(6, 0)),
                               FrameChunk(first, 8, 6, 20, 10), FrameChunk(second, 0, 0, 64, 48)});
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.width_px, 64);
  EXPECT_EQ(outcome.sink.rows, 48);
  EXPECT_THAT(outcome.sink.At(7, 6), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(outcome.sink.At(8, 6), ElementsAre(0, 0, 0, 255));
  EXPECT_THAT(outcome.sink.At(27, 15), ElementsAre(57, 45, 28, 255));
  EXPECT_THAT(outcome.sink.At(28, 15), ElementsAre(0, 0, 0, 0));
}

TEST(Webp, AWholeFirstFrameWithoutAlphaIsRgb) {
  const FileBytes frame = Lossless(64, 48, false);
  const FileBytes file = Riff({Extended(kAnimated, 64, 48), Chunk("ANIM", FileBytes(6, 0)),
                               FrameChunk(frame, 0, 0, 64, 48), FrameChunk(frame, 0, 0, 64, 48)});
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.samples, Samples::kRgb);
  // The second frame may be missing.
  const Outcome cut = Decode(FileBytes(file.begin(), file.end() - 20));
  ASSERT_TRUE(cut.status) << cut.status.error().message;
  EXPECT_THAT(cut.warnings, ElementsAre(HasSubstr("shorter than it claims")));
}

TEST(Webp, ATruncatedFileSaysHowMuchIsMissing) {
  const FileBytes lossy = Lossy(test::DrawTexture(3, 200, 320));
  const Outcome outcome = Decode(std::span(lossy).first(lossy.size() / 2));
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("of 320 rows are missing"));
  EXPECT_THAT(outcome.status.error().message, Not(HasSubstr(" 320 of 320")));
  for (const FileBytes& whole : {lossy, Lossless(40, 30, true)}) {
    for (std::size_t size = 0; size + 8 < whole.size(); size += size < 64 ? 1 : 37) {
      EXPECT_FALSE(Decode(std::span(whole).first(size)).status) << size;
    }
  }
}

TEST(Webp, ASizeBeyondTheFileIsAWarningWhenAllPixelsAreThere) {
  FileBytes file = Lossless(40, 30, false);
  file[5] = 0x7F;
  const Outcome outcome = Decode(file);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("all of its pixels are there")));
  EXPECT_THAT(outcome.sink.At(7, 11), ElementsAre(21, 55, 18));
}

TEST(Webp, ChangedBytesAreSurvived) {
  for (const FileBytes& whole :
       {Lossy(test::DrawTexture(3, 48, 32)), Lossless(40, 30, true),
        Riff({Extended(kAnimated | kAlpha, 64, 48), Chunk("ANIM", FileBytes(6, 0)),
              FrameChunk(Lossless(20, 10, true), 8, 6, 20, 10)})}) {
    for (std::size_t at = 12; at < whole.size(); at += at < 120 ? 1 : 7) {
      for (const std::uint8_t value : {0x00, 0x7F, 0xFF}) {
        FileBytes changed = whole;
        changed[at] = value;
        const auto header = ProbeImage(changed);
        if (!header || header->width_px * header->height_px > 1'000'000) continue;
        const Outcome outcome = Decode(changed);
        EXPECT_TRUE(!outcome.status || outcome.sink.rows == outcome.sink.layout.height_px);
      }
    }
  }
}

TEST(Webp, MemoryIsLimited) {
  const FileBytes file = Lossless(40, 30, false);
  EXPECT_TRUE(Decode(file, 0, {.max_memory_bytes = 40 * 30 * 8}).status);
  const Outcome outcome = Decode(file, 0, {.max_memory_bytes = 40 * 30 * 8 - 1});
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("memory"));
}

TEST(Webp, ASmallerPictureIsHandedOverWhenItIsEnough) {
  const Image scene = test::DrawTexture(3, 640, 480);
  const FileBytes file = Lossy(scene);
  const Outcome outcome = Decode(file, 160);
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  ASSERT_EQ(outcome.sink.layout.width_px, 160);
  ASSERT_EQ(outcome.sink.rows, 120);
  const Outcome whole = Decode(file);
  double difference = 0;
  for (int y = 0; y < 120; ++y) {
    for (int x = 0; x < 160; ++x) {
      int sum = 0;
      for (int i = 0; i < 16; ++i) sum += whole.sink.At(4 * x + i % 4, 4 * y + i / 4)[1];
      difference += std::abs(sum / 16.0 - outcome.sink.At(x, y)[1]);
    }
  }
  EXPECT_LT(difference / (160 * 120), 1.5);  // levels, on average
  EXPECT_EQ(Decode(file, 640).sink.layout.width_px, 640);
  EXPECT_EQ(Decode(file, 1000).sink.layout.width_px, 640);
}

}  // namespace
}  // namespace inlier

// GIF files, as the decoder hands over their first frame.
#include <optional>

#include <gif_lib.h>
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
  return test::DecodeBy(ProbeGif, DecodeGif, file, limits);
}

// A frame whose pixel (x, y) has the index (3 x + y) modulo the colours.
struct Frame {
  int left = 0, top = 0, width = 12, height = 10;
  bool is_interlaced = false;
  std::optional<int> clear;
};

constexpr int kColours = 8;
Pixel Colour(int index) { return {10 * index, 255 - index, index}; }
int IndexAt(int x, int y) { return (3 * x + y) % kColours; }

int Append(GifFileType* gif, const GifByteType* data, int size) {
  auto& file = *static_cast<FileBytes*>(gif->UserData);
  file.insert(file.end(), data, data + size);
  return size;
}

FileBytes Gif(int width, int height, const std::vector<Frame>& frames) {
  FileBytes file;
  int error = 0;
  GifFileType* const gif = EGifOpen(&file, Append, &error);
  ColorMapObject* const colours = GifMakeMapObject(kColours, nullptr);
  for (int i = 0; i < kColours; ++i) {
    const Pixel colour = Colour(i);
    colours->Colors[i] = {static_cast<GifByteType>(colour[0]), static_cast<GifByteType>(colour[1]),
                          static_cast<GifByteType>(colour[2])};
  }
  EGifSetGifVersion(gif, true);
  EGifPutScreenDesc(gif, width, height, 3, 0, colours);
  for (const Frame& frame : frames) {
    if (frame.clear) {
      const GraphicsControlBlock control{.TransparentColor = *frame.clear};
      GifByteType extension[4];
      EGifGCBToExtension(&control, extension);
      EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof(extension), extension);
    }
    EGifPutImageDesc(gif, frame.left, frame.top, frame.width, frame.height, frame.is_interlaced,
                     nullptr);
    const auto put = [&](int first, int step) {
      for (int y = first; y < frame.height; y += step) {
        std::vector<GifPixelType> row;
        for (int x = 0; x < frame.width; ++x) {
          row.push_back(static_cast<GifPixelType>(IndexAt(x, y)));
        }
        EGifPutLine(gif, row.data(), frame.width);
      }
    };
    if (frame.is_interlaced) {
      put(0, 8);
      put(4, 8);
      put(2, 4);
      put(1, 2);
    } else {
      put(0, 1);
    }
  }
  GifFreeMapObject(colours);
  EGifCloseFile(gif, &error);
  return file;
}

TEST(Gif, RowsOfAPlainAndAnInterlacedFrame) {
  for (const bool is_interlaced : {false, true}) {
    const Decoded gif = Decode(Gif(12, 10, {{.is_interlaced = is_interlaced}}));
    ASSERT_TRUE(gif.ok()) << gif.message();
    EXPECT_THAT(gif.warnings, IsEmpty());
    EXPECT_EQ(gif.sink.layout.samples, Samples::kRgb);
    EXPECT_FALSE(gif.header.has_alpha);
    ASSERT_EQ(gif.sink.rows, 10);
    for (int y = 0; y < 10; ++y) {
      for (int x = 0; x < 12; ++x) EXPECT_EQ(gif.sink.At(x, y), Colour(IndexAt(x, y)));
    }
  }
}

TEST(Gif, OneColourIsClear) {
  const Decoded gif = Decode(Gif(12, 10, {{.clear = 3}}));
  ASSERT_TRUE(gif.ok()) << gif.message();
  EXPECT_EQ(gif.sink.layout.samples, Samples::kRgba);
  EXPECT_TRUE(gif.header.has_alpha);
  EXPECT_EQ(gif.sink.At(1, 0)[3], 0);
  EXPECT_EQ(gif.sink.At(0, 1), (Pixel{10, 254, 1, 255}));
}

TEST(Gif, TheCanvasIsClearAroundTheFrame) {
  const Decoded gif =
      Decode(Gif(20, 16, {{.left = 3, .top = 2}, {.width = 20, .height = 16, .clear = 0}}));
  ASSERT_TRUE(gif.ok()) << gif.message();
  ASSERT_EQ(gif.sink.rows, 16);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 20; ++x) {
      const bool is_inside = x >= 3 && x < 15 && y >= 2 && y < 12;
      Pixel expected = is_inside ? Colour(IndexAt(x - 3, y - 2)) : Pixel{0, 0, 0};
      expected.push_back(is_inside ? 255 : 0);
      EXPECT_EQ(gif.sink.At(x, y), expected) << x << ", " << y;
    }
  }
}

TEST(Gif, AFrameOutsideOfTheScreenEnlargesIt) {
  const Decoded gif = Decode(Gif(5, 5, {{.left = 1}}));
  ASSERT_TRUE(gif.ok()) << gif.message();
  EXPECT_EQ(gif.header.width_px, 13);
  EXPECT_EQ(gif.header.height_px, 10);
  EXPECT_EQ(gif.sink.rows, 10);
  EXPECT_EQ(gif.sink.At(0, 0), (Pixel{0, 0, 0, 0}));
}

TEST(Gif, CutAnywhere) {
  const FileBytes one = Gif(12, 10, {{}});
  for (const FileBytes& whole :
       {one, Gif(12, 10, {{}, {}}), Gif(12, 10, {{.is_interlaced = true, .clear = 1}})}) {
    const Decoded reference = Decode(whole);
    ASSERT_TRUE(reference.ok());
    bool was_read = false;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Decoded cut = Decode(Bytes(whole).first(size));
      EXPECT_FALSE(was_read && !cut.ok()) << size << ": " << cut.message();
      was_read = cut.ok();
      if (!cut.ok()) continue;
      EXPECT_THAT(cut.warnings, ElementsAre("GIF: no end marker"));
      EXPECT_EQ(cut.sink.bytes, reference.sink.bytes) << size;
    }
    EXPECT_TRUE(was_read);
  }
  // The mark at the end of the data and that at the end of the file.
  EXPECT_TRUE(Decode(Bytes(one).first(one.size() - 2)).ok());
  EXPECT_THAT(Decode(Bytes(one).first(one.size() - 20)).message(),
              HasSubstr("% of the picture is missing"));
  EXPECT_THAT(Decode(Bytes(one).first(30)).message(), HasSubstr("before the picture"));
}

TEST(Gif, TheFrameHasToFitIntoMemory) {
  const FileBytes file = Gif(12, 10, {{}});
  EXPECT_TRUE(Decode(file, {.max_memory_bytes = 120}).ok());
  EXPECT_THAT(Decode(file, {.max_memory_bytes = 119}).message(), HasSubstr("memory"));
}

TEST(Gif, NoFrameAndNoColours) {
  FileBytes empty = Gif(12, 10, {{}});
  empty.resize(13 + 3 * kColours);
  empty.insert(empty.end(), 12, 0x3B);
  EXPECT_THAT(Decode(empty).message(), HasSubstr("no picture"));
  FileBytes grey = Gif(12, 10, {{}});
  grey.erase(grey.begin() + 13, grey.begin() + 13 + 3 * kColours);
  grey[10] &= 0x7F;
  EXPECT_THAT(Decode(grey).message(), HasSubstr("no table of colours"));
}

TEST(Gif, ChangedBytesAreSurvived) {
  const FileBytes whole = Gif(12, 10, {{.left = 2, .is_interlaced = true, .clear = 1}, {}});
  for (std::size_t at = 6; at < whole.size(); ++at) {
    for (const std::uint8_t value : {0x00, 0x03, 0x7F, 0x80, 0xFF}) {
      FileBytes changed = whole;
      changed[at] = value;
      const auto header = ProbeGif(changed);
      if (!header || header->width_px * header->height_px > 1'000'000) continue;
      const Decoded gif = Decode(changed);
      if (gif.ok()) {
        EXPECT_EQ(gif.sink.rows, gif.header.height_px) << at;
      }
    }
  }
}

}  // namespace
}  // namespace inlier

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <gif_lib.h>

#include "core/decode/decoder_memory.h"
#include "core/decode/gif_blocks.h"
#include "core/decode/missing.h"

namespace inlier {
namespace {

struct Source {
  Bytes file;
  std::size_t at = 0;
};

// Where the file ends, a length of zero is read. It ends the data of a frame, so that a frame whose
// pixels are complete is read without the mark behind it; giflib reports it where pixels are due.
int Read(GifFileType* gif, GifByteType* out, int size) {
  auto& source = *static_cast<Source*>(gif->UserData);
  const auto wanted = static_cast<std::size_t>(size);
  if (source.at == source.file.size() && wanted == 1) {
    *out = 0;
    return 1;
  }
  const std::size_t now = std::min(wanted, source.file.size() - source.at);
  std::copy_n(source.file.begin() + static_cast<std::ptrdiff_t>(source.at), now, out);
  source.at += now;
  return static_cast<int>(now);
}

struct Closer {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Closer>;

const char* WhatIsWrong(const GifFileType& gif) {
  const char* text = GifErrorString(gif.Error);
  return text == nullptr ? "damaged" : text;
}

constexpr int kNoIndex = -1;

// Goes to the first frame. Returns the index of the colour that is transparent in it.
Result<int> FindFrame(GifFileType* gif) {
  int clear = kNoIndex;
  GifRecordType type = UNDEFINED_RECORD_TYPE;
  while (DGifGetRecordType(gif, &type) == GIF_OK) {
    if (type == IMAGE_DESC_RECORD_TYPE) {
      if (DGifGetImageDesc(gif) == GIF_ERROR) break;
      return clear;
    }
    if (type != EXTENSION_RECORD_TYPE) break;
    int code = 0;
    GifByteType* data = nullptr;  // its first byte is its length
    if (DGifGetExtension(gif, &code, &data) == GIF_ERROR) break;
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && data != nullptr &&
        DGifExtensionToGCB(data[0], data + 1, &control) == GIF_OK) {
      clear = control.TransparentColor;
    }
    while (data != nullptr && DGifGetExtensionNext(gif, &data) == GIF_OK) {
    }
  }
  return Bad(fmt::format("GIF: damaged before the picture: {}", WhatIsWrong(*gif)));
}

// The indices of the frame's colours, from its top.
Result<std::vector<std::uint8_t>> ReadFrame(GifFileType* gif) {
  const GifImageDesc& frame = gif->Image;
  const std::int64_t all_px = std::int64_t{frame.Width} * frame.Height;
  std::vector<std::uint8_t> indices(static_cast<std::size_t>(all_px));
  struct Pass {
    int first, step;
  };
  constexpr std::array<Pass, 4> kInterlaced{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  constexpr std::array<Pass, 1> kPlain{{{0, 1}}};
  const std::span<const Pass> passes =
      frame.Interlace ? std::span<const Pass>(kInterlaced) : std::span<const Pass>(kPlain);
  std::int64_t read_px = 0;
  for (const Pass& pass : passes) {
    for (int y = pass.first; y < frame.Height; y += pass.step) {
      if (DGifGetLine(gif,
                      &indices[static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.Width)],
                      frame.Width) == GIF_ERROR) {
        return PixelsMissing("GIF", read_px, all_px, WhatIsWrong(*gif));
      }
      read_px += frame.Width;
    }
  }
  return indices;
}

// Red, green, blue and alpha of each index. An index without a colour is black.
using Palette = std::array<std::array<std::uint8_t, 4>, 256>;

Palette PaletteOf(const ColorMapObject& colours, int clear) {
  Palette palette;
  palette.fill({0, 0, 0, 255});
  const std::span<const GifColorType> given(colours.Colors,
                                            static_cast<std::size_t>(colours.ColorCount));
  for (std::size_t i = 0; i < std::min(given.size(), palette.size()); ++i) {
    palette[i] = {given[i].Red, given[i].Green, given[i].Blue, 255};
  }
  if (clear != kNoIndex) palette[static_cast<std::size_t>(clear)] = {0, 0, 0, 0};
  return palette;
}

// Lays the frame on its canvas, which is transparent around it.
void HandOver(const GifImageDesc& frame, const std::vector<std::uint8_t>& indices,
              const Palette& palette, const RowLayout& layout, RowSink& sink) {
  const auto channels = static_cast<std::size_t>(ChannelsOf(layout.samples));
  const auto width = static_cast<std::size_t>(frame.Width);
  const std::vector<std::uint8_t> empty(layout.row_bytes());
  std::vector<std::uint8_t> row(layout.row_bytes());
  for (int y = 0; y < layout.height_px; ++y) {
    if (y < frame.Top || y >= frame.Top + frame.Height) {
      sink.Row(empty.data());
      continue;
    }
    const std::uint8_t* const from = &indices[static_cast<std::size_t>(y - frame.Top) * width];
    std::uint8_t* to = &row[static_cast<std::size_t>(frame.Left) * channels];
    for (std::size_t x = 0; x < width; ++x, to += channels) {
      std::copy_n(palette[from[x]].begin(), channels, to);
    }
    sink.Row(row.data());
  }
}

}  // namespace

Status DecodeGif(const DecodeTask& task, RowSink& sink) {
  Source source{task.file};
  int error = 0;
  const Gif gif(DGifOpen(&source, Read, &error));
  if (gif == nullptr) return Bad("GIF: damaged before the picture");
  INLIER_ASSIGN_OR_RETURN(const int clear, FindFrame(gif.get()));
  const GifImageDesc& frame = gif->Image;
  if (frame.Left + std::int64_t{frame.Width} > task.header.width_px ||
      frame.Top + std::int64_t{frame.Height} > task.header.height_px) {
    return Bad("GIF: its first frame lies outside of its picture");
  }
  const ColorMapObject* const colours = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;
  if (colours == nullptr) return Bad("GIF: it has no table of colours");
  INLIER_RETURN_IF_ERROR(CheckDecoderMemory(std::int64_t{frame.Width} * frame.Height, task.limits));
  const RowLayout layout{.width_px = static_cast<int>(task.header.width_px),
                         .height_px = static_cast<int>(task.header.height_px),
                         .samples = task.header.has_alpha ? Samples::kRgba : Samples::kRgb};
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  INLIER_ASSIGN_OR_RETURN(const auto indices, ReadFrame(gif.get()));
  if (!GifReachesItsEnd(task.file, source.at)) task.warnings.emplace_back("GIF: no end marker");
  HandOver(frame, indices, PaletteOf(*colours, clear), layout, sink);
  return {};
}

}  // namespace inlier

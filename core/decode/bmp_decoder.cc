// stb_image expands the pixels, a band of rows at a time. It reads one version of the header, fills
// up with zeros what a file lacks, and does not know run lengths, so it never sees the file itself:
// each band is handed to it as a small BMP with a header that we have written.
#include <algorithm>
#include <bit>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "core/decode/bad_image.h"
#include "core/decode/bmp_header.h"
#include "core/decode/bmp_rle.h"
#include "core/decode/decoder_memory.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace inlier {
namespace {

constexpr std::int64_t kBand_bytes = 256 << 10;
constexpr std::size_t kHeader_bytes = 14 + 108, kColours = 256;

void Put(std::vector<std::uint8_t>& to, std::size_t at, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// stb_image takes at most 8 bits a channel; the highest ones are kept.
std::uint32_t Narrowed(std::uint32_t mask) {
  const int below = static_cast<int>(std::bit_width(mask)) - 8;
  return below > 0 ? mask & ~((1u << below) - 1) : mask;
}

// A version 4 header, with a palette that has every index: colours that the file lacks are black.
std::vector<std::uint8_t> BandHeader(Bytes file, const BmpHeader& header, int bits) {
  constexpr std::uint32_t kMasked = 3;
  std::vector<std::uint8_t> out(kHeader_bytes + (bits <= 8 ? 4 * kColours : 0));
  out[0] = 'B';
  out[1] = 'M';
  Put(out, 10, static_cast<std::uint32_t>(out.size()), 4);
  Put(out, 14, 108, 4);
  Put(out, 18, static_cast<std::uint32_t>(header.width_px), 4);
  Put(out, 26, 1, 2);  // planes
  Put(out, 28, static_cast<std::uint32_t>(bits), 2);
  Put(out, 30, bits == 16 || bits == 32 ? kMasked : 0, 4);
  for (std::size_t i = 0; i < header.masks.size(); ++i) {
    Put(out, 54 + 4 * i, Narrowed(header.masks[i]), 4);
  }
  for (std::size_t i = 0; bits <= 8 && i < header.colours; ++i) {
    std::copy_n(&file[header.palette_at + i * header.colour_bytes], 3, &out[kHeader_bytes + 4 * i]);
  }
  return out;
}

struct Freer {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

// Hands over the rows that lie in `pixels` in the order of the file.
Status HandOver(const DecodeTask& task, const BmpHeader& header, Bytes pixels, int bits,
                const RowLayout& layout, RowSink& sink) {
  const std::int64_t stride = (header.width_px * bits + 31) / 32 * 4;
  const std::vector<std::uint8_t> head = BandHeader(task.file, header, bits);
  const std::int64_t most_rows = std::max<std::int64_t>(1, kBand_bytes / stride);
  std::vector<std::uint8_t> band;
  for (std::int64_t y = 0; y < header.height_px; y += most_rows) {
    const std::int64_t rows = std::min(most_rows, header.height_px - y);
    const std::int64_t first = header.is_top_down ? y : header.height_px - y - rows;
    band = head;
    Put(band, 22, static_cast<std::uint32_t>(header.is_top_down ? -rows : rows), 4);
    Bytes from = pixels.subspan(static_cast<std::size_t>(first * stride));
    from = from.first(std::min(from.size(), static_cast<std::size_t>(rows * stride)));
    band.insert(band.end(), from.begin(), from.end());
    int width = 0, height = 0, channels = 0;
    const std::unique_ptr<stbi_uc, Freer> out(stbi_load_from_memory(
        band.data(), static_cast<int>(band.size()), &width, &height, &channels, 0));
    if (out == nullptr) return Bad(fmt::format("BMP: damaged: {}", stbi_failure_reason()));
    for (std::int64_t i = 0; i < rows; ++i) {
      sink.Row(out.get() + static_cast<std::size_t>(i) * layout.row_bytes());
    }
  }
  return {};
}

}  // namespace

Status DecodeBmp(const DecodeTask& task, RowSink& sink) {
  INLIER_ASSIGN_OR_RETURN(const BmpHeader header, ReadBmpHeader(task.file));
  const RowLayout layout{.width_px = static_cast<int>(header.width_px),
                         .height_px = static_cast<int>(header.height_px),
                         .samples = header.masks[3] != 0 ? Samples::kRgba : Samples::kRgb,
                         .colour = {.icc = header.icc, .srgb = header.is_srgb}};
  const Bytes pixels = task.file.subspan(header.pixels_at);
  if (header.packing == BmpHeader::Packing::kNone) {
    INLIER_RETURN_IF_ERROR(sink.Begin(layout));
    return HandOver(task, header, pixels, header.bits, layout, sink);
  }
  INLIER_RETURN_IF_ERROR(CheckDecoderMemory((header.width_px + 3) * header.height_px, task.limits));
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  INLIER_ASSIGN_OR_RETURN(const auto unpacked, UnpackBmpRle(pixels, header, task.warnings));
  return HandOver(task, header, unpacked, 8, layout, sink);
}

}  // namespace inlier

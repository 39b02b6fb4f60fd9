#include <bit>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "core/bytes.h"
#include "core/decode/decoder_memory.h"
#include "core/decode/missing.h"
#include "core/decode/png_chunks.h"
#include "core/decode/png_colour.h"
#include "core/decode/png_library.h"

namespace inlier {
namespace {

// What libpng is to see of a file, in pieces that are read one after another. It never meets texts
// and profiles, which are compressed: a file may have a thousand that each grow a thousandfold
// before a pixel is decoded. What follows the pixels is replaced by an end chunk, so that damage
// there harms nothing.
struct PngParts {
  std::vector<Bytes> parts;
  PngColour colour;
  bool has_end = false;
};

constexpr std::array<std::uint8_t, 12> kEnd{0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};

bool ChecksumFits(const PngChunk& chunk) {
  const Bytes checked = chunk.whole.subspan(4, chunk.content.size() + 4);
  return crc32(0, checked.data(), static_cast<uInt>(checked.size())) ==
         static_cast<uLong>(BigEndian(chunk.whole, chunk.whole.size() - 4, 4));
}

PngParts PartsOf(Bytes file, std::vector<std::string>& warnings) {
  PngParts out{.parts = {file.first(8)}};
  bool pixels_begun = false, is_cut = false;
  PngChunks chunks(file);
  while (const auto chunk = chunks.Next()) {
    if (chunk->type == "IEND") {
      out.has_end = chunk->is_complete;
      break;
    }
    if (chunk->IsAncillary()) {
      if (!chunk->is_complete) break;
      if (!ChecksumFits(*chunk)) {
        warnings.push_back(
            fmt::format("PNG: chunk {} is damaged and was left out", std::string(chunk->type)));
        continue;
      }
      if (pixels_begun) continue;
      ReadPngColour(*chunk, out.colour, warnings);
      if (chunk->type == "tRNS") out.parts.push_back(chunk->whole);
    } else if (!pixels_begun || chunk->type == "IDAT") {
      pixels_begun = pixels_begun || chunk->type == "IDAT";
      is_cut = !chunk->is_complete;
      out.parts.push_back(chunk->whole);
    }
  }
  if (!is_cut) out.parts.emplace_back(kEnd);
  ColourSource& source = out.colour.source;
  source.icc = out.colour.icc;
  if (source.gamma && source.gamma->gamma == 0) source.gamma.reset();  // cHRM alone says too little
  return out;
}

class PngReader {
 public:
  explicit PngReader(const std::vector<Bytes>& parts)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &messages_, OnPngError, OnPngWarning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)),
        parts_(parts) {}
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  // Reads what stands before the pixels and asks for whole samples: palettes and fewer than 8 bits
  // are expanded, and tRNS becomes alpha.
  bool Start(const DecodeLimits& limits) {
    if (info_ == nullptr) return false;
    return PngSucceeds(png_, [&] {
      png_set_read_fn(png_, this, Read);
      png_set_user_limits(png_, static_cast<png_uint_32>(limits.max_side_px),
                          static_cast<png_uint_32>(limits.max_side_px));
      png_read_info(png_, info_);
      png_set_expand(png_);
      if (std::endian::native == std::endian::little) png_set_swap(png_);
      passes_ = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
    });
  }

  RowLayout Layout() const {
    constexpr Samples kSamples[] = {Samples::kGrey, Samples::kGreyAlpha, Samples::kRgb,
                                    Samples::kRgba};
    return {.width_px = static_cast<int>(png_get_image_width(png_, info_)),
            .height_px = static_cast<int>(png_get_image_height(png_, info_)),
            .samples = kSamples[png_get_channels(png_, info_) - 1],
            .bits = png_get_bit_depth(png_, info_)};
  }

  bool ReadRow(std::uint8_t* row) {
    return PngSucceeds(png_, [&] { png_read_row(png_, row, nullptr); });
  }
  bool ReadEnd() {
    return PngSucceeds(png_, [&] { png_read_end(png_, nullptr); });
  }

  int passes() const { return passes_; }
  bool is_at_end() const { return is_at_end_; }
  const char* error() const { return messages_.error.data(); }
  const char* warning() const { return messages_.warning.data(); }

 private:
  static void Read(png_structp png, png_bytep out, std::size_t size) {
    auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    while (size > 0) {
      if (self.part_ == self.parts_.size()) {
        self.is_at_end_ = true;
        png_error(png, "the file ends");
      }
      const Bytes rest = self.parts_[self.part_].subspan(self.at_);
      const std::size_t now = std::min(size, rest.size());
      std::copy_n(rest.begin(), now, out);
      out += now;
      size -= now;
      self.at_ += now;
      if (now == rest.size()) {
        ++self.part_;
        self.at_ = 0;
      }
    }
  }

  PngMessages messages_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  const std::vector<Bytes>& parts_;
  std::size_t part_ = 0, at_ = 0;
  int passes_ = 1;
  bool is_at_end_ = false;
};

std::int64_t PixelsOf(const RowLayout& layout) {
  return std::int64_t{layout.width_px} * layout.height_px;
}

Status StreamRows(PngReader& reader, const RowLayout& layout, RowSink& sink) {
  std::vector<std::uint8_t> row(layout.row_bytes());
  for (int y = 0; y < layout.height_px; ++y) {
    if (!reader.ReadRow(row.data())) {
      return PixelsMissing("PNG", std::int64_t{y} * layout.width_px, PixelsOf(layout),
                           reader.error());
    }
    sink.Row(row.data());
  }
  return {};
}

// The first of the seven passes has every eighth pixel of every eighth row, and each pass fills in
// more, so the rows are complete only at the end.
Status CollectPasses(PngReader& reader, const RowLayout& layout, RowSink& sink) {
  const std::size_t row_bytes = layout.row_bytes();
  std::vector<std::uint8_t> image(row_bytes * static_cast<std::size_t>(layout.height_px));
  std::int64_t read_px = 0;
  for (int pass = 0; pass < reader.passes(); ++pass) {
    for (int y = 0; y < layout.height_px; ++y) {
      if (!reader.ReadRow(&image[static_cast<std::size_t>(y) * row_bytes])) {
        return PixelsMissing("PNG", read_px, PixelsOf(layout), reader.error());
      }
      if (PNG_ROW_IN_INTERLACE_PASS(y, pass)) read_px += PNG_PASS_COLS(layout.width_px, pass);
    }
  }
  for (std::size_t at = 0; at < image.size(); at += row_bytes) sink.Row(&image[at]);
  return {};
}

}  // namespace

Status DecodePng(const DecodeTask& task, RowSink& sink) {
  const PngParts parts = PartsOf(task.file, task.warnings);
  PngReader reader(parts.parts);
  if (!reader.Start(task.limits)) return Bad(fmt::format("PNG: damaged: {}", reader.error()));
  RowLayout layout = reader.Layout();
  layout.colour = parts.colour.source;
  const bool is_interlaced = reader.passes() > 1;
  if (is_interlaced) {
    INLIER_RETURN_IF_ERROR(CheckDecoderMemory(
        static_cast<std::int64_t>(layout.row_bytes()) * layout.height_px, task.limits));
  }
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  INLIER_RETURN_IF_ERROR(is_interlaced ? CollectPasses(reader, layout, sink)
                                       : StreamRows(reader, layout, sink));
  // The checksum of the last pixels is looked at here.
  if (!reader.ReadEnd() && !reader.is_at_end()) {
    return Bad(fmt::format("PNG: damaged: {}", reader.error()));
  }
  if (!parts.has_end) task.warnings.emplace_back("PNG: no end chunk");
  if (reader.warning()[0] != 0) task.warnings.push_back(fmt::format("PNG: {}", reader.warning()));
  return {};
}

}  // namespace inlier

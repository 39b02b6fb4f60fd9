#include <algorithm>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/png_chunks.h"

namespace inlier {
namespace {

// An iTXt chunk that is not compressed: its keyword, a zero, two zeros for the compression, a
// language and a translated keyword, each with a zero behind it, and the text.
Bytes XmpOf(Bytes content) {
  constexpr std::string_view kKeyword("XML:com.adobe.xmp\0\0\0", 20);
  if (!HasPrefix(content, kKeyword)) return {};
  Bytes rest = content.subspan(kKeyword.size());
  for (int i = 0; i < 2; ++i) {
    const auto zero = std::find(rest.begin(), rest.end(), 0);
    if (zero == rest.end()) return {};
    rest = rest.subspan(static_cast<std::size_t>(zero - rest.begin()) + 1);
  }
  return rest;
}

}  // namespace

Result<ImageHeader> ProbePng(Bytes b) {
  if (b.size() < 33 || !HasPrefix(b, "IHDR", 12)) return Bad("PNG: header missing");
  ImageHeader header{.format = ImageHeader::Format::kPng,
                     .width_px = BigEndian(b, 16, 4),
                     .height_px = BigEndian(b, 20, 4)};
  const int colour_type = b[25];
  header.has_alpha = colour_type == 4 || colour_type == 6;
  bool has_pixels = false;
  PngChunks chunks(b);
  while (const auto chunk = chunks.Next()) {
    if (chunk->type == "IEND") break;
    if (chunk->type == "IDAT") has_pixels = true;
    if (!chunk->is_complete) continue;
    if (chunk->type == "tRNS") header.has_alpha = true;
    if (chunk->type == "eXIf") header.exif = chunk->content;
    if (chunk->type == "iTXt" && header.xmp.empty()) header.xmp = XmpOf(chunk->content);
  }
  if (!has_pixels) return Bad("PNG: truncated before the picture");
  return header;
}

}  // namespace inlier

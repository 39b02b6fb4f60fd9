#include <algorithm>
#include <optional>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/gif_blocks.h"

namespace inlier {
namespace {

constexpr std::uint8_t kExtension = 0x21, kFrame = 0x2C, kEnd = 0x3B;
constexpr std::size_t kScreen_bytes = 13, kDescriptor_bytes = 10;

// How many bytes the colour table takes that such flags announce.
std::size_t ColourTable_bytes(int flags) {
  return (flags & 0x80) != 0 ? std::size_t{3} << ((flags & 7) + 1) : 0;
}

// Data are cut into pieces of at most 255 bytes, each behind its length, and end with a length of
// zero. Returns the offset behind them; nothing when the file ends before.
std::optional<std::size_t> BehindData(Bytes b, std::size_t at) {
  while (at < b.size()) {
    const std::size_t length = b[at];
    at += 1 + length;
    if (length == 0) return at;
  }
  return {};
}

// The same for the whole block at an offset.
std::optional<std::size_t> BehindBlock(Bytes b, std::size_t at) {
  if (b[at] == kExtension) return BehindData(b, at + 2);
  if (b[at] != kFrame || b.size() - at < kDescriptor_bytes) return {};
  return BehindData(b, at + kDescriptor_bytes + ColourTable_bytes(b[at + 9]) + 1);
}

}  // namespace

bool GifReachesItsEnd(Bytes file, std::size_t at) {
  while (at < file.size() && file[at] != kEnd) {
    const auto next = BehindBlock(file, at);
    if (!next) return false;
    at = *next;
  }
  return at < file.size();
}

// The screen, then blocks: extensions, one of which may name the transparent colour of the next
// frame, and frames. Frames should lie within the screen; a first one that does not enlarges it.
Result<ImageHeader> ProbeGif(Bytes b) {
  if (b.size() < kScreen_bytes) return Bad("GIF: truncated");
  ImageHeader header{.format = ImageHeader::Format::kGif,
                     .width_px = LittleEndian(b, 6, 2),
                     .height_px = LittleEndian(b, 8, 2)};
  std::size_t at = kScreen_bytes + ColourTable_bytes(b[10]);
  while (at < b.size() && b[at] == kExtension) {
    constexpr std::string_view kGraphicControl("\xF9\x04", 2);
    if (HasPrefix(b, kGraphicControl, at + 1) && at + 3 < b.size()) {
      header.has_alpha = (b[at + 3] & 1) != 0;
    }
    const auto next = BehindBlock(b, at);
    if (!next) break;
    at = *next;
  }
  if (at + kDescriptor_bytes > b.size()) return Bad("GIF: truncated before the picture");
  if (b[at] != kFrame) return Bad("GIF: no picture");
  const std::int64_t left = LittleEndian(b, at + 1, 2), top = LittleEndian(b, at + 3, 2);
  const std::int64_t width = LittleEndian(b, at + 5, 2), height = LittleEndian(b, at + 7, 2);
  if (width == 0 || height == 0) return Bad("GIF: its first frame is empty");
  header.width_px = std::max(header.width_px, left + width);
  header.height_px = std::max(header.height_px, top + height);
  if (width < header.width_px || height < header.height_px) header.has_alpha = true;
  return header;
}

}  // namespace inlier

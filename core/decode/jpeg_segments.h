#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/decode/formats.h"

namespace inlier {

/// A marker of a JPEG (ITU-T T.81, annex B) and what belongs to it.
struct JpegSegment {
  std::uint8_t marker = 0;
  Bytes payload;  // without its length
  Bytes scan;     // of a start of scan: its entropy-coded data, with their restart markers
};

/// Where the picture begins. Programs that print a blank line or a byte order mark before they send
/// a picture are common, and every viewer skips these few bytes. Nothing when it is no JPEG.
std::optional<std::size_t> JpegStart(Bytes file);

/// Goes from marker to marker, as libjpeg does: bytes in front of a marker are passed over.
class JpegSegments {
 public:
  /// `jpeg` begins with its start marker.
  explicit JpegSegments(Bytes jpeg) : jpeg_(jpeg) {}
  /// Nothing at the end marker, at a segment that is longer than the file, and at its end.
  std::optional<JpegSegment> Next();

 private:
  std::size_t FindMarker(std::size_t from, bool in_scan) const;

  Bytes jpeg_;
  std::size_t at_ = 2;
};

constexpr std::uint8_t kJpegEnd = 0xD9, kJpegScan = 0xDA, kJpegHuffman = 0xC4;

/// SOF0 to SOF15, which begin a picture of one kind or another.
constexpr bool IsJpegFrame(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

}  // namespace inlier

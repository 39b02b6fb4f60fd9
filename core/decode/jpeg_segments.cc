#include "core/decode/jpeg_segments.h"

#include <algorithm>
#include <cstring>

#include "core/bytes.h"

namespace inlier {
namespace {

bool IsRestart(std::uint8_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

bool HasNoPayload(std::uint8_t marker) {
  return marker == 0x01 || marker == 0xD8 || IsRestart(marker);
}

}  // namespace

std::optional<std::size_t> JpegStart(Bytes file) {
  constexpr std::size_t kMaxBefore = 16;
  constexpr std::string_view kSkipped("\r\n\t \0\xEF\xBB\xBF", 8);  // the last three: UTF-8's mark
  for (std::size_t at = 0; at < std::min(kMaxBefore, file.size()); ++at) {
    if (HasPrefix(file, "\xFF\xD8\xFF", at)) return at;
    if (kSkipped.find(static_cast<char>(file[at])) == std::string_view::npos) break;
  }
  return std::nullopt;
}

// The place of the FF of the next marker, or the size of the file. An FF of data is followed by 00,
// any number of FF may stand before a marker, and restart markers belong to their scan.
std::size_t JpegSegments::FindMarker(std::size_t from, bool in_scan) const {
  for (std::size_t at = from; at + 1 < jpeg_.size(); ++at) {
    const void* const found = std::memchr(&jpeg_[at], 0xFF, jpeg_.size() - 1 - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - jpeg_.data());
    const std::uint8_t next = jpeg_[at + 1];
    if (next != 0x00 && next != 0xFF && !(in_scan && IsRestart(next))) return at;
  }
  return jpeg_.size();
}

std::optional<JpegSegment> JpegSegments::Next() {
  for (;;) {
    at_ = FindMarker(at_, false);
    if (at_ >= jpeg_.size()) return std::nullopt;
    const std::uint8_t marker = jpeg_[at_ + 1];
    if (HasNoPayload(marker)) {
      at_ += 2;
      continue;
    }
    if (marker == kJpegEnd || at_ + 4 > jpeg_.size()) return std::nullopt;
    const auto length = static_cast<std::size_t>(BigEndian(jpeg_, at_ + 2, 2));
    if (length < 2 || at_ + 2 + length > jpeg_.size()) return std::nullopt;
    JpegSegment segment{.marker = marker, .payload = jpeg_.subspan(at_ + 4, length - 2)};
    at_ += 2 + length;
    if (marker == kJpegScan) {
      const std::size_t end = FindMarker(at_, true);
      segment.scan = jpeg_.subspan(at_, end - at_);
      at_ = end;
    }
    return segment;
  }
}

}  // namespace inlier

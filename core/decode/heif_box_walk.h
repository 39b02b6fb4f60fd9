#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/formats.h"

namespace inlier {

// How the boxes of a HEIF file are walked through (ISO/IEC 14496-12): four letters say what a box
// is, and boxes lie in boxes. Nothing outside of the bytes is read.

struct HeifBox {
  Bytes type;  // four letters
  Bytes content;
  std::int64_t missing_bytes = 0;

  bool Is(std::string_view name) const { return HasPrefix(type, name); }
};

/// Takes the first box off `rest`.
inline std::optional<HeifBox> Next(Bytes& rest) {
  if (rest.size() < 8) return {};
  std::size_t head_bytes = 8;
  std::uint64_t size = static_cast<std::uint64_t>(BigEndian(rest, 0, 4));
  if (size == 1) {
    if (rest.size() < 16) return {};
    head_bytes = 16;
    size = static_cast<std::uint64_t>(BigEndian(rest, 8, 4)) << 32 |
           static_cast<std::uint64_t>(BigEndian(rest, 12, 4));
  } else if (size == 0) {
    size = rest.size();
  }
  if (size < head_bytes) return {};
  HeifBox box{.type = rest.subspan(4, 4)};
  if (size > rest.size()) {
    constexpr std::uint64_t kMost = 1ULL << 62;
    box.missing_bytes = static_cast<std::int64_t>(std::min(size - rest.size(), kMost));
    size = rest.size();
  }
  box.content = rest.subspan(head_bytes, static_cast<std::size_t>(size) - head_bytes);
  rest = rest.subspan(static_cast<std::size_t>(size));
  return box;
}

inline std::optional<HeifBox> Find(Bytes boxes, std::string_view name) {
  while (const auto box = Next(boxes)) {
    if (box->Is(name)) return box;
  }
  return {};
}

/// Reads numbers one after another, and zeros behind the end.
class Numbers {
 public:
  explicit Numbers(Bytes bytes) : rest_(bytes) {}
  std::int64_t Take(std::size_t size) {
    if (rest_.size() < size) {
      rest_ = {};
      return 0;
    }
    std::int64_t value = 0;
    for (const std::uint8_t byte : rest_.first(size)) value = (value & kSevenBytes) << 8 | byte;
    rest_ = rest_.subspan(size);
    return std::max<std::int64_t>(value, 0);
  }
  Bytes rest() const { return rest_; }
  bool done() const { return rest_.empty(); }

 private:
  static constexpr std::int64_t kSevenBytes = 0xFFFFFFFFFFFFFF;
  Bytes rest_;
};

}  // namespace inlier

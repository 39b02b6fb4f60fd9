#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace inlier {

/// True when the bytes of `magic` stand at offset `at`.
inline bool HasPrefix(std::span<const std::uint8_t> bytes, std::string_view magic,
                      std::size_t at = 0) {
  return bytes.size() >= at + magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char m, std::uint8_t byte) { return static_cast<std::uint8_t>(m) == byte; });
}

/// The unsigned number in the `size` bytes from offset `at`. The caller makes sure that there are
/// that many; `size` is at most 7.
inline std::int64_t BigEndian(std::span<const std::uint8_t> bytes, std::size_t at,
                              std::size_t size) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

/// The same with the least significant byte first.
inline std::int64_t LittleEndian(std::span<const std::uint8_t> bytes, std::size_t at,
                                 std::size_t size) {
  std::int64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

}  // namespace inlier

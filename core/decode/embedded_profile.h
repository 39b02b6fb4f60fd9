#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inlier {

/// The largest ICC profile that is read. Those of presses have two or three megabytes.
inline constexpr std::size_t kMaxProfile_bytes = 4 << 20;

/// The ICC profile of a picture as a decoder hands it over. A larger one is left out with a
/// warning, and the picture is read without it.
inline std::span<const std::uint8_t> BoundedProfile(std::span<const std::uint8_t> icc,
                                                    std::vector<std::string>& warnings) {
  if (icc.size() <= kMaxProfile_bytes) return icc;
  warnings.emplace_back("its colour profile is larger than 4 MiB and was left out");
  return {};
}

}  // namespace inlier

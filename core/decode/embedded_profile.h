#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inlier {

/// The ICC profile of a picture as a decoder hands it over. Profiles of presses have two or three
/// megabytes; a larger one is left out with a warning, and the picture is read without it.
inline std::span<const std::uint8_t> BoundedProfile(std::span<const std::uint8_t> icc,
                                                    std::vector<std::string>& warnings) {
  constexpr std::size_t kMost_bytes = 4 << 20;
  if (icc.size() <= kMost_bytes) return icc;
  warnings.emplace_back("its colour profile is larger than 4 MiB and was left out");
  return {};
}

}  // namespace inlier

#pragma once

#include <cstdint>

namespace inlier {

/// Gives freed memory back to the system and makes the peak start from now. Returns the bytes that
/// are resident now, or 0 where the system does not show them.
std::uint64_t ResetPeakMemory();
/// The most that was resident since the last reset.
std::uint64_t PeakMemory_bytes();

}  // namespace inlier

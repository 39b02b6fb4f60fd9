#pragma once

#include <cstdint>

namespace inlier {

/// Gives freed memory back to the system and makes the peak start from now. False where the system
/// does not let a process do that.
bool ResetPeakMemory();
/// What is resident now; 0 where the system does not show it.
std::uint64_t ResidentMemory_bytes();
/// The most that was resident since the last reset; 0 where the system does not show it.
std::uint64_t PeakMemory_bytes();

}  // namespace inlier

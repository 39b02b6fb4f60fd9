#pragma once

#include <cstdint>

namespace inlier {

/// Gives freed memory back and starts the peak anew; returns what is resident now. Where the system
/// does not tell, 0.
std::uint64_t ResetPeakMemory();
/// The most that was resident since then.
std::uint64_t PeakMemory_bytes();

}  // namespace inlier

#pragma once

namespace inlier::wire {

// The decimals with which numbers leave the program, in JSON as in CSV.
inline constexpr int kPixelDecimals = 2;
inline constexpr int kProbabilityDecimals = 4;
inline constexpr int kScoreDecimals = 2;
inline constexpr int kMillisecondDecimals = 1;
inline constexpr int kEvidenceDecimals = 4;

/// `number` with so many decimals. The result is never -0.
double RoundTo(double number, int decimals);

}  // namespace inlier::wire

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "extractor/byte_plane.h"
#include "extractor/corner_pyramid.h"

namespace inlier {

/// Whether a first pixel is darker than a second one. The places are counted from the middle of the
/// patch.
struct PixelTest {
  std::int8_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  bool operator==(const PixelTest&) const = default;
};

constexpr int kTests = 256;
constexpr int kTestRowBytes = kTests / 8;
using TestPattern = std::array<PixelTest, kTests>;

/// Draws tests, no two of them the same. The places of both pixels come from an isotropic Gaussian
/// (G II of Calonder et al., ECCV 2010) within a disc of `radius_px`. The pattern is the same on
/// every platform.
TestPattern DrawGaussianPattern(double sigma_px, int radius_px, std::uint64_t seed);

/// A test that is turned about the middle of the patch by `turn` / 256 of the full turn, clockwise
/// with y down.
PixelTest Turn(const PixelTest& test, std::uint8_t turn);

/// A pattern of tests, in as many turned copies as there are steps.
class BinaryTests {
 public:
  /// `steps` divides kTurns; 1 leaves the tests upright.
  BinaryTests(const TestPattern& pattern, int steps);

  /// The turned pattern for an orientation in 1/256 turns.
  const TestPattern& Turned(std::uint8_t turn) const { return patterns_[StepOf(turn)]; }

  /// Describes the corners of all levels by rows of kTestRowBytes. `smoothed` has one plane for
  /// each level, and all planes have the same stride. Test i is bit i % 8 of byte i / 8.
  std::vector<std::uint8_t> Describe(std::span<const BytePlane> smoothed,
                                     std::span<const OrientedCorner> corners) const;

 private:
  std::size_t StepOf(std::uint8_t turn) const;
  std::vector<TestPattern> patterns_;
};

}  // namespace inlier

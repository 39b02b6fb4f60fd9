#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "extractor/byte_plane.h"
#include "extractor/corner_pyramid.h"

namespace inlier {

/// Is the first pixel darker than the second? Places in a patch, from its middle.
struct PixelTest {
  std::int8_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  bool operator==(const PixelTest&) const = default;
};

constexpr int kTests = 256;
constexpr int kTestRowBytes = kTests / 8;
using TestPattern = std::array<PixelTest, kTests>;

/// Places of both pixels drawn from an isotropic Gaussian (G II of Calonder et al., ECCV 2010),
/// kept inside the disc of `radius_px`, each test once. The same on every platform.
TestPattern DrawGaussianPattern(double sigma_px, int radius_px, std::uint64_t seed);

/// The test about the middle of the patch turned by `turn` / 256 of the full turn, clockwise with y
/// down.
PixelTest Turn(const PixelTest& test, std::uint8_t turn);

/// The tests of a pattern, turned in steps.
class BinaryTests {
 public:
  /// `steps` divides kTurns; 1 leaves the tests upright.
  BinaryTests(const TestPattern& pattern, int steps);

  /// The turned pattern for an orientation in 1/256 turns.
  const TestPattern& Turned(std::uint8_t turn) const { return patterns_[StepOf(turn)]; }

  /// Rows of kTestRowBytes for the corners of all levels; `smoothed` has a plane for each level,
  /// all of one stride. Test i is bit i % 8 of byte i / 8.
  std::vector<std::uint8_t> Describe(std::span<const BytePlane> smoothed,
                                     std::span<const OrientedCorner> corners) const;

 private:
  std::size_t StepOf(std::uint8_t turn) const;
  std::vector<TestPattern> patterns_;
};

}  // namespace inlier

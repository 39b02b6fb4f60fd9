// Binary tests: each compares two pixels of a smoothed patch and gives one bit of the descriptor.
// BRIEF (Calonder et al., ECCV 2010) draws the places of the pixels at random. Steered tests
// (Rublee et al., ICCV 2011, §4.1) are turned with the keypoint; a table has the pattern for every
// step of the turn.
#include "extractor/binary_tests.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/random.h"
#include "extractor/corner_measures.h"

namespace inlier {

namespace {

// A normally distributed number, rounded. It is made from the sum of twelve uniform ones, so that
// no mathematical function is called whose last bit depends on the library.
int DrawNormal(Random& random, double sigma) {
  std::int64_t sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<std::int64_t>(random.Next() >> 40);  // 24 bits
  const double normal = static_cast<double>(sum - (std::int64_t{6} << 24)) / (1 << 24);
  return static_cast<int>(std::floor(normal * sigma + 0.5));
}

// Rounds a fixed-point number. Halves go away from zero, so that opposite turns are symmetric.
std::int8_t Rounded(std::int32_t value) {
  constexpr std::int32_t kHalf = 1 << (kTurnOne_log2 - 1);
  return static_cast<std::int8_t>(value < 0 ? -((kHalf - value) >> kTurnOne_log2)
                                            : (value + kHalf) >> kTurnOne_log2);
}

}  // namespace

TestPattern DrawGaussianPattern(double sigma_px, int radius_px, std::uint64_t seed) {
  Random random(seed);
  const auto place = [&](std::int8_t& x, std::int8_t& y) {
    int dx = 0, dy = 0;
    do {
      dx = DrawNormal(random, sigma_px);
      dy = DrawNormal(random, sigma_px);
    } while (dx * dx + dy * dy > radius_px * radius_px);
    x = static_cast<std::int8_t>(dx);
    y = static_cast<std::int8_t>(dy);
  };
  TestPattern pattern{};
  for (std::size_t i = 0; i < pattern.size();) {
    PixelTest& test = pattern[i];
    place(test.x0, test.y0);
    place(test.x1, test.y1);
    const bool same_place = test.x0 == test.x1 && test.y0 == test.y1;
    const auto end = pattern.begin() + static_cast<std::ptrdiff_t>(i);
    const PixelTest reversed{test.x1, test.y1, test.x0, test.y0};
    const bool again = std::find(pattern.begin(), end, test) != end ||
                       std::find(pattern.begin(), end, reversed) != end;
    if (!same_place && !again) ++i;
  }
  return pattern;
}

PixelTest Turn(const PixelTest& test, std::uint8_t turn) {
  const TurnVector v = VectorOf(turn);
  return {Rounded(test.x0 * v.cos - test.y0 * v.sin), Rounded(test.x0 * v.sin + test.y0 * v.cos),
          Rounded(test.x1 * v.cos - test.y1 * v.sin), Rounded(test.x1 * v.sin + test.y1 * v.cos)};
}

BinaryTests::BinaryTests(const TestPattern& pattern, int steps)
    : patterns_(static_cast<std::size_t>(steps), pattern) {
  for (int step = 0; step < steps; ++step) {
    for (PixelTest& test : patterns_[static_cast<std::size_t>(step)]) {
      test = Turn(test, static_cast<std::uint8_t>(step * (kTurns / steps)));
    }
  }
}

std::size_t BinaryTests::StepOf(std::uint8_t turn) const {
  const std::size_t steps = patterns_.size();
  return (turn * steps + kTurns / 2) / kTurns % steps;
}

std::vector<std::uint8_t> BinaryTests::Describe(std::span<const BytePlane> smoothed,
                                                std::span<const OrientedCorner> corners) const {
  std::vector<std::uint8_t> rows(corners.size() * kTestRowBytes);
  if (corners.empty()) return rows;
  // Distances in memory from the middle of a patch. They serve all planes, which share one stride.
  struct Offsets {
    std::int32_t first[kTests], second[kTests];
  };
  const auto stride = static_cast<std::int32_t>(smoothed[0].stride);
  thread_local std::vector<Offsets>
      offsets;  // half a megabyte when tests are turned: its pages are kept
  offsets.resize(std::max(offsets.size(), patterns_.size()));
  for (std::size_t step = 0; step < patterns_.size(); ++step) {
    for (std::size_t i = 0; i < kTests; ++i) {
      const PixelTest& test = patterns_[step][i];
      offsets[step].first[i] = test.y0 * stride + test.x0;
      offsets[step].second[i] = test.y1 * stride + test.x1;
    }
  }
  std::uint8_t* out = rows.data();
  for (const OrientedCorner& corner : corners) {
    const std::uint8_t* middle =
        smoothed[static_cast<std::size_t>(corner.level)].row(corner.y) + corner.x;
    const Offsets& at = offsets[StepOf(corner.turn)];
    for (int i = 0; i < kTests; i += 8) {
      unsigned byte = 0;
      for (int bit = 0; bit < 8; ++bit) {
        byte |= static_cast<unsigned>(middle[at.first[i + bit]] < middle[at.second[i + bit]])
                << bit;
      }
      *out++ = static_cast<std::uint8_t>(byte);
    }
  }
  return rows;
}

}  // namespace inlier

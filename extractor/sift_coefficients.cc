// Which coefficients are kept, and their means, were found on the descriptors of 200 pictures of
// catalogues (258,000 rows): the 64 that vary most. They hold .93 of the variance; the best 64 axes
// of these very rows (PCA) hold .95. docs/evaluation/history.md has what that means for matches.
#include "extractor/sift_coefficients.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/integer_map.h"

namespace inlier {
namespace {

constexpr std::size_t kCells = 4, kDirections = 8;
constexpr int kShift = 14;  // of the matrix, whose entries are below 0.21
// By row frequency × 4 + column frequency: bit k stands for direction frequency k in the order of
// DirectionBasis.
constexpr std::array<std::uint8_t, kCells * kCells> kKept{
    0xFF, 0xFF, 0x3F, 0x1A, 0x7F, 0x5F, 0x1E, 0x16, 0x1F, 0x1F, 0x16, 0x02, 0x1C, 0x04, 0x04, 0x00};

// The means that are not nearly 0. Most are, by symmetry.
struct Mean {
  std::size_t coefficient;  // (row × 4 + column) × 8 + direction frequency
  std::int32_t value;
};
constexpr std::array kMeans{Mean{0, 380},  Mean{1, 70},   Mean{3, 82},   Mean{5, 21},
                            Mean{7, 21},   Mean{16, -37}, Mean{17, -52}, Mean{19, -23},
                            Mean{21, -13}, Mean{42, -20}, Mean{64, -30}, Mean{67, -21}};

// Of a cosine transform of four values, orthonormal (DCT-II).
double CellBasis(std::size_t frequency, std::size_t cell) {
  const double angle = std::numbers::pi * (static_cast<double>(cell) + 0.5) *
                       static_cast<double>(frequency) / kCells;
  return std::sqrt((frequency == 0 ? 1.0 : 2.0) / kCells) * std::cos(angle);
}

// Of a Fourier transform of eight values, orthonormal: constant, then cosine and sine of each
// frequency.
double DirectionBasis(std::size_t k, std::size_t direction) {
  const double angle = 2 * std::numbers::pi * static_cast<double>((k + 1) / 2) *
                       static_cast<double>(direction) / kDirections;
  const double length = std::sqrt((k == 0 || k == kDirections - 1 ? 1.0 : 2.0) / kDirections);
  return length * (k % 2 == 0 && k > 0 ? std::sin(angle) : std::cos(angle));
}

struct Transform {
  std::vector<std::int16_t> matrix;  // kSiftCoefficients × kSiftDims
  std::array<std::int32_t, kSiftCoefficients> means{};
};

Transform MakeTransform() {
  Transform transform;
  std::size_t kept = 0;
  for (std::size_t coefficient = 0; coefficient < kSiftDims; ++coefficient) {
    const std::size_t cells = coefficient / kDirections, k = coefficient % kDirections;
    if ((kKept[cells] >> k & 1) == 0) continue;
    for (std::size_t value = 0; value < kSiftDims; ++value) {
      const std::size_t cell = value / kDirections;
      const double entry = CellBasis(cells / kCells, cell / kCells) *
                           CellBasis(cells % kCells, cell % kCells) *
                           DirectionBasis(k, value % kDirections);
      transform.matrix.push_back(static_cast<std::int16_t>(std::lround(std::ldexp(entry, kShift))));
    }
    const auto mean = std::ranges::find(kMeans, coefficient, &Mean::coefficient);
    if (mean != kMeans.end()) transform.means[kept] = mean->value;
    ++kept;
  }
  return transform;
}

}  // namespace

void ToSiftCoefficients(const std::uint8_t* row, std::uint8_t* out) {
  static const Transform transform = MakeTransform();
  static const IntegerMap map(transform.matrix, kSiftDims);
  std::array<std::int32_t, kSiftCoefficients> sums{};
  map.Apply(row, sums.data());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::int32_t rounded = (sums[i] + (1 << (kShift - 1))) >> kShift;
    out[i] = static_cast<std::uint8_t>(std::clamp(rounded - transform.means[i] + 128, 0, 255));
  }
}

}  // namespace inlier

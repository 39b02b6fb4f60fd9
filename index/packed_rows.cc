// FAISS has the same quantiser (QT_4bit with bounds by mean and deviation). This one has bounds of
// whole numbers, so that every processor makes the same bytes, and gives rows of bytes back.
#include "index/packed_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace inlier {
namespace {

constexpr int kLevels = 16;
// The bounds of a column are this many standard deviations from its mean: nearer ones cut off too
// much, and farther ones make the steps too large (docs/evaluation/history.md).
constexpr double kBoundDeviations = 2.7;

// The levels of one column. A value v has level ⌊(v − low) · kLevels / span⌋, and a level stands
// for the middle of the whole numbers that have it.
struct Column {
  std::uint8_t low = 0, span = 1;

  std::uint8_t LevelOf(std::uint8_t value) const {
    return static_cast<std::uint8_t>(std::clamp((value - low) * kLevels, 0, span * kLevels - 1) /
                                     span);
  }
  std::uint8_t ValueOf(int level) const {
    return static_cast<std::uint8_t>(std::min(low + (2 * level + 1) * span / (2 * kLevels), 255));
  }
};

Column BoundsOf(const Features& features, std::size_t column) {
  double sum = 0, squares = 0;
  int least = 255, most = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const int value = features.row(i)[column];
    sum += value;
    squares += value * value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const auto n = static_cast<double>(std::max<std::size_t>(features.size(), 1));
  const double mean = sum / n;
  const double reach = kBoundDeviations * std::sqrt(std::max(squares / n - mean * mean, 0.0));
  const int low = std::max(least, static_cast<int>(std::lround(mean - reach)));
  const int high = std::min(most + 1, static_cast<int>(std::lround(mean + reach)) + 1);
  return {static_cast<std::uint8_t>(std::clamp(low, 0, 255)),
          static_cast<std::uint8_t>(std::clamp(high - low, 1, 255))};
}

std::size_t PackedRowBytes(const Features& features) {
  return (features.descriptor_bytes + std::size_t{1}) / 2;
}

}  // namespace

std::string PackRows(const Features& features) {
  const std::size_t dims = features.descriptor_bytes, row_bytes = PackedRowBytes(features);
  std::string packed;
  if (features.size() == 0) return packed;
  std::vector<Column> columns;
  for (std::size_t k = 0; k < dims; ++k) {
    columns.push_back(BoundsOf(features, k));
    packed.push_back(static_cast<char>(columns.back().low));
    packed.push_back(static_cast<char>(columns.back().span));
  }
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto row = features.row(i);
    for (std::size_t b = 0; b < row_bytes; ++b) {
      int levels = columns[2 * b].LevelOf(row[2 * b]);
      if (2 * b + 1 < dims) levels |= columns[2 * b + 1].LevelOf(row[2 * b + 1]) << 4;
      packed.push_back(static_cast<char>(levels));
    }
  }
  return packed;
}

bool UnpackRows(std::string_view packed, Features& features) {
  const std::size_t dims = features.descriptor_bytes, row_bytes = PackedRowBytes(features);
  if (features.size() == 0) return packed.empty();
  if (packed.size() != 2 * dims + features.size() * row_bytes) return false;
  // The two values of each byte, so that a row is read by byte and not by half of one.
  std::vector<std::array<std::uint8_t, 2>> values(row_bytes * 256);
  for (std::size_t k = 0; k < dims; ++k) {
    const Column column{static_cast<std::uint8_t>(packed[2 * k]),
                        static_cast<std::uint8_t>(packed[2 * k + 1])};
    if (column.span == 0) return false;
    std::array<std::uint8_t, kLevels> of_level{};
    for (int level = 0; level < kLevels; ++level)
      of_level[static_cast<std::size_t>(level)] = column.ValueOf(level);
    for (std::size_t byte = 0; byte < 256; ++byte)
      values[k / 2 * 256 + byte][k % 2] = of_level[k % 2 == 0 ? byte & 15 : byte >> 4];
  }
  features.descriptors.resize(features.size() * dims);
  const char* from = packed.data() + 2 * dims;
  for (std::size_t i = 0; i < features.size(); ++i) {
    std::uint8_t* row = &features.descriptors[i * dims];
    for (std::size_t b = 0; b < row_bytes; ++b, ++from) {
      const auto& pair = values[b * 256 + static_cast<std::uint8_t>(*from)];
      row[2 * b] = pair[0];
      if (2 * b + 1 < dims) row[2 * b + 1] = pair[1];
    }
  }
  return true;
}

}  // namespace inlier

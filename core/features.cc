#include "core/features.h"

#include <algorithm>
#include <cmath>

namespace inlier {
namespace {

constexpr float kZero = 128;
constexpr float kMost = 127;

}  // namespace

Box WholeImage(const Image& image) {
  return {-0.5f, -0.5f, static_cast<float>(image.width_px) - 0.5f,
          static_cast<float>(image.height_px) - 0.5f};
}

std::uint32_t CountAll(const Features& features) {
  std::size_t count = features.size();
  for (const Features& global : features.globals) count += global.size();
  return static_cast<std::uint32_t>(count);
}

void QuantiseDirection(std::span<const float> values, std::uint8_t* out) {
  float most = 0;
  for (const float v : values) most = std::max(most, std::abs(v));
  const float scale = most > 0 ? kMost / most : 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i] = static_cast<std::uint8_t>(std::lround(values[i] * scale + kZero));
}

void UnitDirection(std::span<const std::uint8_t> row, float* out) {
  double squares = 0;
  for (const std::uint8_t byte : row) {
    const float centred = static_cast<float>(byte) - kZero;
    squares += centred * centred;
  }
  const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
  for (std::size_t i = 0; i < row.size(); ++i)
    out[i] = (static_cast<float>(row[i]) - kZero) * scale;
}

}  // namespace inlier

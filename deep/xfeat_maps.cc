#include "deep/xfeat_maps.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inlier {
namespace {

constexpr int kReach_px = 2;      // around a keypoint no other is stronger
constexpr float kCubic = -0.75f;  // Keys' a
constexpr std::size_t kPixels = std::size_t{kXfeatCell_px} * kXfeatCell_px;

// The place of a pixel among the cells, whose centres are at whole numbers.
float CellOf(int at_px) {
  return (static_cast<float>(at_px) + 0.5f) / static_cast<float>(kXfeatCell_px) - 0.5f;
}

std::size_t Within(int at, int size) {
  return static_cast<std::size_t>(std::clamp(at, 0, size - 1));
}

void Normalise(std::span<float, kXfeatDims> row) {
  float squares = 0;
  for (const float v : row) squares += v * v;
  const float scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
  for (float& v : row) v *= scale;
}

// The four weights of the cells around `share` of the way from the second to the third.
std::array<float, 4> CubicWeights(float share) {
  const auto inner = [](float d) { return ((kCubic + 2) * d - (kCubic + 3)) * d * d + 1; };
  const auto outer = [](float d) { return ((d - 5) * d + 8) * d * kCubic - 4 * kCubic; };
  return {outer(share + 1), inner(share), inner(1 - share), outer(2 - share)};
}

float Reliability(const XfeatMaps& maps, int x_px, int y_px) {
  const float x = CellOf(x_px), y = CellOf(y_px);
  const float left = std::floor(x), top = std::floor(y);
  const auto at = [&](int dx, int dy) {
    return maps.reliability[Within(static_cast<int>(top) + dy, maps.rows) *
                                static_cast<std::size_t>(maps.columns) +
                            Within(static_cast<int>(left) + dx, maps.columns)];
  };
  const float above = at(0, 0) + (at(1, 0) - at(0, 0)) * (x - left),
              below = at(0, 1) + (at(1, 1) - at(0, 1)) * (x - left);
  return above + (below - above) * (y - top);
}

// Softmax over the logits of one cell, written to its pixels.
void PixelsOfCell(const Tensor& logits, std::size_t cell, std::size_t cells, float least,
                  std::size_t width_px, float* first) {
  std::array<float, kPixels + 1> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = logits.values[i * cells + cell];
  const float strongest = *std::max_element(values.begin(), values.end() - 1);
  // No pixel is more likely than it would be if it and none were all there is. Most cells end here.
  if (std::exp(strongest - values[kPixels]) < least) return;
  const float most = std::max(strongest, values[kPixels]);
  float sum = 0;
  for (float& v : values) sum += v = std::exp(v - most);
  for (std::size_t i = 0; i < kPixels; ++i)
    first[i / kXfeatCell_px * width_px + i % kXfeatCell_px] = values[i] / sum;
}

bool IsPeak(const XfeatMaps& maps, int x, int y) {
  const auto width = static_cast<std::size_t>(maps.width_px());
  const float own =
      maps.probability[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
  for (int v = std::max(y - kReach_px, 0); v <= std::min(y + kReach_px, maps.height_px() - 1);
       ++v) {
    for (int u = std::max(x - kReach_px, 0); u <= std::min(x + kReach_px, maps.width_px() - 1);
         ++u) {
      const float other =
          maps.probability[static_cast<std::size_t>(v) * width + static_cast<std::size_t>(u)];
      const bool before = v < y || (v == y && u < x);
      if (other > own || (before && other == own)) return false;
    }
  }
  return true;
}

}  // namespace

XfeatMaps MakeXfeatMaps(const Tensor& descriptors, const Tensor& logits, const Tensor& reliability,
                        float least) {
  XfeatMaps maps{.rows = static_cast<int>(descriptors.shape[2]),
                 .columns = static_cast<int>(descriptors.shape[3]),
                 .reliability = reliability.values};
  const auto columns = static_cast<std::size_t>(maps.columns);
  const std::size_t cells = static_cast<std::size_t>(maps.rows) * columns;
  const auto width_px = static_cast<std::size_t>(maps.width_px());
  maps.probability.resize(cells * kPixels);
  maps.descriptors.resize(cells * kXfeatDims);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::size_t first =
        cell / columns * kXfeatCell_px * width_px + cell % columns * kXfeatCell_px;
    PixelsOfCell(logits, cell, cells, least, width_px, &maps.probability[first]);
    const std::span<float, kXfeatDims> row(&maps.descriptors[cell * kXfeatDims], kXfeatDims);
    for (std::size_t i = 0; i < kXfeatDims; ++i) row[i] = descriptors.values[i * cells + cell];
    Normalise(row);
  }
  return maps;
}

std::vector<XfeatPeak> FindXfeatPeaks(const XfeatMaps& maps, float threshold) {
  std::vector<XfeatPeak> peaks;
  std::size_t at = 0;
  for (int y = 0; y < maps.height_px(); ++y) {
    for (int x = 0; x < maps.width_px(); ++x, ++at) {
      const float probability = maps.probability[at];
      if (probability > threshold && IsPeak(maps, x, y))
        peaks.push_back({x, y, probability * Reliability(maps, x, y)});
    }
  }
  return peaks;
}

void SampleXfeatDescriptor(const XfeatMaps& maps, int x_px, int y_px,
                           std::span<float, kXfeatDims> out) {
  const float x = CellOf(x_px), y = CellOf(y_px);
  const float left = std::floor(x), top = std::floor(y);
  const auto across = CubicWeights(x - left), down = CubicWeights(y - top);
  std::fill(out.begin(), out.end(), 0.0f);
  for (int v = 0; v < 4; ++v) {
    const std::size_t row = Within(static_cast<int>(top) + v - 1, maps.rows);
    for (int u = 0; u < 4; ++u) {
      const std::size_t column = Within(static_cast<int>(left) + u - 1, maps.columns);
      const float weight = across[static_cast<std::size_t>(u)] * down[static_cast<std::size_t>(v)];
      const float* const cell =
          &maps.descriptors[(row * static_cast<std::size_t>(maps.columns) + column) * kXfeatDims];
      for (std::size_t i = 0; i < kXfeatDims; ++i) out[i] += weight * cell[i];
    }
  }
  Normalise(out);
}

}  // namespace inlier

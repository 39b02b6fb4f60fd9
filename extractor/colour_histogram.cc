// CIELAB, because equal distances in it look about equally different (CIE 15:2004). sRGB becomes
// linear light by a table, light is divided by the white, and the rest is the standard's formulas.
#include "extractor/colour_histogram.h"

#include <algorithm>
#include <cmath>

namespace inlier {
namespace {

constexpr std::array<int, 3> kBins = {8, 11, 11};
constexpr float kMaxColour = 50;  // of a* and b* in either direction; stronger colours are rare
constexpr std::array<float, 3> kWhitePoint = {0.950456f, 1, 1.088754f};  // D65

const std::array<float, 256>& LinearLight() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      const double v = static_cast<double>(i) / 255;
      made[i] = static_cast<float>(v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
    }
    return made;
  }();
  return table;
}

float LabCurve(float t) { return t > 0.008856f ? std::cbrt(t) : 7.787f * t + 16.0f / 116; }

// What each channel of linear light is multiplied by. No channel grows beyond the strongest, so a
// grey background stays grey.
std::array<float, 3> GainsOf(const std::array<std::uint8_t, 3>& white) {
  std::array<float, 3> gains{};
  const float most = LinearLight()[*std::ranges::max_element(white)];
  for (std::size_t c = 0; c < 3; ++c) gains[c] = most / std::max(LinearLight()[white[c]], 1e-4f);
  return gains;
}

// Lightness, a* and b* of a pixel (blue, green, red), as places among the bins.
std::array<float, 3> PlaceOf(const std::uint8_t* pixel, const std::array<float, 3>& gains) {
  std::array<float, 3> light{};
  for (std::size_t c = 0; c < 3; ++c) light[c] = std::min(LinearLight()[pixel[c]] * gains[c], 1.0f);
  const auto [b, g, r] = light;
  const float x = LabCurve((0.412453f * r + 0.357580f * g + 0.180423f * b) / kWhitePoint[0]),
              y = LabCurve((0.212671f * r + 0.715160f * g + 0.072169f * b) / kWhitePoint[1]),
              z = LabCurve((0.019334f * r + 0.119193f * g + 0.950227f * b) / kWhitePoint[2]);
  const std::array<float, 3> shares = {(116 * y - 16) / 100,
                                       (500 * (x - y) + kMaxColour) / (2 * kMaxColour),
                                       (200 * (y - z) + kMaxColour) / (2 * kMaxColour)};
  std::array<float, 3> place{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto bins = static_cast<float>(kBins[i]);
    place[i] = std::clamp(shares[i] * bins - 0.5f, 0.0f, bins - 1);
  }
  return place;
}

// Shares 1 out among the eight bins around a place.
void Count(const std::array<float, 3>& place, std::vector<float>& histogram) {
  std::array<int, 3> low{};
  std::array<float, 3> rest{};
  for (std::size_t i = 0; i < 3; ++i) {
    low[i] = std::min(static_cast<int>(place[i]), kBins[i] - 2);
    rest[i] = place[i] - static_cast<float>(low[i]);
  }
  for (int corner = 0; corner < 8; ++corner) {
    const int l = corner & 1, a = corner >> 1 & 1, b = corner >> 2;
    const float share =
        (l ? rest[0] : 1 - rest[0]) * (a ? rest[1] : 1 - rest[1]) * (b ? rest[2] : 1 - rest[2]);
    const int bin = ((low[0] + l) * kBins[1] + low[1] + a) * kBins[2] + low[2] + b;
    histogram[static_cast<std::size_t>(bin)] += share;
  }
}

}  // namespace

std::vector<float> ColourHistogram(const Image& image, std::span<const std::uint8_t> covered,
                                   const std::array<std::uint8_t, 3>& white) {
  static_assert(kColourBins == static_cast<std::size_t>(kBins[0] * kBins[1] * kBins[2]));
  std::vector<float> histogram(kColourBins);
  const std::array<float, 3> gains = GainsOf(white);
  for (std::size_t i = 0; i < image.pixels.size() / 3; ++i) {
    if (covered.empty() || covered[i] == 0) Count(PlaceOf(&image.pixels[3 * i], gains), histogram);
  }
  for (float& value : histogram) value = std::sqrt(value);
  return histogram;
}

}  // namespace inlier

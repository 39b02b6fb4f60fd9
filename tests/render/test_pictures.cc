#include "tests/render/test_pictures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/drawn.h"

namespace inlier::test {

Image Plain(Colour colour, int width_px, int height_px) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = 3};
  for (int i = 0; i < width_px * height_px; ++i)
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  return image;
}

void FillDisc(Image& image, Point middle, double radius_px, Colour colour) {
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      if (std::hypot(x - middle.x_px, y - middle.y_px) > radius_px) continue;
      std::ranges::copy(
          colour, image.pixels.begin() + 3 * (static_cast<std::ptrdiff_t>(y) * image.width_px + x));
    }
  }
}

bool IsColour(const std::uint8_t* bgr, Colour colour) {
  const int strongest = std::max({bgr[0], bgr[1], bgr[2], std::uint8_t{24}});
  for (int c = 0; c < 3; ++c) {
    if ((colour[c] > 128) != (bgr[c] * 10 > strongest * 7)) return false;
    if (colour[c] < 128 && bgr[c] * 10 > strongest * 6) return false;
  }
  return true;
}

const Image& Item() {
  static const Image item = DrawTexture(7, 300, 420);
  return item;
}
const Image& Occluder() {
  static const Image occluder = DrawTexture(8, 320, 240);
  return occluder;
}
const Image& Background() {
  static const Image background = DrawTexture(9, 640, 480);
  return background;
}
const std::vector<Image>& Items() {
  static const std::vector<Image> items = [] {
    std::vector<Image> drawn;
    for (unsigned i = 0; i < 6; ++i)
      drawn.push_back(DrawTexture(20 + i, i % 2 ? 300 : 220, i % 3 ? 300 : 200));
    return drawn;
  }();
  return items;
}

RenderedPhoto Render(std::string_view corruption, double severity, std::uint64_t seed) {
  auto scene = RenderCorrupted(corruption, severity, Items(), Occluder(), Background(), seed);
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return std::move(*scene);
}

double MeanDifference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

}  // namespace inlier::test

// A shop's picture shows its subject on white paper, which is the same behind everything that is
// for sale and covers most of the picture. Colours are compared without this background. It is
// flooded from the border, so that what is white within the subject stays.
#include "extractor/background.h"

#include <algorithm>
#include <cstdlib>

namespace inlier {
namespace {

constexpr int kMaxDifference = 20;    // of a background pixel from its colour, in any channel
constexpr int kMinLight = 100;        // of the background's darkest channel
constexpr double kMinBorder = 0.5;    // share of the border that is background
constexpr double kMinSubject = 0.02;  // share of the picture that is not

using Colour = std::array<std::uint8_t, 3>;

std::vector<std::size_t> BorderOf(const Image& image) {
  const auto width = static_cast<std::size_t>(image.width_px),
             height = static_cast<std::size_t>(image.height_px);
  std::vector<std::size_t> border;
  for (std::size_t x = 0; x < width; ++x) {
    border.push_back(x);
    border.push_back((height - 1) * width + x);
  }
  for (std::size_t y = 0; y < height; ++y) {
    border.push_back(y * width);
    border.push_back(y * width + width - 1);
  }
  return border;
}

Colour MedianOf(const Image& image, const std::vector<std::size_t>& places) {
  Colour median{};
  std::vector<std::uint8_t> values(places.size());
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < places.size(); ++i) values[i] = image.pixels[places[i] * 3 + c];
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    median[c] = *middle;
  }
  return median;
}

bool LooksLike(const Image& image, std::size_t place, const Colour& colour) {
  for (std::size_t c = 0; c < 3; ++c) {
    if (std::abs(image.pixels[place * 3 + c] - colour[c]) > kMaxDifference) return false;
  }
  return true;
}

// Spreads from `open` to neighbours of that colour.
std::vector<std::uint8_t> Flood(const Image& image, const Colour& colour,
                                std::vector<std::size_t> open) {
  const auto width = static_cast<std::size_t>(image.width_px),
             all = width * static_cast<std::size_t>(image.height_px);
  std::vector<std::uint8_t> covers(all);
  for (const std::size_t place : open) covers[place] = 1;
  const auto visit = [&](std::size_t place) {
    if (covers[place] || !LooksLike(image, place, colour)) return;
    covers[place] = 1;
    open.push_back(place);
  };
  while (!open.empty()) {
    const std::size_t place = open.back();
    open.pop_back();
    if (place % width > 0) visit(place - 1);
    if (place % width + 1 < width) visit(place + 1);
    if (place >= width) visit(place - width);
    if (place + width < all) visit(place + width);
  }
  return covers;
}

}  // namespace

std::optional<Background> FindBackground(const Image& image) {
  std::vector<std::size_t> border = BorderOf(image);
  const auto most = static_cast<double>(border.size());
  Background background{.colour = MedianOf(image, border)};
  if (*std::ranges::min_element(background.colour) < kMinLight) return std::nullopt;
  std::erase_if(border, [&](std::size_t at) { return !LooksLike(image, at, background.colour); });
  if (static_cast<double>(border.size()) < kMinBorder * most) return std::nullopt;
  background.mask = Flood(image, background.colour, std::move(border));
  const auto subject = static_cast<double>(std::ranges::count(background.mask, 0));
  if (subject < kMinSubject * static_cast<double>(background.mask.size())) return std::nullopt;
  return background;
}

}  // namespace inlier

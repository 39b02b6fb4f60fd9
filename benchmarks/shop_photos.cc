// Renders the pictures of benchmarks/catalogues.py: inlier-shop-photos < JOBS
// Each line of JOBS has fields between tabs: the file to write, a seed, the background ("-" for
// white), and the items to show. One item gives another picture of it, as in a catalogue, cut to
// the item; several give a photo in which they lie side by side.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/image.h"
#include "render/photo.h"

namespace inlier {
namespace {

constexpr int kQuality = 90;
constexpr PhotoConditions kView{
    .darkness_stops = 0.3, .kelvin = 5200, .view_deg = 20, .rotation_deg = 4};
constexpr PhotoConditions kBeside{.view_deg = 10, .rotation_deg = 4};

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream text(line);
  for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
  return fields;
}

Image White() {
  constexpr int kWidth_px = 80, kHeight_px = 60;
  return {.width_px = kWidth_px,
          .height_px = kHeight_px,
          .channels = 3,
          .pixels = std::vector<std::uint8_t>(std::size_t{kWidth_px} * kHeight_px * 3, 255)};
}

// The part of the photo that an outline bounds.
Image Cut(const Image& photo, const std::vector<Point>& outline) {
  const auto [left, right] = std::ranges::minmax_element(outline, {}, &Point::x_px);
  const auto [top, bottom] = std::ranges::minmax_element(outline, {}, &Point::y_px);
  const auto inside = [](float at_px, int side_px) {
    return std::clamp(static_cast<int>(std::lround(at_px)), 0, side_px);
  };
  const int x_px = inside(left->x_px, photo.width_px - 1),
            y_px = inside(top->y_px, photo.height_px - 1);
  Image cut{.width_px = std::max(inside(right->x_px, photo.width_px) - x_px, 1),
            .height_px = std::max(inside(bottom->y_px, photo.height_px) - y_px, 1),
            .channels = photo.channels};
  for (std::ptrdiff_t y = y_px; y < y_px + cut.height_px; ++y) {
    const auto row = photo.pixels.begin() + (y * photo.width_px + x_px) * photo.channels;
    cut.pixels.insert(cut.pixels.end(), row, row + std::ptrdiff_t{cut.width_px} * photo.channels);
  }
  return cut;
}

Status Make(const std::string& line) {
  const std::vector<std::string> fields = Fields(line);
  if (fields.size() < 4) return Fail(ErrorCode::kInvalidArgument, "a line has four fields or more");
  Image background = White();
  if (fields[2] != "-") {
    INLIER_ASSIGN_OR_RETURN(background, ReadImage(fields[2]));
  }
  std::vector<Image> items;
  for (std::size_t i = 3; i < fields.size(); ++i) {
    INLIER_ASSIGN_OR_RETURN(items.emplace_back(), ReadImage(fields[i]));
  }
  PhotoConditions conditions = items.size() == 1 ? kView : kBeside;
  conditions.items = static_cast<double>(items.size());
  INLIER_ASSIGN_OR_RETURN(
      const RenderedPhoto made,
      RenderPhoto(conditions, items, /*occluder=*/White(), background, std::stoull(fields[1])));
  const Image& photo = made.photo;
  const std::vector<std::uint8_t> bytes =
      EncodeJpeg(items.size() == 1 ? Cut(photo, made.placed.front().outline) : photo, kQuality);
  return PublishFile(fields[0], {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace
}  // namespace inlier

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (const auto made = inlier::Make(line); !made) {
      std::cerr << line << ": " << made.error().message << '\n';
      return 1;
    }
  }
  return 0;
}

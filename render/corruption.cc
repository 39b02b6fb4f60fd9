#include "render/corruption.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "render/draws.h"

namespace inlier {
namespace {

constexpr std::size_t kCorruptions = 13;

const std::array<Corruption, kCorruptions>& Table() {
  static const std::array<Corruption, kCorruptions> table{{
      {"darkness",
       "stops",
       "stops of underexposure, with the sensor's gain raised by half as many",
       {0, 2, 4, 5, 6, 7}},
      {"shadow",
       "",
       "share of the light that is left in a hard shadow over about half of the item",
       {1, 0.5, 0.25, 0.12, 0.06, 0.03}},
      {"light",
       "K",
       "colour temperature of the light, with the camera balanced for daylight",
       {6500, 5000, 4000, 3200, 2600, 2200}},
      {"view",
       "°",
       "angle by which the item is turned away from the camera, about an axis in the photo's plane",
       {0, 15, 30, 45, 60, 75}},
      {"rotation",
       "°",
       "angle by which the item is turned in its own plane",
       {0, 15, 45, 90, 135, 180}},
      {"scale",
       "",
       "diagonal of the item over the short side of the photo",
       {0.95, 0.7, 0.5, 0.35, 0.25, 0.17}},
      {"occlusion",
       "",
       "share of the item that another object hides",
       {0, 0.1, 0.25, 0.4, 0.55, 0.7}},
      {"motion",
       "px",
       "length of the camera's path while the shutter is open",
       {0, 4, 8, 14, 22, 32}},
      {"focus",
       "px",
       "diameter of the disc that a point out of focus becomes",
       {0, 2, 4, 8, 13, 20}},
      {"noise",
       "",
       "gain of the sensor, by which the number of electrons that make white is divided",
       {1, 8, 40, 150, 500, 1500}},
      {"jpeg",
       "",
       "quality of the JPEG file, which stores colour at half the resolution",
       {92, 50, 25, 12, 6, 3}},
      {"bending",
       "",
       "height of the folds of an item of cloth over its long side",
       {0, 0.02, 0.04, 0.06, 0.09, 0.12}},
      {"items", "", "number of items in the photo, side by side", {1, 2, 3, 4, 5, 6}},
  }};
  return table;
}

// The condition that each corruption changes, in the order of the table.
constexpr std::array<double PhotoConditions::*, kCorruptions> kConditions{
    &PhotoConditions::darkness_stops, &PhotoConditions::ambient,      &PhotoConditions::kelvin,
    &PhotoConditions::view_deg,       &PhotoConditions::rotation_deg, &PhotoConditions::scale,
    &PhotoConditions::occlusion,      &PhotoConditions::motion_px,    &PhotoConditions::focus_px,
    &PhotoConditions::gain,           &PhotoConditions::quality,      &PhotoConditions::bending,
    &PhotoConditions::items};

Status CheckImage(const Image& image, const std::string& name) {
  if (image.empty() || image.width_px <= 0 || image.height_px <= 0) {
    return Fail(ErrorCode::kInvalidArgument, name + " is empty");
  }
  if (image.channels != 1 && image.channels != 3) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has {} channels, not 1 or 3", name, image.channels));
  }
  const std::size_t bytes =
      static_cast<std::size_t>(image.width_px) * image.height_px * image.channels;
  if (image.pixels.size() != bytes) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} has {} bytes where its size needs {}",
                                                         name, image.pixels.size(), bytes));
  }
  return {};
}

Status CheckImages(std::span<const Image> items, const Image& occluder, const Image& background) {
  if (items.empty()) return Fail(ErrorCode::kInvalidArgument, "no items");
  for (std::size_t i = 0; i < items.size(); ++i)
    INLIER_RETURN_IF_ERROR(CheckImage(items[i], fmt::format("item {}", i)));
  INLIER_RETURN_IF_ERROR(CheckImage(occluder, "the occluder"));
  return CheckImage(background, "the background");
}

}  // namespace

std::span<const Corruption> Corruptions() { return Table(); }

Result<RenderedPhoto> RenderCorrupted(std::string_view corruption, double severity,
                                      std::span<const Image> items, const Image& occluder,
                                      const Image& background, std::uint64_t seed) {
  INLIER_RETURN_IF_ERROR(CheckImages(items, occluder, background));
  const auto& table = Table();
  const auto found = std::ranges::find(table, corruption, &Corruption::name);
  if (found == table.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("no corruption \"{}\"", corruption));
  const auto [low, high] = std::minmax(found->severities.front(), found->severities.back());
  if (!(severity >= low && severity <= high)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: severity {} is not in {} to {}", corruption, severity, low, high));
  }
  PhotoConditions conditions;
  conditions.*kConditions[static_cast<std::size_t>(found - table.begin())] = severity;
  if (conditions.items != std::floor(conditions.items)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: severity {} is not a whole number", corruption, severity));
  }
  if (conditions.items > static_cast<double>(items.size())) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: severity {} with {} items given",
                                                         corruption, severity, items.size()));
  }
  return RenderPhoto(conditions, items, occluder, background, seed);
}

Result<RenderedPhoto> RenderView(const Image& item, const Image& occluder, const Image& background,
                                 std::uint64_t seed) {
  const std::span<const Image> items(&item, 1);
  INLIER_RETURN_IF_ERROR(CheckImages(items, occluder, background));
  Draws draws(seed, "view");
  PhotoConditions conditions;
  conditions.darkness_stops = draws.Uniform(0, 1.5);
  conditions.view_deg = draws.Uniform(0, 40);
  conditions.rotation_deg = draws.Chance(0.8) ? draws.Uniform(-25, 25) : draws.Uniform(-180, 180);
  conditions.scale = draws.Uniform(0.4, 0.95);
  conditions.kelvin = draws.Uniform(3500, 9000);
  conditions.gain = std::exp2(draws.Uniform(0, 4));
  conditions.quality = draws.Uniform(35, 95);
  if (draws.Chance(0.3)) conditions.ambient = draws.Uniform(0.25, 0.8);
  if (draws.Chance(0.5)) conditions.occlusion = draws.Uniform(0, 0.35);
  if (draws.Chance(0.3)) conditions.motion_px = draws.Uniform(0, 8);
  if (draws.Chance(0.3)) conditions.focus_px = draws.Uniform(0, 5);
  if (draws.Chance(0.3)) conditions.bending = draws.Uniform(0, 0.05);
  return RenderPhoto(conditions, items, occluder, background, seed);
}

}  // namespace inlier

#include "render/stress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "render/camera_optics.h"
#include "render/draws.h"
#include "render/light.h"
#include "render/paint.h"
#include "render/scene.h"

namespace inlier {
namespace {

constexpr int kLongSide_px = 800, kShortSide_px = 600;
// Of the long side. People step back from what they photograph; a lens of 43 mm in terms of 35 mm
// film lies between a phone's main and its portrait camera.
constexpr double kFocal = 1.2;
constexpr std::size_t kSliders = 13;
constexpr double kRadPerDegree = std::numbers::pi / 180;

// How much of each; these do no harm.
struct Amounts {
  double darkness_stops = 0;
  double ambient = 1;
  double kelvin = 6500;
  double view_deg = 0;
  double rotation_deg = 0;
  double scale = 0.95;
  double occlusion = 0;
  double motion_px = 0;
  double focus_px = 0;
  double gain = 1;
  double quality = 92;
  double bending = 0;
  double items = 1;
};

const std::array<StressSlider, kSliders>& Sliders() {
  static const std::array<StressSlider, kSliders> sliders{{
      {"darkness",
       "stops",
       "underexposed by so many stops, the sensor's gain already raised by half as many",
       {0, 2, 4, 5, 6, 7}},
      {"shadow",
       "",
       "a hard shadow over about half the item; the share of light that remains in it",
       {1, 0.5, 0.25, 0.12, 0.06, 0.03}},
      {"light",
       "K",
       "colour temperature of the light, the camera balanced for daylight",
       {6500, 5000, 4000, 3200, 2600, 2200}},
      {"view",
       "°",
       "the item turned away from the camera, about an axis in the photo's plane",
       {0, 15, 30, 45, 60, 75}},
      {"rotation", "°", "the item turned in its own plane", {0, 15, 45, 90, 135, 180}},
      {"scale",
       "",
       "the item's diagonal by the photo's short side",
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
       "gain of the sensor: so many times fewer electrons make white",
       {1, 8, 40, 150, 500, 1500}},
      {"jpeg", "", "quality of the JPEG file, colour at half resolution", {92, 50, 25, 12, 6, 3}},
      {"bending",
       "",
       "rise of the folds of an item of cloth by its long side",
       {0, 0.02, 0.04, 0.06, 0.09, 0.12}},
      {"items", "", "items in one photo, side by side", {1, 2, 3, 4, 5, 6}},
  }};
  return sliders;
}

// Which of the amounts each slider moves, in the same order.
constexpr std::array<double Amounts::*, kSliders> kMoves{
    &Amounts::darkness_stops, &Amounts::ambient, &Amounts::kelvin,    &Amounts::view_deg,
    &Amounts::rotation_deg,   &Amounts::scale,   &Amounts::occlusion, &Amounts::motion_px,
    &Amounts::focus_px,       &Amounts::gain,    &Amounts::quality,   &Amounts::bending,
    &Amounts::items};

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

// White paper and cloth do not reflect all light, which leaves room for what faces the lamp.
LinearImage Print(const Image& picture) {
  LinearImage print = ToLinear(picture);
  Filter(print, {0.8f, 0.8f, 0.8f});
  return print;
}

// The largest part of the photo's shape, somewhere in the background.
LinearImage CutBackground(const Image& background, int width_px, int height_px, Draws draws) {
  const double scale = std::max(static_cast<double>(width_px) / background.width_px,
                                static_cast<double>(height_px) / background.height_px);
  const auto side = [&](int photo_px, int most_px) {
    return std::clamp(static_cast<int>(std::lround(photo_px / scale)), 1, most_px);
  };
  Image cut{.width_px = side(width_px, background.width_px),
            .height_px = side(height_px, background.height_px),
            .channels = background.channels};
  const auto left =
      static_cast<std::ptrdiff_t>((background.width_px - cut.width_px) * draws.Uniform(0, 1));
  const auto top =
      static_cast<std::ptrdiff_t>((background.height_px - cut.height_px) * draws.Uniform(0, 1));
  for (std::ptrdiff_t y = top; y < top + cut.height_px; ++y) {
    const auto row =
        background.pixels.begin() + (y * background.width_px + left) * background.channels;
    cut.pixels.insert(cut.pixels.end(), row, row + cut.width_px * cut.channels);
  }
  return Resize(ToLinear(cut), width_px, height_px);
}

Stage SetStage(const Image& background, std::uint64_t seed) {
  Draws draws(seed, "stage");
  const bool upright = background.height_px > background.width_px;
  Stage stage{.width_px = upright ? kShortSide_px : kLongSide_px,
              .height_px = upright ? kLongSide_px : kShortSide_px,
              .focal_px = kFocal * kLongSide_px};
  // From above, from the left or the right.
  const double side_rad = draws.Uniform(-1, 1), height_rad = draws.Uniform(35, 60) * kRadPerDegree;
  stage.to_light = {std::cos(height_rad) * std::sin(side_rad),
                    -std::cos(height_rad) * std::cos(side_rad), -std::sin(height_rad)};
  return stage;
}

// The n-th of `count` equal parts of the photo, without its border.
Frame PartOf(const Stage& stage, int count, int n) {
  int columns = count == 1 ? 1 : count <= 4 ? 2 : 3;
  int rows = (count + columns - 1) / columns;
  if (stage.height_px > stage.width_px) std::swap(columns, rows);
  const double width = static_cast<double>(stage.width_px) / columns;
  const double height = static_cast<double>(stage.height_px) / rows;
  const double left = n % columns * width, top = n / columns * height,
               border = 0.02 * std::min(width, height);
  return {left + border, top + border, left + width - border, top + height - border};
}

PlacedSheet PlaceItem(const Stage& stage, const Image& item, const Amounts& amounts, int n,
                      std::uint64_t seed) {
  const auto index = static_cast<std::uint64_t>(n);
  Draws draws(seed, "pose", index);
  const Frame frame = PartOf(stage, static_cast<int>(amounts.items), n);
  const double width = frame.right_px - frame.left_px, height = frame.bottom_px - frame.top_px;
  const double short_side = amounts.items > 1 ? std::min(width, height) : kShortSide_px;
  Stand stand{.diagonal_px = amounts.scale * short_side};
  stand.centre = {static_cast<float>(frame.left_px + width * draws.Uniform(0.4, 0.6)),
                  static_cast<float>(frame.top_px + height * draws.Uniform(0.45, 0.55))};
  stand.roll_rad = (draws.Uniform(-6, 6) + amounts.rotation_deg) * kRadPerDegree;
  // The mild tilt of every pose gives way, so that the angle of view is the one asked for.
  const double mild_deg = draws.Uniform(2, 7) * std::max(0.0, 1 - amounts.view_deg / 15);
  stand.tilt_rad = {mild_deg * kRadPerDegree, amounts.view_deg * kRadPerDegree};
  stand.tilt_axis_rad = {draws.Angle_rad(), draws.Angle_rad()};
  return Place(stage, item.width_px, item.height_px, stand,
               Cloth(amounts.bending, Draws(seed, "cloth", index)), frame);
}

std::vector<cv::Point2f> Corners(const std::vector<Point>& outline) {
  std::vector<cv::Point2f> corners;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point p = outline[i * outline.size() / 4];
    corners.emplace_back(p.x_px, p.y_px);
  }
  return corners;
}

double HiddenShare(const std::vector<Point>& item, const std::vector<Point>& occluder) {
  const std::vector<cv::Point2f> corners = Corners(item);
  std::vector<cv::Point2f> common;
  return cv::intersectConvexConvex(corners, Corners(occluder), common) / cv::contourArea(corners);
}

// The occluder comes in from one side, until it hides `share` of the item. Its size does not depend
// on the share.
PlacedSheet PlaceOccluder(const Stage& stage, const Image& occluder, const PlacedSheet& item,
                          double share, std::uint64_t seed) {
  Draws draws(seed, "occluder");
  const double from_rad = draws.Angle_rad();
  Stand stand{.diagonal_px = item.diagonal_px};
  stand.roll_rad = draws.Uniform(-25, 25) * kRadPerDegree;
  stand.tilt_rad = {draws.Uniform(0, 15) * kRadPerDegree, 0};
  stand.tilt_axis_rad = {draws.Angle_rad(), 0};
  cv::Point2f middle;
  for (const cv::Point2f& corner : Corners(item.outline)) middle += corner / 4;
  const auto hidden_at = [&](double away_px) {
    stand.centre = {static_cast<float>(middle.x + away_px * std::cos(from_rad)),
                    static_cast<float>(middle.y + away_px * std::sin(from_rad))};
    return HiddenShare(item.outline,
                       FlatOutline(stage, occluder.width_px, occluder.height_px, stand));
  };
  constexpr double kMostHidden = 0.75;
  for (int i = 0; i < 60 && hidden_at(0) < kMostHidden; ++i) stand.diagonal_px *= 1.15;
  double near_px = 0, far_px = stand.diagonal_px + item.diagonal_px;
  for (int i = 0; i < 20; ++i) {
    const double away_px = (near_px + far_px) / 2;
    (hidden_at(away_px) > share ? near_px : far_px) = away_px;
  }
  return Place(stage, occluder.width_px, occluder.height_px, stand, Cloth(0, draws), std::nullopt);
}

// Light that falls off across the picture, as indoors.
void Shade(LinearImage& photo, Draws draws) {
  const double angle = draws.Angle_rad(), depth = draws.Uniform(0.05, 0.2);
  const double reach = std::hypot(photo.width_px, photo.height_px);
  for (int y = 0; y < photo.height_px; ++y) {
    float* row = photo.bgr.data() + static_cast<std::size_t>(y) * photo.width_px * 3;
    for (int x = 0; x < photo.width_px; ++x) {
      const double along = ((x - photo.width_px / 2) * std::cos(angle) +
                            (y - photo.height_px / 2) * std::sin(angle)) /
                           reach;
      for (int c = 0; c < 3; ++c) row[3 * x + c] *= static_cast<float>(1 - depth * (0.5 + along));
    }
  }
}

Result<StressScene> Render(const Amounts& amounts, std::span<const Image> items,
                           const Image& occluder, const Image& background, std::uint64_t seed) {
  const Stage stage = SetStage(background, seed);
  LinearImage photo =
      CutBackground(background, stage.width_px, stage.height_px, Draws(seed, "background"));

  StressScene scene;
  std::vector<PlacedSheet> sheets;
  for (int n = 0; n < static_cast<int>(amounts.items); ++n) {
    const Image& item = items[static_cast<std::size_t>(n)];
    sheets.push_back(PlaceItem(stage, item, amounts, n, seed));
    CastContactShadow(photo, stage, sheets.back());
    Paint(photo, Print(item), sheets.back());
    scene.placed.push_back({static_cast<std::size_t>(n), sheets.back().outline});
  }
  if (amounts.occlusion > 0) {
    const PlacedSheet front = PlaceOccluder(stage, occluder, sheets[0], amounts.occlusion, seed);
    CastContactShadow(photo, stage, front);
    Paint(photo, Print(occluder), front);
  }

  Shade(photo, Draws(seed, "shade"));
  if (amounts.ambient < 1) {
    cv::Point2f middle;
    const std::vector<cv::Point2f> corners = Corners(sheets[0].outline);
    for (const cv::Point2f& corner : corners) middle += corner / 4;
    CastShadow(photo, amounts.ambient, {middle.x, middle.y}, std::sqrt(cv::contourArea(corners)),
               Draws(seed, "shadow"));
  }
  std::array<float, 3> light = LightGains(amounts.kelvin);
  for (float& gain : light) gain *= static_cast<float>(std::exp2(-amounts.darkness_stops));
  Filter(photo, light);

  BlurFocus(photo, amounts.focus_px);
  BlurMotion(photo, amounts.motion_px, Draws(seed, "motion").Angle_rad());
  Expose(photo, amounts.gain * std::exp2(amounts.darkness_stops / 2), seed);
  INLIER_ASSIGN_OR_RETURN(
      scene.photo,
      DecodeImage(EncodeJpeg(ToSrgb(photo), static_cast<int>(std::lround(amounts.quality)))));
  return scene;
}

}  // namespace

std::span<const StressSlider> StressSliders() { return Sliders(); }

Result<StressScene> RenderStress(std::string_view slider, double level,
                                 std::span<const Image> items, const Image& occluder,
                                 const Image& background, std::uint64_t seed) {
  INLIER_RETURN_IF_ERROR(CheckImages(items, occluder, background));
  const auto& sliders = Sliders();
  const auto found = std::ranges::find(sliders, slider, &StressSlider::name);
  if (found == sliders.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("no slider \"{}\"", slider));
  const auto [low, high] = std::minmax(found->levels.front(), found->levels.back());
  if (!(level >= low && level <= high)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: level {} is not in {} to {}", slider, level, low, high));
  }
  Amounts amounts;
  amounts.*kMoves[static_cast<std::size_t>(found - sliders.begin())] = level;
  if (amounts.items != std::floor(amounts.items)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: level {} is not whole", slider, level));
  }
  if (amounts.items > static_cast<double>(items.size())) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: level {} with {} items given", slider, level, items.size()));
  }
  return Render(amounts, items, occluder, background, seed);
}

Result<StressScene> RenderView(const Image& item, const Image& occluder, const Image& background,
                               std::uint64_t seed) {
  const std::span<const Image> items(&item, 1);
  INLIER_RETURN_IF_ERROR(CheckImages(items, occluder, background));
  Draws draws(seed, "view");
  Amounts amounts;
  amounts.darkness_stops = draws.Uniform(0, 1.5);
  amounts.view_deg = draws.Uniform(0, 40);
  amounts.rotation_deg = draws.Chance(0.8) ? draws.Uniform(-25, 25) : draws.Uniform(-180, 180);
  amounts.scale = draws.Uniform(0.4, 0.95);
  amounts.kelvin = draws.Uniform(3500, 9000);
  amounts.gain = std::exp2(draws.Uniform(0, 4));
  amounts.quality = draws.Uniform(35, 95);
  if (draws.Chance(0.3)) amounts.ambient = draws.Uniform(0.25, 0.8);
  if (draws.Chance(0.5)) amounts.occlusion = draws.Uniform(0, 0.35);
  if (draws.Chance(0.3)) amounts.motion_px = draws.Uniform(0, 8);
  if (draws.Chance(0.3)) amounts.focus_px = draws.Uniform(0, 5);
  if (draws.Chance(0.3)) amounts.bending = draws.Uniform(0, 0.05);
  return Render(amounts, items, occluder, background, seed);
}

}  // namespace inlier

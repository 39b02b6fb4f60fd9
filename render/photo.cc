#include "render/photo.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "render/camera_optics.h"
#include "render/draws.h"
#include "render/light.h"
#include "render/paint.h"
#include "render/scene.h"

// A seed's numbers are drawn by purpose ("stage", "pose", …; see Draws). The words are part of what
// a seed means: changing one changes every photo.

namespace inlier {
namespace {

constexpr int kLongSide_px = 800, kShortSide_px = 600;
// The focal length over the long side. People step back from what they photograph: this is a lens
// of 43 mm in terms of 35 mm film, between a phone's main and its portrait camera.
constexpr double kFocal = 1.2;
constexpr double kRadPerDegree = std::numbers::pi / 180;

// The item's picture in linear light. White paper and cloth reflect four fifths of the light, which
// leaves room for folds that face the lamp.
LinearImage Print(const Image& picture) {
  LinearImage print = ToLinear(picture);
  Filter(print, {0.8f, 0.8f, 0.8f});
  return print;
}

// The largest part of the background that has the photo's shape, at a random place.
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

Scene MakeScene(const Image& background, std::uint64_t seed) {
  Draws draws(seed, "stage");
  const bool upright = background.height_px > background.width_px;
  Scene scene{.camera = {.width_px = upright ? kShortSide_px : kLongSide_px,
                         .height_px = upright ? kLongSide_px : kShortSide_px,
                         .focal_px = kFocal * kLongSide_px}};
  // The light comes from above, and from the left or the right.
  const double side_rad = draws.Uniform(-1, 1), height_rad = draws.Uniform(35, 60) * kRadPerDegree;
  scene.to_light = {std::cos(height_rad) * std::sin(side_rad),
                    -std::cos(height_rad) * std::cos(side_rad), -std::sin(height_rad)};
  return scene;
}

// The n-th of `count` equal parts of the photo, without the part's border.
Frame PartOf(const Camera& camera, int count, int n) {
  int columns = count == 1 ? 1 : count <= 4 ? 2 : 3;
  int rows = (count + columns - 1) / columns;
  if (camera.height_px > camera.width_px) std::swap(columns, rows);
  const double width = static_cast<double>(camera.width_px) / columns;
  const double height = static_cast<double>(camera.height_px) / rows;
  const double left = n % columns * width, top = n / columns * height,
               border = 0.02 * std::min(width, height);
  return {left + border, top + border, left + width - border, top + height - border};
}

PlacedSheet PlaceItem(const Scene& scene, const Image& item, const PhotoConditions& conditions,
                      int n, std::uint64_t seed) {
  const auto index = static_cast<std::uint64_t>(n);
  Draws draws(seed, "pose", index);
  const Frame frame = PartOf(scene.camera, static_cast<int>(conditions.items), n);
  const double width = frame.right_px - frame.left_px, height = frame.bottom_px - frame.top_px;
  const double short_side = conditions.items > 1 ? std::min(width, height) : kShortSide_px;
  Pose pose{.diagonal_px = conditions.scale * short_side};
  pose.centre = {static_cast<float>(frame.left_px + width * draws.Uniform(0.4, 0.6)),
                 static_cast<float>(frame.top_px + height * draws.Uniform(0.45, 0.55))};
  pose.roll_rad = (draws.Uniform(-6, 6) + conditions.rotation_deg) * kRadPerDegree;
  // Every pose has a mild tilt. It is reduced as the angle of view grows, so that the angle is the
  // one in the conditions.
  const double mild_deg = draws.Uniform(2, 7) * std::max(0.0, 1 - conditions.view_deg / 15);
  pose.tilt_rad = {mild_deg * kRadPerDegree, conditions.view_deg * kRadPerDegree};
  pose.tilt_axis_rad = {draws.Angle_rad(), draws.Angle_rad()};
  return Place(scene, item.width_px, item.height_px, pose,
               Cloth(conditions.bending, Draws(seed, "cloth", index)), frame);
}

std::vector<cv::Point2f> Corners(const std::vector<Point>& outline) {
  std::vector<cv::Point2f> corners;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point p = outline[i * outline.size() / 4];
    corners.emplace_back(p.x_px, p.y_px);
  }
  return corners;
}

Point MiddleOf(const std::vector<cv::Point2f>& corners) {
  cv::Point2f middle;
  for (const cv::Point2f& corner : corners) middle += corner / 4;
  return {middle.x, middle.y};
}

// The share of the item that the occluder hides. Both outlines are convex.
double HiddenShare(const std::vector<Point>& item, const std::vector<Point>& occluder) {
  const std::vector<cv::Point2f> corners = Corners(item);
  std::vector<cv::Point2f> common;
  return cv::intersectConvexConvex(corners, Corners(occluder), common) / cv::contourArea(corners);
}

// Moves the occluder in from one side until it hides `share` of the item. Its size does not depend
// on the share: it is the smallest at which it could hide kMaxHidden.
PlacedSheet PlaceOccluder(const Scene& scene, const Image& occluder, const PlacedSheet& item,
                          double share, std::uint64_t seed) {
  Draws draws(seed, "occluder");
  const double from_rad = draws.Angle_rad();
  Pose pose{.diagonal_px = item.diagonal_px};
  pose.roll_rad = draws.Uniform(-25, 25) * kRadPerDegree;
  pose.tilt_rad = {draws.Uniform(0, 15) * kRadPerDegree, 0};
  pose.tilt_axis_rad = {draws.Angle_rad(), 0};
  const Point middle = MiddleOf(Corners(item.outline));
  const auto hidden_at = [&](double away_px) {
    pose.centre = {static_cast<float>(middle.x_px + away_px * std::cos(from_rad)),
                   static_cast<float>(middle.y_px + away_px * std::sin(from_rad))};
    return HiddenShare(item.outline,
                       FlatOutline(scene.camera, occluder.width_px, occluder.height_px, pose));
  };
  constexpr double kMaxHidden = 0.75;
  for (int i = 0; i < 60 && hidden_at(0) < kMaxHidden; ++i) pose.diagonal_px *= 1.15;
  double near_px = 0, far_px = pose.diagonal_px + item.diagonal_px;
  for (int i = 0; i < 20; ++i) {
    const double away_px = (near_px + far_px) / 2;
    (hidden_at(away_px) > share ? near_px : far_px) = away_px;
  }
  return Place(scene, occluder.width_px, occluder.height_px, pose, Cloth(0, draws), std::nullopt);
}

// Lets the light fall off across the picture, as it does indoors.
void FallOff(LinearImage& photo, Draws draws) {
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

// Puts the items and what hides the first of them in front of the background.
std::vector<PlacedSheet> PaintScene(LinearImage& photo, const Scene& scene,
                                    const PhotoConditions& conditions, std::span<const Image> items,
                                    const Image& occluder, std::uint64_t seed) {
  std::vector<PlacedSheet> sheets;
  for (int n = 0; n < static_cast<int>(conditions.items); ++n) {
    const Image& item = items[static_cast<std::size_t>(n)];
    sheets.push_back(PlaceItem(scene, item, conditions, n, seed));
    CastContactShadow(photo, scene, sheets.back());
    Paint(photo, Print(item), sheets.back());
  }
  if (conditions.occlusion > 0) {
    const PlacedSheet front = PlaceOccluder(scene, occluder, sheets[0], conditions.occlusion, seed);
    CastContactShadow(photo, scene, front);
    Paint(photo, Print(occluder), front);
  }
  return sheets;
}

void Light(LinearImage& photo, const PhotoConditions& conditions, const PlacedSheet& first,
           std::uint64_t seed) {
  FallOff(photo, Draws(seed, "shade"));
  if (conditions.ambient < 1) {
    const std::vector<cv::Point2f> corners = Corners(first.outline);
    CastShadow(photo, conditions.ambient, MiddleOf(corners), std::sqrt(cv::contourArea(corners)),
               Draws(seed, "shadow"));
  }
  std::array<float, 3> light = LightGains(conditions.kelvin);
  for (float& gain : light) gain *= static_cast<float>(std::exp2(-conditions.darkness_stops));
  Filter(photo, light);
}

}  // namespace

Result<RenderedPhoto> RenderPhoto(const PhotoConditions& conditions, std::span<const Image> items,
                                  const Image& occluder, const Image& background,
                                  std::uint64_t seed) {
  const Scene scene = MakeScene(background, seed);
  LinearImage photo = CutBackground(background, scene.camera.width_px, scene.camera.height_px,
                                    Draws(seed, "background"));
  const std::vector<PlacedSheet> sheets =
      PaintScene(photo, scene, conditions, items, occluder, seed);
  Light(photo, conditions, sheets[0], seed);
  BlurFocus(photo, conditions.focus_px);
  BlurMotion(photo, conditions.motion_px, Draws(seed, "motion").Angle_rad());
  // A camera in the dark raises the gain, here by half of the stops that are missing.
  Expose(photo, conditions.gain * std::exp2(conditions.darkness_stops / 2), seed);

  RenderedPhoto rendered;
  for (std::size_t n = 0; n < sheets.size(); ++n) rendered.placed.push_back({n, sheets[n].outline});
  const int quality = static_cast<int>(std::lround(conditions.quality));
  INLIER_ASSIGN_OR_RETURN(rendered.photo, DecodeImage(EncodeJpeg(ToSrgb(photo), quality)));
  return rendered;
}

}  // namespace inlier

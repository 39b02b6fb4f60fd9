#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// How a photo is taken. The defaults do no harm to it.
struct PhotoConditions {
  double darkness_stops = 0;  // of underexposure
  double ambient = 1;         // share of the light that is left in a hard shadow; 1: no shadow
  double kelvin = 6500;       // colour temperature of the light
  double view_deg = 0;        // by which the item is turned away from the camera
  double rotation_deg = 0;    // by which it is turned in its own plane
  double scale = 0.95;        // its diagonal over the photo's short side
  double occlusion = 0;       // share of it that another object hides
  double motion_px = 0;       // length of the camera's path while the shutter is open
  double focus_px = 0;        // diameter of the disc that a point becomes
  double gain = 1;            // of the sensor
  double quality = 92;        // of the JPEG file
  double bending = 0;         // height of the folds of the item's cloth over its long side
  double items = 1;           // in the photo, side by side
};

struct PlacedItem {
  std::size_t item = 0;  // place in the `items` that were passed
  /// Where it lies in the photo, in pixels, the hidden parts included. For a flat item the corners
  /// top left, top right, bottom right and bottom left of the item; for bent cloth the same way
  /// round with the same number of points on each side, so that every quarter is a corner.
  std::vector<Point> outline;
};

struct RenderedPhoto {
  Image photo;  // 3 channels, 800 × 600 or 600 × 800 pixels
  std::vector<PlacedItem> placed;
};

/// Renders a photo of `conditions.items` items as flat prints in front of a real photo, as a
/// phone's camera takes it: pinhole view, mean over what each pixel sees, contact shadows, light
/// that falls off across the picture, blur, sensor noise, 8 bits and JPEG. Everything up to the 8
/// bits is computed in linear light. `seed` decides the poses, the direction of the light and the
/// part of the background; the same seed gives the same ones under all conditions. The photo is
/// upright when the background is. All images have 1 or 3 channels and are not empty, and there are
/// at least `conditions.items` items. Errors: as DecodeImage.
Result<RenderedPhoto> RenderPhoto(const PhotoConditions& conditions, std::span<const Image> items,
                                  const Image& occluder, const Image& background,
                                  std::uint64_t seed);

}  // namespace inlier

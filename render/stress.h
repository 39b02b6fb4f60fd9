#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// One thing that hurts product photos. `levels` grow harder; the first does no harm: there, all
/// sliders give the same photo.
struct StressSlider {
  std::string_view name;
  std::string_view unit;     // empty for a plain count or share
  std::string_view meaning;  // a sentence for a person
  std::vector<double> levels;
};

/// All sliders.
std::span<const StressSlider> StressSliders();

struct PlacedItem {
  std::size_t item = 0;  // in the `items` asked for
  /// Where it lies, in pixels of the photo, hidden parts too: the item's own corners top left, top
  /// right, bottom right, bottom left; of bent cloth the same way round with equally many points on
  /// each side, so that the corners are every quarter.
  std::vector<Point> outline;
};

struct StressScene {
  Image photo;  // 3 channels, 800 × 600 or 600 × 800 pixels
  std::vector<PlacedItem> placed;
};

/// A photo of an item, as a flat print, before a real photo as background, by a phone camera:
/// pinhole view, area sampling, contact shadow, light that falls off across the picture, sensor
/// noise, 8 bits, JPEG. The seed gives pose, light and background's cut; `slider` alone changes
/// with `level`, any number between the first and the last of its levels.
///
/// `items`: pictures of the items; the slider "items" shows the first `level` of them, the others
/// the first only. `occluder`: a picture of another object. `background`: cut to the photo's shape,
/// upright when it is upright. All have 1 or 3 channels.
///
/// The same arguments give the same bytes, on any number of threads. Errors: kInvalidArgument
/// (empty picture, no such slider, level out of its range, fewer items than the level).
Result<StressScene> RenderStress(std::string_view slider, double level,
                                 std::span<const Image> items, const Image& occluder,
                                 const Image& background, std::uint64_t seed);

/// A photo with a little of everything, drawn anew for each seed: for training an embedding on
/// photos that nobody took. Errors: kInvalidArgument (empty picture).
Result<StressScene> RenderView(const Image& item, const Image& occluder, const Image& background,
                               std::uint64_t seed);

}  // namespace inlier

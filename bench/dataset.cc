#include "bench/dataset.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace inlier {

Result<Image> BenchPhoto::Read() const {
  INLIER_ASSIGN_OR_RETURN(Image whole, ReadImage(image));
  if (!crop) return whole;
  const auto within = [](double edge_px, int most_px) {
    return static_cast<int>(std::lround(std::clamp(edge_px, 0.0, static_cast<double>(most_px))));
  };
  const int left = within(crop->left_px, whole.width_px);
  const int right = within(crop->right_px, whole.width_px);
  const int top = within(crop->top_px, whole.height_px);
  const int bottom = within(crop->bottom_px, whole.height_px);
  if (right <= left || bottom <= top) {
    return Fail(ErrorCode::kBadImage,
                image.string() + ": the part to query with lies outside of the photo");
  }
  Image part{.width_px = right - left, .height_px = bottom - top, .channels = whole.channels};
  for (int y = top; y < bottom; ++y) {
    const auto row = whole.pixels.begin() +
                     static_cast<std::ptrdiff_t>(
                         (static_cast<std::int64_t>(y) * whole.width_px + left) * whole.channels);
    part.pixels.insert(part.pixels.end(), row,
                       row + static_cast<std::ptrdiff_t>(part.width_px) * whole.channels);
  }
  return part;
}

}  // namespace inlier

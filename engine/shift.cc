#include "engine/shift.h"

#include <algorithm>

namespace inlier {
namespace {

void ShiftPoint(const PixelRegion& region, Point& p) {
  p.x_px += static_cast<float>(region.left_px);
  p.y_px += static_cast<float>(region.top_px);
}

}  // namespace

void Shift(const PixelRegion& region, std::vector<MatchedPoint>& matches) {
  for (MatchedPoint& match : matches) ShiftPoint(region, match.photo);
}

void Shift(const PixelRegion& region, Hit& hit) {
  for (auto* corners : {&hit.polygon, &hit.difference})
    if (*corners)
      for (Point& corner : **corners) ShiftPoint(region, corner);
  Shift(region, hit.matches);
}

}  // namespace inlier

#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/features.h"
#include "render/cloth.h"

namespace inlier {

/// A pinhole camera that looks along z through the photo's middle, x right, y down, and the light.
struct Stage {
  int width_px = 0;
  int height_px = 0;
  double focal_px = 0;
  std::array<double, 3> to_light{};  // of length 1
};

/// How an item stands before the camera: turned in its plane, then out of it twice about axes that
/// lie in the plane of the photo.
struct Stand {
  Point centre;            // of its outline's bounding box
  double diagonal_px = 0;  // in the photo, were it seen straight on
  double roll_rad = 0;     // clockwise
  std::array<double, 2> tilt_rad{};
  std::array<double, 2> tilt_axis_rad{};
};

/// A part of the photo, in pixels.
struct Frame {
  double left_px = 0, top_px = 0, right_px = 0, bottom_px = 0;
};

/// A sheet as the camera sees it: a grid of points with the place of each in the item and the light
/// on it. The grid goes one cell beyond the item's edges, so that pixels on the edge have a colour.
struct PlacedSheet {
  struct Node {
    float x_px = 0, y_px = 0;  // in the photo
    float nearness = 0;        // 1 over the distance
    float u = 0, v = 0;        // in the item, 0 to 1 from edge to edge
    float shade = 1;           // of the light that a flat sheet in its place would get
  };
  int side_nodes = 0;
  std::vector<Node> nodes;     // side_nodes × side_nodes
  std::vector<Point> outline;  // clockwise in the item from its top left corner: 4 points when flat
  double diagonal_px = 0;      // as in Stand, after stepping back
};

/// Places an item of this shape. With a frame, it is moved into the frame, and where it is too
/// large for it the camera steps back.
PlacedSheet Place(const Stage& stage, int item_width_px, int item_height_px, const Stand& stand,
                  const Cloth& cloth, const std::optional<Frame>& frame);

/// The corners alone, of a flat item and without a frame.
std::vector<Point> FlatOutline(const Stage& stage, int item_width_px, int item_height_px,
                               const Stand& stand);

}  // namespace inlier

#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/features.h"
#include "render/cloth.h"

namespace inlier {

/// Where things are in front of the camera. The camera is a pinhole at the origin that looks along
/// z through the photo's middle, with x to the right and y down; lengths are in units of the item's
/// long side. A sheet (a flat print or folded cloth) is turned and moved into the camera's view,
/// covered with a grid of nodes, and each node is projected with x_px = focal_px · x / z + the
/// photo's middle. render/paint.h draws what lies between the nodes.

struct Camera {
  int width_px = 0;  // of the photo
  int height_px = 0;
  double focal_px = 0;
};

struct Scene {
  Camera camera;
  std::array<double, 3> to_light{};  // direction towards the lamp, of length 1
};

/// How an item is held before the camera. It is first turned in its own plane, then tilted twice
/// about axes that lie in the plane of the photo.
struct Pose {
  Point centre;                           // of the bounding box of its outline in the photo
  double diagonal_px = 0;                 // in the photo, if it were seen straight on
  double roll_rad = 0;                    // clockwise
  std::array<double, 2> tilt_rad{};       // angles of the two tilts
  std::array<double, 2> tilt_axis_rad{};  // directions of their axes, clockwise from x
};

/// A part of the photo that an item must stay within.
struct Frame {
  double left_px = 0;
  double top_px = 0;
  double right_px = 0;
  double bottom_px = 0;
};

/// A sheet as the camera sees it: a grid of points, each with its place in the item and the light
/// on it. The grid extends one cell beyond the item's edges, so that pixels on the edge have a
/// colour.
struct PlacedSheet {
  struct Node {
    float x_px = 0;  // in the photo
    float y_px = 0;
    float nearness = 0;  // 1 / z
    float u = 0;         // in the item, 0 to 1 from edge to edge
    float v = 0;
    float shade = 1;  // the light on it, over that on a flat sheet in the same pose
  };
  int side_nodes = 0;
  std::vector<Node> nodes;     // side_nodes × side_nodes
  std::vector<Point> outline;  // clockwise in the item from its top left corner; 4 points when flat
  double diagonal_px = 0;      // as Pose::diagonal_px, after the camera has stepped back
};

/// Places an item of this width and height. With a frame, the item is moved into it, and the camera
/// steps back when the item is too large for it.
PlacedSheet Place(const Scene& scene, int item_width_px, int item_height_px, const Pose& pose,
                  const Cloth& cloth, const std::optional<Frame>& frame);

/// The four corners of a flat item, without a frame.
std::vector<Point> FlatOutline(const Camera& camera, int item_width_px, int item_height_px,
                               const Pose& pose);

}  // namespace inlier

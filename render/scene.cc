#include "render/scene.h"

#include <algorithm>
#include <cmath>

namespace inlier {
namespace {

// Within a cell of this size, a plane in perspective is linear up to a few hundredths of a pixel.
constexpr int kCells = 48;
constexpr int kSideNodes = kCells + 3;

using Vec3 = std::array<double, 3>;
using Matrix3 = std::array<double, 9>;

Vec3 Times(const Matrix3& m, const Vec3& v) {
  return {m[0] * v[0] + m[1] * v[1] + m[2] * v[2], m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
          m[6] * v[0] + m[7] * v[1] + m[8] * v[2]};
}

Matrix3 Times(const Matrix3& a, const Matrix3& b) {
  Matrix3 out{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) out[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    }
  }
  return out;
}

Matrix3 Roll(double angle_rad) {
  const double c = std::cos(angle_rad), s = std::sin(angle_rad);
  return {c, -s, 0, s, c, 0, 0, 0, 1};
}

// The rotation about the axis (cos axis_rad, sin axis_rad, 0), by Rodrigues' formula.
Matrix3 Tilt(double angle_rad, double axis_rad) {
  const double c = std::cos(angle_rad), s = std::sin(angle_rad), x = std::cos(axis_rad),
               y = std::sin(axis_rad);
  return {c + x * x * (1 - c),
          x * y * (1 - c),
          y * s,
          x * y * (1 - c),
          c + y * y * (1 - c),
          -x * s,
          -y * s,
          x * s,
          c};
}

// Moves points of the item into the camera's view and projects them into the photo.
class Projector {
 public:
  Projector(const Camera& camera, const Pose& pose, double width, double height, const Cloth& cloth)
      : camera_(camera),
        width_(width),
        height_(height),
        cloth_(cloth),
        camera_from_item_(
            Times(Tilt(pose.tilt_rad[1], pose.tilt_axis_rad[1]),
                  Times(Tilt(pose.tilt_rad[0], pose.tilt_axis_rad[0]), Roll(pose.roll_rad)))) {
    place_[2] = camera.focal_px * std::hypot(width, height) / pose.diagonal_px;
    MoveBy(pose.centre.x_px - (camera.width_px - 1) / 2.0,
           pose.centre.y_px - (camera.height_px - 1) / 2.0);
  }

  Vec3 InCamera(double u, double v) const {
    Vec3 p = Times(camera_from_item_, cloth_.At((u - 0.5) * width_, (v - 0.5) * height_));
    for (int i = 0; i < 3; ++i) p[i] += place_[i];
    return p;
  }
  Vec3 FlatNormal() const { return Times(camera_from_item_, Vec3{0, 0, -1}); }
  double diagonal_px() const { return camera_.focal_px * std::hypot(width_, height_) / place_[2]; }

  Point Project(const Vec3& p) const {
    return {static_cast<float>(camera_.focal_px * p[0] / p[2] + (camera_.width_px - 1) / 2.0),
            static_cast<float>(camera_.focal_px * p[1] / p[2] + (camera_.height_px - 1) / 2.0)};
  }

  std::vector<Point> Outline(int points_a_side) const {
    std::vector<Point> outline;
    for (int side = 0; side < 4; ++side) {
      for (int i = 0; i < points_a_side; ++i) {
        const double t = static_cast<double>(i) / points_a_side;
        const double along = side < 2 ? t : 1 - t;
        outline.push_back(
            Project(side % 2 == 0 ? InCamera(along, side / 2) : InCamera(1 - side / 2, along)));
      }
    }
    return outline;
  }

  // Moves the bounding box of the outline to `centre`, or as close to it as the frame allows. In
  // perspective a move also changes the box, so a few rounds are needed.
  void Fit(Point centre, const std::optional<Frame>& frame) {
    for (int step = 0; step < 12; ++step) {
      const std::vector<Point> outline = Outline(cloth_.flat() ? 1 : kCells);
      const auto [left, right] = std::ranges::minmax(outline, {}, &Point::x_px);
      const auto [top, bottom] = std::ranges::minmax(outline, {}, &Point::y_px);
      const double width = right.x_px - left.x_px, height = bottom.y_px - top.y_px;
      double x = centre.x_px, y = centre.y_px;
      if (frame) {
        const double room_x = frame->right_px - frame->left_px,
                     room_y = frame->bottom_px - frame->top_px;
        const double too_large = std::max(width / room_x, height / room_y);
        if (too_large > 1) {
          place_[0] *= too_large;
          place_[1] *= too_large;
          place_[2] *= too_large * 1.002;
          continue;
        }
        x = std::clamp(x, frame->left_px + width / 2, frame->right_px - width / 2);
        y = std::clamp(y, frame->top_px + height / 2, frame->bottom_px - height / 2);
      }
      MoveBy(x - (left.x_px + right.x_px) / 2, y - (top.y_px + bottom.y_px) / 2);
    }
  }

 private:
  void MoveBy(double x_px, double y_px) {
    place_[0] += x_px * place_[2] / camera_.focal_px;
    place_[1] += y_px * place_[2] / camera_.focal_px;
  }

  const Camera& camera_;
  double width_, height_;  // of the item, whose long side is 1
  const Cloth& cloth_;
  Matrix3 camera_from_item_;
  Vec3 place_{};  // of the item's middle, in front of the camera
};

double Dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vec3 Normal(const Vec3& along_u, const Vec3& along_v) {
  Vec3 n{along_v[1] * along_u[2] - along_v[2] * along_u[1],
         along_v[2] * along_u[0] - along_v[0] * along_u[2],
         along_v[0] * along_u[1] - along_v[1] * along_u[0]};
  const double length = std::sqrt(Dot(n, n));
  for (double& value : n) value /= length;
  return n;
}

// Lambert's law with a share of light from all sides, over the same for the flat sheet.
float Shade(const Vec3& normal, const Vec3& flat_normal, const Vec3& to_light) {
  constexpr double kAmbient = 0.4;
  const auto light = [&](const Vec3& n) {
    return kAmbient + (1 - kAmbient) * std::max(0.0, Dot(n, to_light));
  };
  return static_cast<float>(light(normal) / light(flat_normal));
}

}  // namespace

std::vector<Point> FlatOutline(const Camera& camera, int item_width_px, int item_height_px,
                               const Pose& pose) {
  const double long_side_px = std::max(item_width_px, item_height_px);
  const Cloth flat(0, Draws(0, ""));
  Projector projector(camera, pose, item_width_px / long_side_px, item_height_px / long_side_px,
                      flat);
  projector.Fit(pose.centre, std::nullopt);
  return projector.Outline(1);
}

PlacedSheet Place(const Scene& scene, int item_width_px, int item_height_px, const Pose& pose,
                  const Cloth& cloth, const std::optional<Frame>& frame) {
  const double long_side_px = std::max(item_width_px, item_height_px);
  Projector projector(scene.camera, pose, item_width_px / long_side_px,
                      item_height_px / long_side_px, cloth);
  projector.Fit(pose.centre, frame);

  PlacedSheet sheet{.side_nodes = kSideNodes,
                    .outline = projector.Outline(cloth.flat() ? 1 : kCells)};
  sheet.diagonal_px = projector.diagonal_px();
  sheet.nodes.reserve(kSideNodes * kSideNodes);
  std::vector<Vec3> places;
  places.reserve(kSideNodes * kSideNodes);
  for (int row = 0; row < kSideNodes; ++row) {
    for (int column = 0; column < kSideNodes; ++column) {
      const double u = (column - 1.0) / kCells, v = (row - 1.0) / kCells;
      places.push_back(projector.InCamera(u, v));
      const Point at = projector.Project(places.back());
      sheet.nodes.push_back({at.x_px, at.y_px, static_cast<float>(1 / places.back()[2]),
                             static_cast<float>(u), static_cast<float>(v)});
    }
  }
  if (cloth.flat()) return sheet;
  const auto between = [&](int from_row, int from_column, int to_row, int to_column) {
    const auto at = [](int row, int column) {
      return static_cast<std::size_t>(std::clamp(row, 0, kSideNodes - 1) * kSideNodes +
                                      std::clamp(column, 0, kSideNodes - 1));
    };
    Vec3 d = places[at(to_row, to_column)];
    for (int i = 0; i < 3; ++i) d[i] -= places[at(from_row, from_column)][i];
    return d;
  };
  for (int row = 0; row < kSideNodes; ++row) {
    for (int column = 0; column < kSideNodes; ++column) {
      const Vec3 normal = Normal(between(row, column - 1, row, column + 1),
                                 between(row - 1, column, row + 1, column));
      sheet.nodes[static_cast<std::size_t>(row * kSideNodes + column)].shade =
          Shade(normal, projector.FlatNormal(), scene.to_light);
    }
  }
  return sheet;
}

}  // namespace inlier

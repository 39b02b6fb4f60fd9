#include "benchmarks/scene.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

constexpr int kCells = 48;  // a plane in perspective is linear within one to some hundredths of a pixel
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

// Rodrigues' formula about (cos axis, sin axis, 0).
Matrix3 Tilt(double angle_rad, double axis_rad) {
  const double c = std::cos(angle_rad), s = std::sin(angle_rad), x = std::cos(axis_rad), y = std::sin(axis_rad);
  return {c + x * x * (1 - c), x * y * (1 - c), y * s, x * y * (1 - c), c + y * y * (1 - c), -x * s, -y * s, x * s, c};
}

class Projector {
 public:
  Projector(const Stage& stage, const Stand& stand, double width, double height, const Cloth& cloth)
      : stage_(stage),
        width_(width),
        height_(height),
        cloth_(cloth),
        camera_from_item_(Times(Tilt(stand.tilt_rad[1], stand.tilt_axis_rad[1]),
                                Times(Tilt(stand.tilt_rad[0], stand.tilt_axis_rad[0]), Roll(stand.roll_rad)))) {
    place_[2] = stage.focal_px * std::hypot(width, height) / stand.diagonal_px;
    MoveBy(stand.centre.x_px - (stage.width_px - 1) / 2.0, stand.centre.y_px - (stage.height_px - 1) / 2.0);
  }

  Vec3 InCamera(double u, double v) const {
    Vec3 p = Times(camera_from_item_, cloth_.At((u - 0.5) * width_, (v - 0.5) * height_));
    for (int i = 0; i < 3; ++i) p[i] += place_[i];
    return p;
  }
  Vec3 FlatNormal() const { return Times(camera_from_item_, Vec3{0, 0, -1}); }
  double diagonal_px() const { return stage_.focal_px * std::hypot(width_, height_) / place_[2]; }

  Point Project(const Vec3& p) const {
    return {static_cast<float>(stage_.focal_px * p[0] / p[2] + (stage_.width_px - 1) / 2.0),
            static_cast<float>(stage_.focal_px * p[1] / p[2] + (stage_.height_px - 1) / 2.0)};
  }

  std::vector<Point> Outline(int points_a_side) const {
    std::vector<Point> outline;
    for (int side = 0; side < 4; ++side) {
      for (int i = 0; i < points_a_side; ++i) {
        const double t = static_cast<double>(i) / points_a_side;
        const double along = side < 2 ? t : 1 - t;
        outline.push_back(Project(side % 2 == 0 ? InCamera(along, side / 2) : InCamera(1 - side / 2, along)));
      }
    }
    return outline;
  }

  // Moves the bounding box to `centre`, or as near to it as the frame lets.
  void Fit(Point centre, const std::optional<Frame>& frame) {
    for (int step = 0; step < 12; ++step) {
      const std::vector<Point> outline = Outline(cloth_.flat() ? 1 : kCells);
      const auto [left, right] = std::ranges::minmax(outline, {}, &Point::x_px);
      const auto [top, bottom] = std::ranges::minmax(outline, {}, &Point::y_px);
      const double width = right.x_px - left.x_px, height = bottom.y_px - top.y_px;
      double x = centre.x_px, y = centre.y_px;
      if (frame) {
        const double room_x = frame->right_px - frame->left_px, room_y = frame->bottom_px - frame->top_px;
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
    place_[0] += x_px * place_[2] / stage_.focal_px;
    place_[1] += y_px * place_[2] / stage_.focal_px;
  }

  const Stage& stage_;
  double width_, height_;  // of the item, its long side 1
  const Cloth& cloth_;
  Matrix3 camera_from_item_;
  Vec3 place_{};
};

double Dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vec3 Normal(const Vec3& along_u, const Vec3& along_v) {
  Vec3 n{along_v[1] * along_u[2] - along_v[2] * along_u[1], along_v[2] * along_u[0] - along_v[0] * along_u[2],
         along_v[0] * along_u[1] - along_v[1] * along_u[0]};
  const double length = std::sqrt(Dot(n, n));
  for (double& value : n) value /= length;
  return n;
}

// Lambert's law and a share of light from everywhere, against the flat sheet's.
float Shade(const Vec3& normal, const Vec3& flat_normal, const Vec3& to_light) {
  constexpr double kAmbient = 0.4;
  const auto light = [&](const Vec3& n) { return kAmbient + (1 - kAmbient) * std::max(0.0, Dot(n, to_light)); };
  return static_cast<float>(light(normal) / light(flat_normal));
}

// A function that is linear over a triangle of the photo.
struct Linear {
  float at_origin = 0, per_x = 0, per_y = 0;
  float At(float x, float y) const { return at_origin + per_x * x + per_y * y; }
};

// A triangle of the grid: what is where in it, as linear functions of the photo's pixels.
struct Triangle {
  Linear u, v, shade;
};

// The nearest triangle in each pixel of a part of the photo.
class Nearest {
 public:
  Nearest(const std::vector<Point>& outline, int width_px, int height_px) {
    const auto [left, right] = std::ranges::minmax(outline, {}, &Point::x_px);
    const auto [top, bottom] = std::ranges::minmax(outline, {}, &Point::y_px);
    left_ = std::clamp(static_cast<int>(std::floor(left.x_px)), 0, width_px);
    right_ = std::clamp(static_cast<int>(std::ceil(right.x_px)) + 1, left_, width_px);
    top_ = std::clamp(static_cast<int>(std::floor(top.y_px)), 0, height_px);
    bottom_ = std::clamp(static_cast<int>(std::ceil(bottom.y_px)) + 1, top_, height_px);
    pixels_.resize(static_cast<std::size_t>(right_ - left_) * (bottom_ - top_));
  }

  void Add(const PlacedSheet::Node& a, const PlacedSheet::Node& b, const PlacedSheet::Node& c) {
    const float abx = b.x_px - a.x_px, aby = b.y_px - a.y_px, acx = c.x_px - a.x_px, acy = c.y_px - a.y_px;
    const float area = abx * acy - aby * acx;
    if (std::abs(area) < 1e-6f) return;
    // About a's place, for the sake of precision.
    const auto through = [&](float at_a, float at_b, float at_c) {
      const float p = at_b - at_a, q = at_c - at_a;
      return Linear{at_a, (p * acy - q * aby) / area, (q * abx - p * acx) / area};
    };
    const Linear nearness = through(a.nearness, b.nearness, c.nearness), weight_b = through(0, 1, 0),
                 weight_c = through(0, 0, 1);
    Triangle triangle{through(a.u, b.u, c.u), through(a.v, b.v, c.v), through(a.shade, b.shade, c.shade)};
    for (Linear* f : {&triangle.u, &triangle.v, &triangle.shade}) f->at_origin = f->At(-a.x_px, -a.y_px);
    triangles_.push_back(triangle);
    const int left = std::max(left_, static_cast<int>(std::ceil(std::min({a.x_px, b.x_px, c.x_px}))));
    const int right = std::min(right_ - 1, static_cast<int>(std::floor(std::max({a.x_px, b.x_px, c.x_px}))));
    const int top = std::max(top_, static_cast<int>(std::ceil(std::min({a.y_px, b.y_px, c.y_px}))));
    const int bottom = std::min(bottom_ - 1, static_cast<int>(std::floor(std::max({a.y_px, b.y_px, c.y_px}))));
    constexpr float kSlack = 1e-4f;  // no gaps between neighbours
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        const float dx = static_cast<float>(x) - a.x_px, dy = static_cast<float>(y) - a.y_px;
        const float wb = weight_b.At(dx, dy), wc = weight_c.At(dx, dy);
        if (wb < -kSlack || wc < -kSlack || wb + wc > 1 + kSlack) continue;
        Pixel& pixel = pixels_[Index(x, y)];
        const float near = nearness.At(dx, dy);
        if (near > pixel.nearness) pixel = {near, static_cast<std::uint32_t>(triangles_.size() - 1)};
      }
    }
  }

  // Null where there is none.
  const Triangle* At(int x, int y) const {
    if (x < left_ || x >= right_ || y < top_ || y >= bottom_) return nullptr;
    const Pixel& pixel = pixels_[Index(x, y)];
    return pixel.nearness > 0 ? &triangles_[pixel.triangle] : nullptr;
  }

 private:
  struct Pixel {
    float nearness = 0;
    std::uint32_t triangle = 0;
  };
  std::size_t Index(int x, int y) const { return static_cast<std::size_t>(y - top_) * (right_ - left_) + (x - left_); }

  int left_, right_, top_, bottom_;
  std::vector<Pixel> pixels_;
  std::vector<Triangle> triangles_;
};

std::array<float, 3> Bilinear(const LinearImage& image, float x, float y) {
  x = std::clamp(x, 0.0f, static_cast<float>(image.width_px - 1));
  y = std::clamp(y, 0.0f, static_cast<float>(image.height_px - 1));
  const int left = static_cast<int>(x), top = static_cast<int>(y);
  const float fx = x - static_cast<float>(left), fy = y - static_cast<float>(top);
  const std::size_t right = left + 1 < image.width_px ? 3 : 0;
  const std::size_t below = top + 1 < image.height_px ? static_cast<std::size_t>(image.width_px) * 3 : 0;
  const float* p = image.bgr.data() + (static_cast<std::size_t>(top) * image.width_px + left) * 3;
  std::array<float, 3> out;
  for (std::size_t c = 0; c < 3; ++c) {
    const float upper = p[c] + (p[c + right] - p[c]) * fx;
    const float lower = p[c + below] + (p[c + below + right] - p[c + below]) * fx;
    out[c] = upper + (lower - upper) * fy;
  }
  return out;
}

// The mean over the pixel's parallelogram in the item, a sample for every pixel of the item or so.
std::array<float, 3> AreaMean(const LinearImage& item, const Triangle& triangle, int x, int y) {
  constexpr int kMost = 12;  // samples an axis
  const auto w = static_cast<float>(item.width_px), h = static_cast<float>(item.height_px);
  const float u_x = triangle.u.per_x * w, u_y = triangle.u.per_y * w, v_x = triangle.v.per_x * h,
              v_y = triangle.v.per_y * h;
  const float u = triangle.u.At(static_cast<float>(x), static_cast<float>(y)) * w - 0.5f;
  const float v = triangle.v.At(static_cast<float>(x), static_cast<float>(y)) * h - 0.5f;
  const int columns = std::clamp(static_cast<int>(std::ceil(std::hypot(u_x, v_x))), 1, kMost);
  const int rows = std::clamp(static_cast<int>(std::ceil(std::hypot(u_y, v_y))), 1, kMost);
  std::array<float, 3> sum{};
  for (int j = 0; j < rows; ++j) {
    const float dy = (static_cast<float>(j) + 0.5f) / static_cast<float>(rows) - 0.5f;
    for (int i = 0; i < columns; ++i) {
      const float dx = (static_cast<float>(i) + 0.5f) / static_cast<float>(columns) - 0.5f;
      const auto value = Bilinear(item, u + u_x * dx + u_y * dy, v + v_x * dx + v_y * dy);
      for (std::size_t c = 0; c < 3; ++c) sum[c] += value[c];
    }
  }
  for (float& value : sum) value /= static_cast<float>(rows * columns);
  return sum;
}

}  // namespace

std::vector<Point> FlatOutline(const Stage& stage, int item_width_px, int item_height_px, const Stand& stand) {
  const double long_side_px = std::max(item_width_px, item_height_px);
  const Cloth flat(0, Draws(0, ""));
  Projector projector(stage, stand, item_width_px / long_side_px, item_height_px / long_side_px, flat);
  projector.Fit(stand.centre, std::nullopt);
  return projector.Outline(1);
}

PlacedSheet Place(const Stage& stage, int item_width_px, int item_height_px, const Stand& stand, const Cloth& cloth,
                  const std::optional<Frame>& frame) {
  const double long_side_px = std::max(item_width_px, item_height_px);
  Projector projector(stage, stand, item_width_px / long_side_px, item_height_px / long_side_px, cloth);
  projector.Fit(stand.centre, frame);

  PlacedSheet sheet{.side_nodes = kSideNodes, .outline = projector.Outline(cloth.flat() ? 1 : kCells)};
  sheet.diagonal_px = projector.diagonal_px();
  sheet.nodes.reserve(kSideNodes * kSideNodes);
  std::vector<Vec3> places;
  places.reserve(kSideNodes * kSideNodes);
  for (int row = 0; row < kSideNodes; ++row) {
    for (int column = 0; column < kSideNodes; ++column) {
      const double u = (column - 1.0) / kCells, v = (row - 1.0) / kCells;
      places.push_back(projector.InCamera(u, v));
      const Point at = projector.Project(places.back());
      sheet.nodes.push_back({at.x_px, at.y_px, static_cast<float>(1 / places.back()[2]), static_cast<float>(u),
                             static_cast<float>(v)});
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
      const Vec3 normal = Normal(between(row, column - 1, row, column + 1), between(row - 1, column, row + 1, column));
      sheet.nodes[static_cast<std::size_t>(row * kSideNodes + column)].shade =
          Shade(normal, projector.FlatNormal(), stage.to_light);
    }
  }
  return sheet;
}

std::vector<float> Coverage(const std::vector<Point>& outline, int width_px, int height_px) {
  constexpr int kLines = 8;  // a row of pixels; exact along each
  std::vector<float> share(static_cast<std::size_t>(width_px) * height_px);
  const auto [top, bottom] = std::ranges::minmax(outline, {}, &Point::y_px);
  const int first = std::max(0, static_cast<int>(std::floor(top.y_px)));
  const int last = std::min(height_px - 1, static_cast<int>(std::ceil(bottom.y_px)));
  std::vector<float> crossings;
  for (int line = first * kLines; line < (last + 1) * kLines; ++line) {
    const float y = (static_cast<float>(line) + 0.5f) / kLines - 0.5f;
    crossings.clear();
    for (std::size_t i = 0; i < outline.size(); ++i) {
      const Point a = outline[i], b = outline[(i + 1) % outline.size()];
      if ((a.y_px <= y) == (b.y_px <= y)) continue;
      // Pixel x covers x to x + 1 here.
      crossings.push_back(a.x_px + (b.x_px - a.x_px) * (y - a.y_px) / (b.y_px - a.y_px) + 0.5f);
    }
    std::ranges::sort(crossings);
    float* row = share.data() + static_cast<std::size_t>(line / kLines) * width_px;
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const float from = std::max(crossings[i], 0.0f), to = std::min(crossings[i + 1], static_cast<float>(width_px));
      for (int x = static_cast<int>(from); x < width_px && static_cast<float>(x) < to; ++x) {
        const float left = std::max(from, static_cast<float>(x)), right = std::min(to, static_cast<float>(x + 1));
        row[x] += (right - left) / kLines;
      }
    }
  }
  return share;
}

void CastContactShadow(LinearImage& photo, const Stage& stage, const PlacedSheet& sheet) {
  constexpr int kReduce = 4;  // it is soft
  constexpr float kDepth = 0.5f;
  const double lift_px = 0.02 * sheet.diagonal_px;
  std::vector<Point> shadow;
  for (const Point p : sheet.outline) {
    const double x = p.x_px + lift_px * stage.to_light[0] / stage.to_light[2];
    const double y = p.y_px + lift_px * stage.to_light[1] / stage.to_light[2];
    shadow.push_back({static_cast<float>((x + 0.5) / kReduce - 0.5), static_cast<float>((y + 0.5) / kReduce - 0.5)});
  }
  const int width = photo.width_px / kReduce, height = photo.height_px / kReduce;
  std::vector<float> share = Coverage(shadow, width, height);
  const cv::Mat small(height, width, CV_32F, share.data());
  cv::Mat soft, large;
  cv::GaussianBlur(small, soft, {}, std::max(0.4, 0.015 * sheet.diagonal_px / kReduce));
  cv::resize(soft, large, {photo.width_px, photo.height_px}, 0, 0, cv::INTER_LINEAR);
  const auto* dark = large.ptr<float>();
  for (std::size_t i = 0; i < photo.bgr.size(); ++i) photo.bgr[i] *= 1 - kDepth * dark[i / 3];
}

void Paint(LinearImage& photo, const LinearImage& item, const PlacedSheet& sheet) {
  Nearest nearest(sheet.outline, photo.width_px, photo.height_px);
  const int n = sheet.side_nodes;
  for (int row = 0; row + 1 < n; ++row) {
    for (int column = 0; column + 1 < n; ++column) {
      const auto* corner = &sheet.nodes[static_cast<std::size_t>(row * n + column)];
      nearest.Add(corner[0], corner[1], corner[n]);
      nearest.Add(corner[1], corner[n + 1], corner[n]);
    }
  }
  // A little finer than the photo will show it.
  const double scale = 1.25 * sheet.diagonal_px / std::hypot(item.width_px, item.height_px);
  const LinearImage texture = Resize(item, std::max(2, static_cast<int>(std::lround(item.width_px * scale))),
                                     std::max(2, static_cast<int>(std::lround(item.height_px * scale))));
  const std::vector<float> share = Coverage(sheet.outline, photo.width_px, photo.height_px);
  for (int y = 0; y < photo.height_px; ++y) {
    for (int x = 0; x < photo.width_px; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * photo.width_px + x;
      if (share[i] <= 0) continue;
      const Triangle* triangle = nearest.At(x, y);
      if (triangle == nullptr) continue;
      const std::array<float, 3> colour = AreaMean(texture, *triangle, x, y);
      const float shade = triangle->shade.At(static_cast<float>(x), static_cast<float>(y));
      const float alpha = std::min(share[i], 1.0f);
      for (std::size_t c = 0; c < 3; ++c) {
        float& value = photo.bgr[3 * i + c];
        value += (colour[c] * shade - value) * alpha;
      }
    }
  }
}

}  // namespace inlier

#include "render/paint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

// A function that is linear over a triangle of the photo.
struct Linear {
  float at_origin = 0, per_x = 0, per_y = 0;
  float At(float x, float y) const { return at_origin + per_x * x + per_y * y; }
};

// A triangle of the grid: the place in the item and the light on it as functions of the photo's
// pixels.
struct Triangle {
  Linear u, v, shade;
};

// The nearest triangle in each pixel of the part of the photo around an outline (a depth buffer).
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
    const float abx = b.x_px - a.x_px, aby = b.y_px - a.y_px, acx = c.x_px - a.x_px,
                acy = c.y_px - a.y_px;
    const float area = abx * acy - aby * acx;
    if (std::abs(area) < 1e-6f) return;
    // Coefficients are computed with the origin at a, for the sake of precision.
    const auto through = [&](float at_a, float at_b, float at_c) {
      const float p = at_b - at_a, q = at_c - at_a;
      return Linear{at_a, (p * acy - q * aby) / area, (q * abx - p * acx) / area};
    };
    const Linear nearness = through(a.nearness, b.nearness, c.nearness),
                 weight_b = through(0, 1, 0), weight_c = through(0, 0, 1);
    Triangle triangle{through(a.u, b.u, c.u), through(a.v, b.v, c.v),
                      through(a.shade, b.shade, c.shade)};
    for (Linear* f : {&triangle.u, &triangle.v, &triangle.shade})
      f->at_origin = f->At(-a.x_px, -a.y_px);
    triangles_.push_back(triangle);
    const int left =
        std::max(left_, static_cast<int>(std::ceil(std::min({a.x_px, b.x_px, c.x_px}))));
    const int right =
        std::min(right_ - 1, static_cast<int>(std::floor(std::max({a.x_px, b.x_px, c.x_px}))));
    const int top = std::max(top_, static_cast<int>(std::ceil(std::min({a.y_px, b.y_px, c.y_px}))));
    const int bottom =
        std::min(bottom_ - 1, static_cast<int>(std::floor(std::max({a.y_px, b.y_px, c.y_px}))));
    constexpr float kSlack = 1e-4f;  // so that there are no gaps between neighbours
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        const float dx = static_cast<float>(x) - a.x_px, dy = static_cast<float>(y) - a.y_px;
        const float wb = weight_b.At(dx, dy), wc = weight_c.At(dx, dy);
        if (wb < -kSlack || wc < -kSlack || wb + wc > 1 + kSlack) continue;
        Pixel& pixel = pixels_[Index(x, y)];
        const float near = nearness.At(dx, dy);
        if (near > pixel.nearness)
          pixel = {near, static_cast<std::uint32_t>(triangles_.size() - 1)};
      }
    }
  }

  // Null where there is no triangle.
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
  std::size_t Index(int x, int y) const {
    return static_cast<std::size_t>(y - top_) * (right_ - left_) + (x - left_);
  }

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
  const std::size_t below =
      top + 1 < image.height_px ? static_cast<std::size_t>(image.width_px) * 3 : 0;
  const float* p = image.bgr.data() + (static_cast<std::size_t>(top) * image.width_px + left) * 3;
  std::array<float, 3> out;
  for (std::size_t c = 0; c < 3; ++c) {
    const float upper = p[c] + (p[c + right] - p[c]) * fx;
    const float lower = p[c + below] + (p[c + below + right] - p[c + below]) * fx;
    out[c] = upper + (lower - upper) * fy;
  }
  return out;
}

// The mean of the item over the parallelogram that a pixel sees, with about one sample for every
// pixel of the item.
std::array<float, 3> AreaMean(const LinearImage& item, const Triangle& triangle, int x, int y) {
  constexpr int kMost = 12;  // samples along each axis
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

std::vector<float> Coverage(const std::vector<Point>& outline, int width_px, int height_px) {
  constexpr int kLines = 8;  // for each row of pixels; coverage is exact along a line
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
      // Along a line, pixel x extends from x to x + 1.
      crossings.push_back(a.x_px + (b.x_px - a.x_px) * (y - a.y_px) / (b.y_px - a.y_px) + 0.5f);
    }
    std::ranges::sort(crossings);
    float* row = share.data() + static_cast<std::size_t>(line / kLines) * width_px;
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const float from = std::max(crossings[i], 0.0f),
                  to = std::min(crossings[i + 1], static_cast<float>(width_px));
      for (int x = static_cast<int>(from); x < width_px && static_cast<float>(x) < to; ++x) {
        const float left = std::max(from, static_cast<float>(x)),
                    right = std::min(to, static_cast<float>(x + 1));
        row[x] += (right - left) / kLines;
      }
    }
  }
  return share;
}

void CastContactShadow(LinearImage& photo, const Scene& scene, const PlacedSheet& sheet) {
  constexpr int kReduce = 4;  // a quarter of the resolution is enough for what is soft
  constexpr float kDepth = 0.5f;
  const double lift_px = 0.02 * sheet.diagonal_px;
  std::vector<Point> shadow;
  for (const Point p : sheet.outline) {
    const double x = p.x_px + lift_px * scene.to_light[0] / scene.to_light[2];
    const double y = p.y_px + lift_px * scene.to_light[1] / scene.to_light[2];
    shadow.push_back({static_cast<float>((x + 0.5) / kReduce - 0.5),
                      static_cast<float>((y + 0.5) / kReduce - 0.5)});
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
  // The texture is a little finer than the photo can show.
  const double scale = 1.25 * sheet.diagonal_px / std::hypot(item.width_px, item.height_px);
  const LinearImage texture =
      Resize(item, std::max(2, static_cast<int>(std::lround(item.width_px * scale))),
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

#include "tests/support/drawn.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/mat.h"

namespace inlier::test {
namespace {

cv::Scalar Colour(cv::RNG& rng) {
  return {static_cast<double>(rng.uniform(0, 256)), static_cast<double>(rng.uniform(0, 256)),
          static_cast<double>(rng.uniform(0, 256))};
}

cv::Point Place(cv::RNG& rng, cv::Size size) {
  const int x = rng.uniform(0, size.width);
  return {x, rng.uniform(0, size.height)};
}

void DrawShape(cv::Mat& scene, cv::RNG& rng, int radius_px) {
  const cv::Point middle = Place(rng, scene.size());
  const cv::Scalar colour = Colour(rng);
  if (rng.uniform(0, 3) == 0) {
    const cv::Size axes(rng.uniform(radius_px / 3, radius_px) + 1, radius_px);
    cv::ellipse(scene, middle, axes, rng.uniform(0, 180), 0, 360, colour, cv::FILLED, cv::LINE_AA);
    return;
  }
  std::vector<cv::Point> corners;
  const int n = rng.uniform(3, 8);
  for (int i = 0; i < n; ++i) {
    const double angle = (i + rng.uniform(0.0, 0.8)) * 2 * CV_PI / n;
    const double reach = radius_px * rng.uniform(0.4, 1.0);
    corners.emplace_back(middle.x + static_cast<int>(reach * std::cos(angle)),
                         middle.y + static_cast<int>(reach * std::sin(angle)));
  }
  cv::fillPoly(scene, std::vector<std::vector<cv::Point>>{corners}, colour, cv::LINE_AA);
}

// A line of strokes that turn and jump, as letters do.
void DrawWriting(cv::Mat& scene, cv::RNG& rng, int height_px) {
  cv::Point at = Place(rng, scene.size());
  const cv::Scalar ink = Colour(rng);
  const int letters = rng.uniform(3, 9);
  for (int letter = 0; letter < letters; ++letter) {
    const int strokes = rng.uniform(2, 4);
    for (int stroke = 0; stroke < strokes; ++stroke) {
      const cv::Point from = at + Place(rng, {height_px, height_px});
      const cv::Point to = at + Place(rng, {height_px, height_px});
      cv::line(scene, from, to, ink, 1 + height_px / 8, cv::LINE_AA);
    }
    at.x += height_px * 5 / 4;
  }
}

}  // namespace

Image DrawTexture(unsigned seed, int width_px, int height_px) {
  // The first numbers of RNG are similar for neighbouring seeds, so the seeds are spread.
  cv::RNG rng(seed * 0x9E3779B97F4A7C15ULL + 1);
  cv::Mat corners(2, 2, CV_8UC3);
  rng.fill(corners, cv::RNG::UNIFORM, 60, 196);
  cv::Mat scene;
  cv::resize(corners, scene, {width_px, height_px}, 0, 0, cv::INTER_LINEAR);
  const int side = std::min(width_px, height_px);
  for (const int parts : {4, 8, 16, 32, 64}) {
    const int radius_px = std::max(2, side / parts);
    const int count = std::max(3, width_px * height_px / (radius_px * radius_px * 12));
    for (int i = 0; i < count; ++i) {
      if (rng.uniform(0, 3) == 0) {
        DrawWriting(scene, rng, std::max(4, radius_px));
      } else {
        DrawShape(scene, rng, radius_px);
      }
    }
  }
  return FromMat(scene);
}

Image Warp(const Image& item, const Homography& photo_from_item, int width_px, int height_px,
           unsigned background_seed) {
  Image photo{.width_px = width_px, .height_px = height_px, .channels = item.channels};
  if (background_seed != 0) {
    photo = DrawTexture(background_seed, width_px, height_px);
    if (item.channels == 1) photo = ToGrey(photo);
  } else {
    photo.pixels.assign(static_cast<std::size_t>(width_px) * height_px * item.channels, 128);
  }
  return WarpOnto(photo, item, photo_from_item);
}

Image WarpOnto(const Image& photo, const Image& item, const Homography& photo_from_item) {
  // The item is drawn at twice the size of the photo and averaged, which smooths its edges. Pixel x
  // of the photo covers the pixels 2x and 2x + 1, so a point p goes to 2p + 0.5.
  const cv::Matx33d h(photo_from_item.data());
  const cv::Matx33d twice(2, 0, 0.5, 0, 2, 0.5, 0, 0, 1);
  const cv::Size size(photo.width_px, photo.height_px);
  const cv::Mat cover(item.height_px, item.width_px, CV_8U, cv::Scalar(255));
  cv::Mat placed;
  cv::Mat mask;
  cv::warpPerspective(AsMat(item), placed, cv::Mat(twice * h), size * 2, cv::INTER_CUBIC,
                      cv::BORDER_REPLICATE);
  cv::warpPerspective(cover, mask, cv::Mat(twice * h), size * 2, cv::INTER_LINEAR,
                      cv::BORDER_CONSTANT);
  cv::resize(placed, placed, size, 0, 0, cv::INTER_AREA);
  cv::resize(mask, mask, size, 0, 0, cv::INTER_AREA);
  if (photo.channels == 3) cv::cvtColor(mask, mask, cv::COLOR_GRAY2BGR);
  cv::Mat front;
  cv::Mat back;
  cv::multiply(placed, mask, front, 1.0 / 255, CV_32F);
  cv::multiply(AsMat(photo), cv::Scalar::all(255) - mask, back, 1.0 / 255, CV_32F);
  cv::Mat out;
  cv::Mat(front + back).convertTo(out, CV_8U);
  return FromMat(out);
}

Homography FromCorners(int item_width_px, int item_height_px, const std::array<Point, 4>& photo) {
  const float right = static_cast<float>(item_width_px - 1);
  const float bottom = static_cast<float>(item_height_px - 1);
  const std::array<cv::Point2f, 4> from{{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}};
  std::array<cv::Point2f, 4> to;
  std::ranges::transform(photo, to.begin(), [](Point p) { return cv::Point2f(p.x_px, p.y_px); });
  const cv::Mat h = cv::getPerspectiveTransform(from.data(), to.data());
  Homography out;
  std::copy_n(h.ptr<double>(), out.size(), out.begin());
  return out;
}

Homography Similarity(int item_width_px, int item_height_px, double scale, double angle_rad,
                      Point centre) {
  const double c = scale * std::cos(angle_rad);
  const double s = scale * std::sin(angle_rad);
  const double x = (item_width_px - 1) / 2.0;
  const double y = (item_height_px - 1) / 2.0;
  return {c, -s, centre.x_px - c * x + s * y, s, c, centre.y_px - s * x - c * y, 0, 0, 1};
}

Image AddNoise(const Image& image, double sigma, unsigned seed) {
  cv::RNG rng(seed + 1);
  cv::Mat noise(AsMat(image).size(), CV_32FC(image.channels));
  rng.fill(noise, cv::RNG::NORMAL, 0, sigma);
  cv::Mat sum;
  cv::add(AsMat(image), noise, sum, cv::noArray(), CV_8U);
  return FromMat(sum);
}

void WriteImage(const std::filesystem::path& path, const Image& image) {
  std::filesystem::create_directories(path.parent_path());
  if (!cv::imwrite(path.string(), AsMat(image))) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace inlier::test

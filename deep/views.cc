// Synthetic photos from which a projection is learnt without labels (projection_fit.cc).
//
// What photos of one thing have in common, and in what they differ, can be learnt from pictures of
// a catalogue alone if plausible photos of them can be made. SyntheticView draws everything that a
// photo changes at random, in the order in which it happens: the item is placed and tilted before a
// backdrop, perhaps something covers it, the light changes, the lens blurs, the sensor adds noise,
// and the file is compressed. The ranges are wide rather than realistic, so that the embedding
// learns to ignore these changes. (render/ has a physical model of the same for measurements; this
// one takes a few milliseconds.)
#include "deep/views.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "core/random.h"

namespace inlier {
namespace {

constexpr int kSide_px = 416;  // long side of a view
constexpr double kMaxTurn_rad = 0.35;
constexpr double kMaxTilt = 0.22;  // how far a corner moves inwards, relative to the item's size

cv::Mat Colour(const Image& image) {
  cv::Mat colour = AsMat(image);
  if (image.channels == 1) cv::cvtColor(AsMat(image), colour, cv::COLOR_GRAY2BGR);
  return colour;
}

// A random part of the background that fills the view.
cv::Mat Backdrop(const cv::Mat& background, cv::Size size, Random& random) {
  const double share = random.Uniform(0.4, 1.0);
  const double scale = share * std::min(static_cast<double>(background.cols) / size.width,
                                        static_cast<double>(background.rows) / size.height);
  const int width = std::clamp(static_cast<int>(size.width * scale), 1, background.cols);
  const int height = std::clamp(static_cast<int>(size.height * scale), 1, background.rows);
  const int x = static_cast<int>(random.Uniform(0, background.cols - width + 1));
  const int y = static_cast<int>(random.Uniform(0, background.rows - height + 1));
  cv::Mat filled;
  cv::resize(background(cv::Rect(std::min(x, background.cols - width),
                                 std::min(y, background.rows - height), width, height)),
             filled, size, 0, 0, cv::INTER_AREA);
  return filled;
}

// Where the item's corners lie in the view. Some of the item may be outside.
std::vector<cv::Point2f> Corners(cv::Size item, cv::Size view, Random& random) {
  const double fit = std::min(static_cast<double>(view.width) / item.width,
                              static_cast<double>(view.height) / item.height);
  const double scale = fit * random.Uniform(0.5, 1.1);
  const double turn = random.Uniform(-1, 1) * random.Uniform(0, 1) * kMaxTurn_rad;
  const double half_w = scale * item.width / 2, half_h = scale * item.height / 2;
  const double free_x = std::max(view.width / 2.0 - half_w, 0.08 * view.width),
               free_y = std::max(view.height / 2.0 - half_h, 0.08 * view.height);
  const double cx = view.width / 2.0 + random.Uniform(-free_x, free_x),
               cy = view.height / 2.0 + random.Uniform(-free_y, free_y);
  const double signs[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
  std::vector<cv::Point2f> corners;
  for (const auto& sign : signs) {
    const double x = sign[0] * half_w * (1 - kMaxTilt * random.Uniform(0, 1)),
                 y = sign[1] * half_h * (1 - kMaxTilt * random.Uniform(0, 1));
    corners.emplace_back(static_cast<float>(cx + x * std::cos(turn) - y * std::sin(turn)),
                         static_cast<float>(cy + x * std::sin(turn) + y * std::cos(turn)));
  }
  return corners;
}

// Lays the item over the view.
void PlaceItem(const cv::Mat& item, cv::Mat& view, Random& random) {
  // The item is reduced first, because warping does not average pixels.
  cv::Mat small = item;
  const double most = 1.2 * kSide_px / std::max(item.cols, item.rows);
  if (most < 1) cv::resize(item, small, {}, most, most, cv::INTER_AREA);
  const std::vector<cv::Point2f> corners = Corners(small.size(), view.size(), random);
  const std::vector<cv::Point2f> own = {
      {0, 0},
      {static_cast<float>(small.cols), 0},
      {static_cast<float>(small.cols), static_cast<float>(small.rows)},
      {0, static_cast<float>(small.rows)}};
  const cv::Mat view_from_item = cv::getPerspectiveTransform(own, corners);
  cv::Mat warped, mask, inside(small.size(), CV_8UC1, cv::Scalar(255));
  cv::warpPerspective(small, warped, view_from_item, view.size(), cv::INTER_LINEAR,
                      cv::BORDER_REPLICATE);
  cv::warpPerspective(inside, mask, view_from_item, view.size(), cv::INTER_LINEAR);
  warped.copyTo(view, mask > 127);
}

// Covers a part of the view with a piece of another picture.
void Cover(cv::Mat& view, const cv::Mat& with, Random& random) {
  const int width = static_cast<int>(view.cols * random.Uniform(0.1, 0.45)),
            height = static_cast<int>(view.rows * random.Uniform(0.1, 0.45));
  const int x = static_cast<int>(random.Uniform(0, view.cols - width)),
            y = static_cast<int>(random.Uniform(0, view.rows - height));
  Backdrop(with, {std::max(width, 1), std::max(height, 1)}, random)
      .copyTo(view(cv::Rect(x, y, std::max(width, 1), std::max(height, 1))));
}

// Changes exposure, contrast and the colour of the light.
void ChangeTones(cv::Mat& view, Random& random) {
  const double gain = std::exp(random.Uniform(-0.7, 0.35)),
               gamma = std::exp(random.Uniform(-0.35, 0.35));
  const double warmth = random.Uniform(-0.2, 0.2), tint = random.Uniform(-0.06, 0.06),
               haze = random.Chance(0.5) ? random.Uniform(0, 0.18) : 0;
  const double gains[3] = {gain * std::exp(-warmth), gain * std::exp(tint),
                           gain * std::exp(warmth)};
  cv::Mat table(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    for (int c = 0; c < 3; ++c) {
      const double value = haze + (1 - haze) * std::min(gains[c] * std::pow(i / 255.0, gamma), 1.0);
      table.at<cv::Vec3b>(0, i)[c] = cv::saturate_cast<std::uint8_t>(255 * value);
    }
  }
  cv::LUT(view, table, view);
}

// Adds, in half of the views, a shadow that grows across the picture.
void CastShadow(cv::Mat& view, Random& random) {
  const double depth = random.Chance(0.5) ? random.Uniform(0, 0.5) : 0,
               towards = random.Uniform(0, 2 * std::numbers::pi);
  const double middle = random.Uniform(-0.4, 0.4), width = random.Uniform(0.05, 0.8);
  if (depth == 0) return;
  for (int y = 0; y < view.rows; ++y) {
    auto* row = view.ptr<cv::Vec3b>(y);
    for (int x = 0; x < view.cols; ++x) {
      const double along = (static_cast<double>(x) / view.cols - 0.5) * std::cos(towards) +
                           (static_cast<double>(y) / view.rows - 0.5) * std::sin(towards);
      const double light = 1 - depth * std::clamp((along - middle) / width + 0.5, 0.0, 1.0);
      for (int c = 0; c < 3; ++c) row[x][c] = static_cast<std::uint8_t>(row[x][c] * light);
    }
  }
}

void AddSensorNoise(cv::Mat& view, Random& random) {
  cv::Mat noise(view.size(), CV_16SC3), noisy;
  cv::RNG rng(static_cast<std::uint64_t>(random.Uniform(1, 0x1p52)));
  rng.fill(noise, cv::RNG::NORMAL, 0, random.Uniform(1, 12));
  cv::add(view, noise, noisy, cv::noArray(), CV_8UC3);
  view = noisy;
}

}  // namespace

Image SyntheticView(const Image& item, const Image& background, std::uint64_t seed) {
  Random random(seed);
  const cv::Mat front = Colour(item), behind = Colour(background);
  // A phone is held upright or sideways, mostly as the item stands.
  const bool upright = (item.height_px >= item.width_px) == random.Chance(0.8);
  const cv::Size size =
      upright ? cv::Size(kSide_px * 3 / 4, kSide_px) : cv::Size(kSide_px, kSide_px * 3 / 4);
  cv::Mat view = Backdrop(behind, size, random);
  PlaceItem(front, view, random);
  if (random.Chance(0.3)) Cover(view, behind, random);
  ChangeTones(view, random);
  CastShadow(view, random);
  if (random.Chance(0.6)) cv::GaussianBlur(view, view, {}, random.Uniform(0.3, 2.2));
  if (random.Chance(0.5)) AddSensorNoise(view, random);
  Image made = FromMat(view);
  const auto jpeg = EncodeJpeg(made, static_cast<int>(random.Uniform(35, 95)));
  auto decoded = DecodeImage(jpeg);
  return decoded ? std::move(*decoded) : made;
}

}  // namespace inlier

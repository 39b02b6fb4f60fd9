#include "render/light.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

// The chromaticity of a black body at luminance 1 in linear sRGB, blue first: Kim's cubic splines
// give x, then y from x, and the matrix is that from XYZ to sRGB (IEC 61966-2-1).
std::array<double, 3> BlackBody(double kelvin) {
  const double t = 1000 / kelvin;
  const double x = kelvin <= 4000 ? ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
                                  : ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390;
  double y;
  if (kelvin <= 2222) {
    y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683;
  } else if (kelvin <= 4000) {
    y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867;
  } else {
    y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483;
  }
  const double big_x = x / y, big_z = (1 - x - y) / y;
  return {0.0556434 * big_x - 0.2040259 + 1.0572252 * big_z,
          -0.9692660 * big_x + 1.8760108 + 0.0415560 * big_z,
          3.2404542 * big_x - 1.5371385 - 0.4985314 * big_z};
}

constexpr int kSubpixelBits = 4;

cv::Point Fixed(double x_px, double y_px) {
  return {static_cast<int>(std::lround(x_px * (1 << kSubpixelBits))),
          static_cast<int>(std::lround(y_px * (1 << kSubpixelBits)))};
}

// A frame of reference at the shadow's edge, with one axis along the edge and one into the dark.
struct Edge {
  Point centre;
  double angle_rad;
  cv::Point At(double along_px, double into_px) const {
    const double c = std::cos(angle_rad), s = std::sin(angle_rad);
    return Fixed(centre.x_px + along_px * c - into_px * s,
                 centre.y_px + along_px * s + into_px * c);
  }
};

// Fills a strip of shadow from `from_px` to `to_px` beyond the edge. Its near border is a wave.
void FillStrip(cv::Mat& mask, const Edge& edge, double from_px, double to_px, double wave_px,
               double reach_px, double wave_length_px, double phase_rad) {
  std::vector<cv::Point> outline;
  for (double along = -reach_px; along <= reach_px; along += 8) {
    const double at = along / wave_length_px * 2 * std::numbers::pi + phase_rad;
    outline.push_back(
        edge.At(along, from_px + wave_px * (std::sin(at) + 0.5 * std::sin(2.7 * at + 1))));
  }
  outline.push_back(edge.At(reach_px, to_px));
  outline.push_back(edge.At(-reach_px, to_px));
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(255), cv::LINE_AA,
               kSubpixelBits);
}

void FillLeaves(cv::Mat& mask, const Edge& edge, double size_px, double reach_px, Draws& draws) {
  // The foliage is closed, and becomes looser towards its edge.
  FillStrip(mask, edge, size_px * 0.22, 2 * reach_px, size_px * 0.04, reach_px, size_px * 0.7,
            draws.Angle_rad());
  const int count = static_cast<int>(std::min(800.0, 2 * reach_px / size_px * 90));
  for (int i = 0; i < count; ++i) {
    const double into_px = size_px * (0.3 - 0.6 * std::pow(draws.Uniform(0, 1), 1.5));
    const cv::Point middle = edge.At(draws.Uniform(-reach_px, reach_px), into_px);
    const double length_px = size_px * draws.Uniform(0.02, 0.07);
    const cv::Point axes = Fixed(length_px, length_px * draws.Uniform(0.35, 0.6));
    cv::ellipse(mask, middle, cv::Size(axes.x, axes.y), draws.Uniform(0, 180), 0, 360,
                cv::Scalar(255), cv::FILLED, cv::LINE_AA, kSubpixelBits);
  }
}

}  // namespace

std::array<float, 3> LightGains(double kelvin) {
  const std::array<double, 3> light = BlackBody(kelvin), daylight = BlackBody(6500);
  std::array<double, 3> gains;
  for (int c = 0; c < 3; ++c) gains[c] = std::max(0.0, light[c] / daylight[c]);
  const double strongest = *std::ranges::max_element(gains);
  return {static_cast<float>(gains[0] / strongest), static_cast<float>(gains[1] / strongest),
          static_cast<float>(gains[2] / strongest)};
}

void Filter(LinearImage& photo, const std::array<float, 3>& bgr) {
  for (std::size_t i = 0; i + 2 < photo.bgr.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) photo.bgr[i + c] *= bgr[c];
  }
}

void CastShadow(LinearImage& photo, double ambient, Point centre, double size_px, Draws draws) {
  cv::Mat mask(photo.height_px, photo.width_px, CV_8U, cv::Scalar(0));
  const double reach_px = std::hypot(photo.width_px, photo.height_px);
  const double shift_px = size_px * draws.Uniform(-0.1, 0.1);
  const Edge edge{{centre.x_px, static_cast<float>(centre.y_px + shift_px)}, draws.Angle_rad()};
  const std::uint64_t kind = draws.Bits() % 3;
  if (kind == 0) {
    FillStrip(mask, edge, 0, 2 * reach_px, 0, reach_px, 1, 0);
  } else if (kind == 1) {
    const double period_px = size_px * draws.Uniform(0.25, 0.45);
    for (double from = -reach_px; from < reach_px; from += period_px) {
      FillStrip(mask, edge, from, from + period_px * 0.5, 0, reach_px, 1, 0);
    }
  } else {
    FillLeaves(mask, edge, size_px, reach_px, draws);
  }
  // The sun is half a degree wide, so something at an arm's length casts a penumbra of a few
  // pixels.
  cv::GaussianBlur(mask, mask, {}, std::max(0.8, size_px * 0.003));
  for (std::size_t i = 0; i < photo.bgr.size(); ++i) {
    const float blocked = static_cast<float>(mask.data[i / 3]) / 255;
    photo.bgr[i] *= 1 - static_cast<float>(1 - ambient) * blocked;
  }
}

}  // namespace inlier

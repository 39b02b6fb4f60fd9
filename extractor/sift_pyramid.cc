// Where SIFT finds its keypoints: Lowe, IJCV 2004, §3 and §4. Octave by octave, scale_space.h finds
// extrema of the difference of Gaussians. Each is moved to the peak of a quadratic, and weak ones
// and edges are dropped (Refine).
#include "extractor/sift_pyramid.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "extractor/quadratic_peak.h"

namespace inlier {
namespace {

constexpr int kBorder_px = 5;
constexpr int kMinSide_px = 12;
constexpr float kCameraBlur_px = 0.5f;  // that every image is assumed to have: Lowe, §3.3
constexpr float kEdgeRatio = 10.0f;     // largest ratio of principal curvatures: Lowe, §4.1
constexpr int kMaxRefinements = 5;
constexpr std::size_t kKeptBytes = 96 << 20;  // of a thread: images to about 1.6 megapixels

// The blur that an image still needs when it is blurred by `from_px` already.
float FirstBlur_px(float from_px) {
  return std::sqrt(kBaseSigma_px * kBaseSigma_px - from_px * from_px);
}

// Moves from an extremum of D to the peak of the quadratic around it. There is no result when the
// peak is too far away or too weak, or lies on an edge. Lowe, §4.
std::optional<Spot> Refine(const Octave& octave, Extremum at, float contrast_threshold) {
  std::optional<QuadraticPeak> peak;
  for (int tries = 0;; ++tries) {
    if (tries == kMaxRefinements) return std::nullopt;
    peak = FitQuadratic([&](int dx, int dy, int dlevel) {
      return static_cast<float>(octave.Difference(at.level + dlevel, at.x + dx, at.y + dy));
    });
    if (!peak) return std::nullopt;
    if (peak->Within(0.5f)) break;
    const float far = static_cast<float>(std::max(octave.width(), octave.height()));
    if (!(peak->Within(far) && std::abs(peak->dlayer) < 8)) return std::nullopt;
    at.x += static_cast<int>(std::lround(peak->dx));
    at.y += static_cast<int>(std::lround(peak->dy));
    at.level += static_cast<int>(std::lround(peak->dlayer));
    if (at.level < 1 || at.level > kScalesPerOctave || at.x < kBorder_px || at.y < kBorder_px ||
        at.x >= octave.width() - kBorder_px || at.y >= octave.height() - kBorder_px) {
      return std::nullopt;
    }
  }
  const float response = std::abs(peak->height) / (255 * Plane::kFixedPoint);
  if (response * kScalesPerOctave < contrast_threshold) return std::nullopt;
  const float trace = peak->dxx + peak->dyy, det = peak->dxx * peak->dyy - peak->dxy * peak->dxy;
  if (det <= 0 || trace * trace * kEdgeRatio >= (kEdgeRatio + 1) * (kEdgeRatio + 1) * det) {
    return std::nullopt;
  }
  const float level = static_cast<float>(at.level) + peak->dlayer;
  return Spot{.level = at.level,
              .pixel_x = at.x,
              .pixel_y = at.y,
              .x = static_cast<float>(at.x) + peak->dx,
              .y = static_cast<float>(at.y) + peak->dy,
              .sigma_px = kBaseSigma_px * static_cast<float>(std::exp2(static_cast<double>(level) /
                                                                       kScalesPerOctave)),
              .response = response,
              .bright = peak->height < 0};
}

}  // namespace

void SiftPyramid::Scan(Octave& octave, int number, float contrast_threshold) {
  for (const Extremum& extremum :
       ScanOctave(octave, 0.5f * contrast_threshold / kScalesPerOctave * 255, kBorder_px)) {
    auto spot = Refine(octave, extremum, contrast_threshold);
    if (!spot) continue;
    spot->octave = number;
    spots_.push_back(*spot);
  }
}

std::size_t SiftPyramid::Begin(const Image& grey) {
  const int side = std::min(grey.width_px, grey.height_px);
  std::size_t count = 0;
  while (side >> count >= kMinSide_px) ++count;
  if (count == 0) return 0;
  if (octaves_.size() < count) octaves_.resize(count);
  FromGrey(grey, image_);
  Blur(image_, FirstBlur_px(kCameraBlur_px), octaves_[0].gauss[0]);
  return count;
}

void SiftPyramid::Prepare(const Image& grey) {
  const std::size_t count = Begin(grey);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) Halve(octaves_[i - 1].gauss[kScalesPerOctave], octaves_[i].gauss[0]);
    MakeLevels(octaves_[i]);
  }
}

const std::vector<Spot>& SiftPyramid::Search(const Image& grey, float contrast_threshold) {
  spots_.clear();
  const std::size_t count = Begin(grey);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) Halve(octaves_[i - 1].gauss[kScalesPerOctave], octaves_[i].gauss[0]);
    Scan(octaves_[i], static_cast<int>(i), contrast_threshold);
  }
  return spots_;
}

const std::vector<Spot>& SiftPyramid::SearchDoubled(const Image& grey, float contrast_threshold) {
  spots_.clear();
  if (std::min(grey.width_px, grey.height_px) < kMinSide_px) return spots_;
  FromGreyDoubled(grey, image_);
  Blur(image_, FirstBlur_px(2 * kCameraBlur_px), doubled_.gauss[0]);
  Scan(doubled_, -1, contrast_threshold);
  return spots_;
}

const Plane& SiftPyramid::LevelOf(const Spot& spot) const {
  const Octave& octave =
      spot.octave < 0 ? doubled_ : octaves_[static_cast<std::size_t>(spot.octave)];
  return octave.gauss[static_cast<std::size_t>(spot.level)];
}

void SiftPyramid::FreeIfLarge() {
  std::size_t pixels = image_.data.capacity();
  const auto add = [&pixels](const Octave& octave) {
    for (const Plane& plane : octave.gauss) pixels += plane.data.capacity();
  };
  add(doubled_);
  for (const Octave& octave : octaves_) add(octave);
  if (2 * pixels > kKeptBytes) *this = {};
}

std::vector<Spot> Strongest(std::vector<Spot> spots, std::size_t budget) {
  const auto pixel = [](const Spot& s) {
    return std::tie(s.octave, s.level, s.pixel_y, s.pixel_x);
  };
  std::sort(spots.begin(), spots.end(),
            [&pixel](const Spot& a, const Spot& b) { return pixel(a) < pixel(b); });
  spots.erase(std::unique(spots.begin(), spots.end(),
                          [&pixel](const Spot& a, const Spot& b) { return pixel(a) == pixel(b); }),
              spots.end());
  std::stable_sort(spots.begin(), spots.end(),
                   [](const Spot& a, const Spot& b) { return a.response > b.response; });
  if (spots.size() > budget) spots.resize(budget);
  return spots;
}

}  // namespace inlier

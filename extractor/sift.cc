#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <tuple>

#include "extractor/gradient_histograms.h"
#include "extractor/methods.h"
#include "extractor/scale_space.h"

namespace inlier {
namespace {

constexpr int kDims = 128;
constexpr int kBorder_px = 5;
constexpr int kMinSide_px = 12;
constexpr float kCameraBlur_px = 0.5f;   // assumed of every image
constexpr float kEdgeRatio = 10.0f;      // of principal curvatures, Lowe §4.1
constexpr float kPeakShare = 0.8f;       // of the highest peak; Lowe §5
constexpr std::size_t kMaxOrientations = 2;
constexpr int kMaxRefinements = 5;
// RootSIFT rows have unit L2 norm; entries rarely pass 0.5, so this scale spends the byte's range on
// the values that occur.
constexpr float kByteScale = 510.0f;

// An extremum with its sub-pixel place, in pixels of its octave.
struct Spot {
  int octave = 0;  // −1 is the doubled image
  int level = 0;   // nearest Gaussian level
  int pixel_x = 0, pixel_y = 0;
  float x = 0, y = 0;
  float sigma_px = 0;  // in pixels of its octave
  float response = 0;  // |D| at the extremum, of full scale
};

// Fits a quadratic to D around an extremum and moves to its peak: Brown and Lowe, BMVC 2002; Lowe §4.
std::optional<Spot> Refine(const Octave& octave, Extremum at, float contrast_threshold) {
  const Plane& first = octave.dog.front();
  float ox = 0, oy = 0, os = 0, peak = 0;
  float dxx = 0, dyy = 0, dxy = 0;
  for (int tries = 0;; ++tries) {
    if (tries == kMaxRefinements) return std::nullopt;
    const auto value = [&](int dx, int dy, int ds) {
      return octave.dog[static_cast<std::size_t>(at.level + ds)].row(at.y + dy)[at.x + dx];
    };
    const float v = value(0, 0, 0);
    const float gx = (value(1, 0, 0) - value(-1, 0, 0)) / 2;
    const float gy = (value(0, 1, 0) - value(0, -1, 0)) / 2;
    const float gs = (value(0, 0, 1) - value(0, 0, -1)) / 2;
    dxx = value(1, 0, 0) + value(-1, 0, 0) - 2 * v;
    dyy = value(0, 1, 0) + value(0, -1, 0) - 2 * v;
    const float dss = value(0, 0, 1) + value(0, 0, -1) - 2 * v;
    dxy = (value(1, 1, 0) - value(-1, 1, 0) - value(1, -1, 0) + value(-1, -1, 0)) / 4;
    const float dxs = (value(1, 0, 1) - value(-1, 0, 1) - value(1, 0, -1) + value(-1, 0, -1)) / 4;
    const float dys = (value(0, 1, 1) - value(0, -1, 1) - value(0, 1, -1) + value(0, -1, -1)) / 4;
    // Solves H o = −g by Cramer's rule.
    const float cxx = dyy * dss - dys * dys, cxy = dxs * dys - dxy * dss, cxs = dxy * dys - dxs * dyy;
    const float det = dxx * cxx + dxy * cxy + dxs * cxs;
    if (det == 0) return std::nullopt;
    const float cyy = dxx * dss - dxs * dxs, cys = dxy * dxs - dxx * dys, css = dxx * dyy - dxy * dxy;
    ox = -(cxx * gx + cxy * gy + cxs * gs) / det;
    oy = -(cxy * gx + cyy * gy + cys * gs) / det;
    os = -(cxs * gx + cys * gy + css * gs) / det;
    if (std::abs(ox) < 0.5f && std::abs(oy) < 0.5f && std::abs(os) < 0.5f) {
      peak = v + (gx * ox + gy * oy + gs * os) / 2;
      break;
    }
    const float far = static_cast<float>(std::max(first.width, first.height));
    if (!(std::abs(ox) < far && std::abs(oy) < far && std::abs(os) < 8)) return std::nullopt;
    at.x += static_cast<int>(std::lround(ox));
    at.y += static_cast<int>(std::lround(oy));
    at.level += static_cast<int>(std::lround(os));
    if (at.level < 1 || at.level > kScalesPerOctave || at.x < kBorder_px || at.y < kBorder_px ||
        at.x >= first.width - kBorder_px || at.y >= first.height - kBorder_px) {
      return std::nullopt;
    }
  }
  const float response = std::abs(peak) / 255;
  if (response * kScalesPerOctave < contrast_threshold) return std::nullopt;
  const float trace = dxx + dyy, det = dxx * dyy - dxy * dxy;
  if (det <= 0 || trace * trace * kEdgeRatio >= (kEdgeRatio + 1) * (kEdgeRatio + 1) * det) {
    return std::nullopt;
  }
  const float level = static_cast<float>(at.level) + os;
  return Spot{.level = at.level,
              .pixel_x = at.x,
              .pixel_y = at.y,
              .x = static_cast<float>(at.x) + ox,
              .y = static_cast<float>(at.y) + oy,
              .sigma_px = kBaseSigma_px * std::exp2(level / kScalesPerOctave),
              .response = response};
}

// Peaks of the histogram, highest first, by a parabola through each and its neighbours.
std::vector<float> Orientations(const std::array<float, kOrientationBins>& bins) {
  struct Peak {
    float height, angle_rad;
  };
  std::vector<Peak> peaks;
  const float highest = *std::max_element(bins.begin(), bins.end());
  constexpr std::size_t n = kOrientationBins;
  for (std::size_t i = 0; i < n; ++i) {
    const float left = bins[(i + n - 1) % n], at = bins[i], right = bins[(i + 1) % n];
    if (at <= left || at <= right || at < kPeakShare * highest) continue;
    float bin = static_cast<float>(i) + 0.5f * (left - right) / (left - 2 * at + right);
    if (bin < 0) bin += n;
    const float angle = bin * 2 * std::numbers::pi_v<float> / n;
    peaks.push_back({at, angle < 2 * std::numbers::pi_v<float> ? angle : 0});
  }
  std::stable_sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.height > b.height; });
  std::vector<float> angles;
  for (const Peak& peak : peaks) {
    if (angles.size() < kMaxOrientations) angles.push_back(peak.angle_rad);
  }
  return angles;
}

// Lowe §6.1: unit length, entries capped at 0.2, unit length again. Then RootSIFT (Arandjelović and
// Zisserman, CVPR 2012, §2): L1 norm and square roots; Euclidean distance becomes Hellinger's.
void ToBytes(std::array<float, kDims> histogram, std::uint8_t* out) {
  float squares = 0;
  for (const float h : histogram) squares += h * h;
  const float cap = 0.2f * std::sqrt(squares);
  float sum = 0;
  for (float& h : histogram) {
    h = std::min(h, cap);
    sum += h;
  }
  const float scale = sum > 0 ? 1 / sum : 0;  // the second normalisation cancels in the L1 norm
  for (int i = 0; i < kDims; ++i) {
    const float value = std::sqrt(histogram[static_cast<std::size_t>(i)] * scale) * kByteScale + 0.5f;
    out[i] = static_cast<std::uint8_t>(std::min(value, 255.0f));
  }
}

Plane ToPlane(const Image& grey) {
  Plane plane(grey.width_px, grey.height_px);
  for (int y = 0; y < plane.height; ++y) {
    const std::uint8_t* from = grey.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(grey.width_px);
    std::copy(from, from + plane.width, plane.row(y));
  }
  return plane;
}

// Twice the size, bilinear; pixel x of the source lies at 2x + 0.5 of the result.
Plane Double(const Plane& source) {
  Plane out(source.width * 2, source.height * 2);
  for (int y = 0; y < out.height; ++y) {
    const int near = y / 2, far = std::clamp(near + (y % 2 ? 1 : -1), 0, source.height - 1);
    const float* a = source.row(near);
    const float* b = source.row(far);
    float* to = out.row(y);
    for (int x = 0; x < out.width; ++x) {
      const int left = x / 2, right = std::clamp(left + (x % 2 ? 1 : -1), 0, source.width - 1);
      to[x] = (9 * a[left] + 3 * a[right] + 3 * b[left] + b[right]) / 16;
    }
  }
  return out;
}

class Sift final : public Extractor {
 public:
  explicit Sift(const ExtractorOptions& options) : Extractor(options) {}

 private:
  // Octaves from `first` on, with the spots of each. The doubled image alone, or all others.
  struct Pyramid {
    std::vector<Octave> octaves;
    int first = 0;
    std::vector<Spot> spots;
  };

  void Scan(Pyramid& pyramid, Plane base, int count) const {
    const auto contrast = static_cast<float>(options_.contrast_threshold);
    const float threshold = 0.5f * contrast / kScalesPerOctave * 255;
    for (int i = 0; i < count && std::min(base.width, base.height) >= kMinSide_px; ++i) {
      pyramid.octaves.push_back(BuildOctave(std::move(base)));
      const Octave& octave = pyramid.octaves.back();
      for (const Extremum& extremum : FindExtrema(octave, threshold, kBorder_px)) {
        auto spot = Refine(octave, extremum, contrast);
        if (!spot) continue;
        spot->octave = pyramid.first + i;
        pyramid.spots.push_back(*spot);
      }
      base = Halve(octave.gauss[kScalesPerOctave]);
    }
  }

  Features ExtractGrey(const Image& grey) const override {
    Features features{.kind = DescriptorKind::kBytes, .descriptor_bytes = kDims};
    if (std::min(grey.width_px, grey.height_px) < kMinSide_px) return features;
    const Plane image = ToPlane(grey);
    const auto blur = [](float from_px) { return std::sqrt(kBaseSigma_px * kBaseSigma_px - from_px * from_px); };
    Pyramid coarse, doubled{.first = -1};
    Scan(coarse, Blur(image, blur(kCameraBlur_px)), 16);
    const auto budget = static_cast<std::size_t>(options_.max_features);
    std::vector<Spot> spots = Strongest(std::move(coarse.spots), budget);
    // The doubled image costs four times the others together: it is searched when they leave half of
    // the budget free, and only fills the room that they leave.
    // Its spots must not push out others, or two photos of one thing, one with room and one without,
    // would keep different scales of it.
    if (spots.size() < budget / 2) {
      Scan(doubled, Blur(Double(image), blur(2 * kCameraBlur_px)), 1);
      const auto fine = Strongest(std::move(doubled.spots), budget - spots.size());
      spots.insert(spots.end(), fine.begin(), fine.end());
    }

    for (const Spot& spot : spots) {
      const Octave& octave = spot.octave < 0 ? doubled.octaves[0] : coarse.octaves[static_cast<std::size_t>(spot.octave)];
      const Plane& level = octave.gauss[static_cast<std::size_t>(spot.level)];
      for (const float angle : Orientations(OrientationHistogram(level, spot.x, spot.y, spot.sigma_px))) {
        if (features.size() == budget) return features;
        features.keypoints.push_back(ToKeypoint(spot, angle));
        features.descriptors.resize(features.size() * kDims);
        ToBytes(DescriptorHistogram(level, spot.x, spot.y, spot.sigma_px, angle),
                &features.descriptors[(features.size() - 1) * kDims]);
      }
    }
    return features;
  }

  // Strongest first. Several extrema can refine to one pixel; their equal descriptors would kill each
  // other in the ratio test, so one of them stays.
  static std::vector<Spot> Strongest(std::vector<Spot> spots, std::size_t budget) {
    const auto pixel = [](const Spot& s) { return std::tie(s.octave, s.level, s.pixel_y, s.pixel_x); };
    std::sort(spots.begin(), spots.end(), [&pixel](const Spot& a, const Spot& b) { return pixel(a) < pixel(b); });
    spots.erase(std::unique(spots.begin(), spots.end(),
                            [&pixel](const Spot& a, const Spot& b) { return pixel(a) == pixel(b); }),
                spots.end());
    std::stable_sort(spots.begin(), spots.end(),
                     [](const Spot& a, const Spot& b) { return a.response > b.response; });
    if (spots.size() > budget) spots.resize(budget);
    return spots;
  }

  static Keypoint ToKeypoint(const Spot& spot, float angle_rad) {
    const float scale = std::exp2(static_cast<float>(spot.octave));
    const float shift = spot.octave < 0 ? -0.25f : 0.0f;  // see Double
    return {.point = {spot.x * scale + shift, spot.y * scale + shift},
            .size_px = 2 * spot.sigma_px * scale,
            .angle_rad = angle_rad,
            .response = spot.response};
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options) {
  return std::make_unique<Sift>(options);
}

}  // namespace inlier

// SIFT (Lowe, IJCV 2004) with RootSIFT descriptors (Arandjelović and Zisserman, CVPR 2012).
//
// Octave by octave, scale_space.h finds extrema of the difference of Gaussians. Each is moved to
// the peak of a quadratic, and weak ones and edges are dropped (Refine). The strongest within the
// budget get one or two orientations and a histogram of gradients for each (gradient_histograms.h),
// which becomes a row of bytes (ToBytes) and then of coefficients (sift_coefficients.h). The image
// is doubled only when it has few features otherwise.
#include "extractor/sift.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <tuple>

#include "extractor/gradient_histograms.h"
#include "extractor/quadratic_peak.h"
#include "extractor/scale_space.h"
#include "extractor/sift_coefficients.h"

namespace inlier {
namespace {

constexpr int kDims = kSiftDims;
constexpr int kBorder_px = 5;
constexpr int kMinSide_px = 12;
constexpr float kCameraBlur_px = 0.5f;  // that every image is assumed to have: Lowe, §3.3
constexpr float kEdgeRatio = 10.0f;     // largest ratio of principal curvatures: Lowe, §4.1
constexpr float kPeakShare = 0.8f;      // of the highest peak, for a further orientation: Lowe, §5
constexpr std::size_t kMaxOrientations = 2;
constexpr int kMaxRefinements = 5;
// RootSIFT rows have unit L2 norm. As entries are rarely above 0.5, this scale spends the range of
// a byte on the values that occur.
constexpr float kByteScale = 510.0f;

// An extremum with its place to a fraction of a pixel, in pixels of its octave.
struct Spot {
  int octave = 0;  // −1 for the doubled image
  int level = 0;   // the nearest Gaussian level
  int pixel_x = 0, pixel_y = 0;
  float x = 0, y = 0;
  float sigma_px = 0;   // in pixels of its octave
  float response = 0;   // |D| at the extremum, as a share of full scale
  bool bright = false;  // a minimum of D: brighter than its surroundings
};

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

// The orientations of the histogram's peaks, highest first. The parabola through a bin and its
// neighbours gives the peak. Lowe, §5.
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
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Peak& a, const Peak& b) { return a.height > b.height; });
  std::vector<float> angles;
  for (const Peak& peak : peaks) {
    if (angles.size() < kMaxOrientations) angles.push_back(peak.angle_rad);
  }
  return angles;
}

// Lowe, §6.1: scale to unit length, cap the entries at 0.2, scale to unit length again. Then
// RootSIFT (Arandjelović and Zisserman, CVPR 2012, §2): divide by the L1 norm and take square
// roots, so that the Euclidean distance of two rows becomes the Hellinger distance of their
// histograms.
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
    const float value =
        std::sqrt(histogram[static_cast<std::size_t>(i)] * scale) * kByteScale + 0.5f;
    out[i] = static_cast<std::uint8_t>(std::min(value, 255.0f));
  }
}

class Sift final : public Extractor {
 public:
  explicit Sift(const ExtractorOptions& options) : Extractor(options) {}

 private:
  // Planes are kept from image to image, since fresh pages of memory cost as much as the blurring.
  struct Workspace {
    Plane image;
    Octave doubled;
    std::vector<Octave> octaves;

    std::size_t bytes() const {
      std::size_t pixels = image.data.capacity();
      const auto add = [&](const Octave& octave) {
        for (const Plane& plane : octave.gauss) pixels += plane.data.capacity();
      };
      add(doubled);
      for (const Octave& octave : octaves) add(octave);
      return 2 * pixels;
    }
  };
  static constexpr std::size_t kKeptBytes = 96
                                            << 20;  // of a thread: images to about 1.6 megapixels

  void Scan(Octave& octave, int number, std::vector<Spot>& spots) const {
    const auto contrast = static_cast<float>(options_.contrast_threshold);
    for (const Extremum& extremum :
         ScanOctave(octave, 0.5f * contrast / kScalesPerOctave * 255, kBorder_px)) {
      auto spot = Refine(octave, extremum, contrast);
      if (!spot) continue;
      spot->octave = number;
      spots.push_back(*spot);
    }
  }

  Features ExtractGrey(const Image& grey) const override {
    thread_local Workspace workspace;
    Features features = ExtractGrey(grey, workspace);
    if (workspace.bytes() > kKeptBytes) workspace = {};
    return features;
  }

  Features ExtractGrey(const Image& grey, Workspace& work) const {
    const std::size_t row_bytes = options_.sift_full ? kSiftDims : kSiftCoefficients;
    Features features{.kind = DescriptorKind::kBytes,
                      .descriptor_bytes = static_cast<std::uint16_t>(row_bytes)};
    const int side = std::min(grey.width_px, grey.height_px);
    if (side < kMinSide_px) return features;
    const auto blur = [](float from_px) {
      return std::sqrt(kBaseSigma_px * kBaseSigma_px - from_px * from_px);
    };
    std::size_t count = 0;
    while (side >> count >= kMinSide_px) ++count;
    if (work.octaves.size() < count) work.octaves.resize(count);
    FromGrey(grey, work.image);
    Blur(work.image, blur(kCameraBlur_px), work.octaves[0].gauss[0]);
    std::vector<Spot> found;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) Halve(work.octaves[i - 1].gauss[kScalesPerOctave], work.octaves[i].gauss[0]);
      Scan(work.octaves[i], static_cast<int>(i), found);
    }
    const auto budget = static_cast<std::size_t>(options_.max_features);
    std::vector<Spot> spots = Strongest(std::move(found), budget);
    // The doubled image costs four times as much as all other octaves. It is searched when these
    // leave half of the budget over, and only fills what they leave. Its spots must not push out
    // others: two photos of the same thing, one with room and one without, would then keep
    // different scales of it.
    if (spots.size() < budget / 2) {
      FromGreyDoubled(grey, work.image);
      Blur(work.image, blur(2 * kCameraBlur_px), work.doubled.gauss[0]);
      std::vector<Spot> fine;
      Scan(work.doubled, -1, fine);
      fine = Strongest(std::move(fine), budget - spots.size());
      spots.insert(spots.end(), fine.begin(), fine.end());
    }

    const auto level_of = [&work](const Spot& spot) -> const Plane& {
      const Octave& octave =
          spot.octave < 0 ? work.doubled : work.octaves[static_cast<std::size_t>(spot.octave)];
      return octave.gauss[static_cast<std::size_t>(spot.level)];
    };
    for (std::size_t i = 0; i < spots.size(); ++i) {
      const Spot& spot = spots[i];
      const Plane& level = level_of(spot);
      // The next spot may lie anywhere in the image, so its pixels are loaded into the cache while
      // this one is described.
      if (i + 1 < spots.size()) {
        const Spot& next = spots[i + 1];
        PrefetchPatch(level_of(next), next.pixel_x, next.pixel_y, next.sigma_px);
      }
      for (const float angle :
           Orientations(OrientationHistogram(level, spot.x, spot.y, spot.sigma_px))) {
        if (features.size() == budget) return features;
        features.keypoints.push_back(ToKeypoint(spot, angle));
        features.descriptors.resize(features.size() * row_bytes);
        Describe(DescriptorHistogram(level, spot.x, spot.y, spot.sigma_px, angle),
                 &features.descriptors[(features.size() - 1) * row_bytes]);
      }
    }
    return features;
  }

  void Describe(const std::array<float, kDims>& histogram, std::uint8_t* out) const {
    if (options_.sift_full) return ToBytes(histogram, out);
    std::array<std::uint8_t, kSiftDims> row{};
    ToBytes(histogram, row.data());
    ToSiftCoefficients(row.data(), out);
  }

  // The strongest spots, strongest first. Several extrema can be refined to the same pixel. Their
  // equal descriptors would rule each other out in the ratio test, so only one of them stays.
  static std::vector<Spot> Strongest(std::vector<Spot> spots, std::size_t budget) {
    const auto pixel = [](const Spot& s) {
      return std::tie(s.octave, s.level, s.pixel_y, s.pixel_x);
    };
    std::sort(spots.begin(), spots.end(),
              [&pixel](const Spot& a, const Spot& b) { return pixel(a) < pixel(b); });
    spots.erase(
        std::unique(spots.begin(), spots.end(),
                    [&pixel](const Spot& a, const Spot& b) { return pixel(a) == pixel(b); }),
        spots.end());
    std::stable_sort(spots.begin(), spots.end(),
                     [](const Spot& a, const Spot& b) { return a.response > b.response; });
    if (spots.size() > budget) spots.resize(budget);
    return spots;
  }

  static Keypoint ToKeypoint(const Spot& spot, float angle_rad) {
    const float scale = std::exp2(static_cast<float>(spot.octave));
    const float shift = spot.octave < 0 ? -0.25f : 0.0f;  // see FromGreyDoubled
    return {.point = {spot.x * scale + shift, spot.y * scale + shift},
            .size_px = 2 * spot.sigma_px * scale,
            .angle_rad = angle_rad,
            .response = spot.bright ? -spot.response : spot.response};
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options) {
  return std::make_unique<Sift>(options);
}

}  // namespace inlier

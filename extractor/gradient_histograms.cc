// The two histograms of SIFT (Lowe, IJCV 2004). Both take the gradient of a Gaussian level by
// central differences and weigh its magnitude by a Gaussian about the keypoint.
//
// The orientation histogram (§5) looks at every pixel of a disc. The descriptor (§6) looks at a
// grid of 16 × 16 samples that turns and scales with the keypoint: it finds the pixel of each
// sample, reads the gradients there, turns them into the keypoint's own frame, and spreads each
// over the neighbouring orientations, columns and rows of the 4 × 4 × 8 bins. As the grid is fixed,
// its spatial weights are constants.
//
// Floats are only added, multiplied and compared lane by lane and in a fixed order, so every
// machine gets the same histograms.
#include "extractor/gradient_histograms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/gradient_histograms.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "extractor/turn-inl.h"

#ifndef INLIER_EXTRACTOR_GRADIENT_HISTOGRAMS_ONCE
#define INLIER_EXTRACTOR_GRADIENT_HISTOGRAMS_ONCE
namespace inlier {

constexpr int kGrid = kDescriptorGrid;
constexpr int kGridSamples = kGrid * kGrid;
constexpr float kBinSigmas = 3.0f;  // width of a spatial bin
constexpr float kOrientationSigmas = 1.5f;
constexpr int kMaxRadius_px = 64;

// The place of a row or column of samples, in bins from the middle of the window.
constexpr float PlaceOf(int i) { return (static_cast<float>(i) + 0.5f) * (5.0f / kGrid) - 2.5f; }

// How much a row or column of samples counts in each bin. It counts in two bins at most, one at the
// edges of the window.
struct Shares {
  float of[kGrid][4] = {};
  int first_bin[kGrid] = {}, last_bin[kGrid] = {};  // between which the share is not zero
  constexpr Shares() {
    for (int i = 0; i < kGrid; ++i) {
      first_bin[i] = 3;
      for (int bin = 0; bin < 4; ++bin) {
        const float away = PlaceOf(i) - (static_cast<float>(bin) - 1.5f);
        const float share = 1.0f - (away < 0 ? -away : away);
        if (share <= 0) continue;
        of[i][bin] = share;
        first_bin[i] = std::min(first_bin[i], bin);
        last_bin[i] = bin;
      }
    }
  }
};
inline constexpr Shares kShares;

// What does not change from keypoint to keypoint for the samples of the descriptor's grid.
struct GridConstants {
  float u[kGridSamples], v[kGridSamples];  // place, in bins from the middle of the window
  float weight[kGridSamples];              // of a Gaussian whose sigma is 2 bins
  GridConstants() {
    for (int i = 0; i < kGrid; ++i) {
      for (int j = 0; j < kGrid; ++j) {
        u[j * kGrid + i] = PlaceOf(i);
        v[i * kGrid + j] = PlaceOf(i);
      }
    }
    for (int i = 0; i < kGridSamples; ++i)
      weight[i] = static_cast<float>(
          std::exp(-(static_cast<double>(u[i]) * u[i] + static_cast<double>(v[i]) * v[i]) / 8));
  }
};
inline const GridConstants kGridConstants;

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// As many pixels as a vector holds, as floats.
HWY_INLINE V LoadPixels(const std::uint16_t* pixels) {
  const D d;
  const hn::RebindToSigned<D> di;
  return hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(hn::Rebind<std::uint16_t, D>(), pixels)));
}

void OrientationHistogramImpl(const Plane& level, float x_px, float y_px, float sigma_px,
                              float* bins) {
  const D d;
  const hn::RebindToSigned<D> di;
  const int cx = static_cast<int>(std::lround(x_px)), cy = static_cast<int>(std::lround(y_px));
  const float window = kOrientationSigmas * sigma_px;
  const int radius = std::min(static_cast<int>(std::lround(3 * window)), kMaxRadius_px);
  alignas(64) float weight[2 * kMaxRadius_px + 1 + 64];
  for (int i = 0; i <= radius; ++i) {
    // In double: the library's float functions differ from machine to machine in the last bit.
    const auto w =
        static_cast<float>(std::exp(-0.5 * i * i / (static_cast<double>(window) * window)));
    weight[radius - i] = weight[radius + i] = w;
  }
  alignas(64) float strength[64];
  alignas(64) std::int32_t bin[64];
  // Neighbours often fall into one bin, and an addition would then wait for the one before it. Each
  // of four neighbours therefore has a histogram of its own. The last bin is the first one again.
  constexpr int kHistograms = 4;
  float sums[kHistograms][kOrientationBins + 1] = {};
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int y = std::max(cy - radius, 1); y <= std::min(cy + radius, level.height - 2); ++y) {
    const std::uint16_t* up = level.row(y - 1);
    const std::uint16_t* at = level.row(y);
    const std::uint16_t* down = level.row(y + 1);
    const auto row_weight = hn::Set(d, weight[y - cy + radius]);
    const int reach =
        static_cast<int>(std::sqrt(static_cast<float>(radius * radius - (y - cy) * (y - cy))));
    const int first = std::max(cx - reach, 1), last = std::min(cx + reach, level.width - 2);
    // Columns that are four apart share one, whichever column a row begins with.
    float* const of_column[kHistograms] = {
        sums[first % kHistograms], sums[(first + 1) % kHistograms], sums[(first + 2) % kHistograms],
        sums[(first + 3) % kHistograms]};
    for (int x = first; x <= last; x += lanes) {
      const auto dx = hn::Sub(LoadPixels(at + x + 1), LoadPixels(at + x - 1));
      const auto dy = hn::Sub(LoadPixels(down + x), LoadPixels(up + x));
      const auto magnitude = hn::Sqrt(hn::Add(hn::Mul(dx, dx), hn::Mul(dy, dy)));
      const auto w = hn::Mul(row_weight, hn::LoadU(d, weight + (x - cx + radius)));
      // What lies behind the last pixel of the disc has no strength and changes no sum.
      const auto within = hn::FirstN(d, static_cast<std::size_t>(last - x + 1));
      hn::StoreU(hn::IfThenElseZero(within, hn::Mul(magnitude, w)), d, strength);
      const auto turn = hn::Mul(Turn(dy, dx), hn::Set(d, static_cast<float>(kOrientationBins)));
      hn::StoreU(hn::ConvertTo(di, hn::Add(turn, hn::Set(d, 0.5f))), di, bin);
      if (lanes % kHistograms == 0) {
        for (int i = 0; i < lanes; i += kHistograms) {
          of_column[0][bin[i]] += strength[i];
          of_column[1][bin[i + 1]] += strength[i + 1];
          of_column[2][bin[i + 2]] += strength[i + 2];
          of_column[3][bin[i + 3]] += strength[i + 3];
        }
      } else {
        for (int i = 0; i < lanes; ++i) sums[(x + i) % kHistograms][bin[i]] += strength[i];
      }
    }
  }
  for (int i = 0; i < kOrientationBins; ++i)
    bins[i] = (sums[0][i] + sums[1][i]) + (sums[2][i] + sums[3][i]);
  constexpr int kAgain = kOrientationBins;
  bins[0] += (sums[0][kAgain] + sums[1][kAgain]) + (sums[2][kAgain] + sums[3][kAgain]);
}

constexpr std::size_t kRoom = kGridSamples + 64;  // and the widest vector

// The direction that is to the right for the keypoint.
struct Turned {
  float cosine, sine;
};

// The gradients of the level at the samples of the grid, across and down; zero where the level has
// none.
void SampleGradients(const Plane& level, float x_px, float y_px, float step_px, Turned right,
                     std::int32_t* across, std::int32_t* down) {
  const D d;
  const hn::RebindToSigned<D> di;
  const GridConstants& grid = kGridConstants;
  const auto cs = hn::Set(d, right.cosine * step_px), ss = hn::Set(d, right.sine * step_px);
  const auto last_x = hn::Set(d, static_cast<float>(level.width - 2));
  const auto last_y = hn::Set(d, static_cast<float>(level.height - 2));
  const auto one = hn::Set(d, 1.0f);
  const auto half = hn::Set(d, 0.5f);
  const auto stride = hn::Set(di, static_cast<std::int32_t>(level.stride));
  alignas(64) std::int32_t place[kRoom];  // in the level's memory; −1 where it has no gradient
  for (std::size_t i = 0; i < kGridSamples; i += hn::Lanes(d)) {
    const auto u = hn::LoadU(d, grid.u + i), v = hn::LoadU(d, grid.v + i);
    const auto x = hn::Add(hn::Set(d, x_px), hn::Sub(hn::Mul(u, cs), hn::Mul(v, ss)));
    const auto y = hn::Add(hn::Set(d, y_px), hn::Add(hn::Mul(u, ss), hn::Mul(v, cs)));
    const auto inside = hn::And(hn::And(hn::Ge(x, one), hn::Le(x, last_x)),
                                hn::And(hn::Ge(y, one), hn::Le(y, last_y)));
    const auto px = hn::ConvertTo(di, hn::Add(x, half)), py = hn::ConvertTo(di, hn::Add(y, half));
    const auto at = hn::Add(hn::Mul(py, stride), px);
    hn::Store(hn::IfThenElse(hn::RebindMask(di, inside), at, hn::Set(di, -1)), di, place + i);
  }
  // The pixels are read one by one, since gathers are no faster, and much slower on many machines.
  const std::uint16_t* pixels = level.data.data();
  const auto stride_px = static_cast<std::ptrdiff_t>(level.stride);
  for (std::size_t i = 0; i < kGridSamples; ++i) {
    across[i] = down[i] = 0;
    if (place[i] < 0) continue;
    const std::uint16_t* at = pixels + place[i];
    across[i] = at[1] - at[-1];
    down[i] = at[stride_px] - at[-stride_px];
  }
}

// Turns the gradients into the keypoint's own frame: their weighted magnitude, and their
// orientation as one of 8 bins and a fraction.
void MeasureGradients(const std::int32_t* across, const std::int32_t* down, Turned right,
                      float* strength, float* bin) {
  const D d;
  const hn::RebindToSigned<D> di;
  const auto c = hn::Set(d, right.cosine), s = hn::Set(d, right.sine);
  for (std::size_t i = 0; i < kGridSamples; i += hn::Lanes(d)) {
    const auto dx = hn::ConvertTo(d, hn::Load(di, across + i)),
               dy = hn::ConvertTo(d, hn::Load(di, down + i));
    const auto gx = hn::Add(hn::Mul(dx, c), hn::Mul(dy, s));
    const auto gy = hn::Sub(hn::Mul(dy, c), hn::Mul(dx, s));
    const auto magnitude = hn::Sqrt(hn::Add(hn::Mul(gx, gx), hn::Mul(gy, gy)));
    hn::Store(hn::Mul(magnitude, hn::LoadU(d, kGridConstants.weight + i)), d, strength + i);
    hn::Store(hn::Mul(Turn(gy, gx), hn::Set(d, 8.0f)), d, bin + i);
  }
}

// Spreads each sample over the 8 orientations, all at once, then over the bins of its column; a
// whole row of samples is then spread over the bins of its row.
void SpreadSamples(const float* strength, const float* bin, float* out) {
  const hn::CappedTag<float, 8> d8;
  const std::size_t wide = hn::Lanes(d8);
  alignas(64) float orientations[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  for (std::size_t o = 0; o < 8; o += wide) {
    const auto centre = hn::Load(d8, orientations + o);
    for (int gy = 0; gy < kGrid; ++gy) {
      hn::Vec<decltype(d8)> columns[4] = {hn::Zero(d8), hn::Zero(d8), hn::Zero(d8), hn::Zero(d8)};
      // Unrolled in full, so that the columns stay in registers.
#pragma GCC unroll 16
      for (int gx = 0; gx < kGrid; ++gx) {
        const int i = gy * kGrid + gx;
        const auto off = hn::Abs(hn::Sub(hn::Set(d8, bin[i]), centre));
        const auto distance = hn::Min(off, hn::Sub(hn::Set(d8, 8.0f), off));
        const auto share = hn::Max(hn::Zero(d8), hn::Sub(hn::Set(d8, 1.0f), distance));
        const auto value = hn::Mul(share, hn::Set(d8, strength[i]));
#pragma GCC unroll 4
        for (int b = 0; b < 4; ++b) {
          if (b < kShares.first_bin[gx] || b > kShares.last_bin[gx]) continue;
          columns[b] = hn::Add(columns[b], hn::Mul(value, hn::Set(d8, kShares.of[gx][b])));
        }
      }
      for (int r = kShares.first_bin[gy]; r <= kShares.last_bin[gy]; ++r) {
        const auto share = hn::Set(d8, kShares.of[gy][r]);
        for (int b = 0; b < 4; ++b) {
          float* to = out + (r * 4 + b) * 8 + o;
          hn::StoreU(hn::Add(hn::LoadU(d8, to), hn::Mul(columns[b], share)), d8, to);
        }
      }
    }
  }
}

void DescriptorHistogramImpl(const Plane& level, float x_px, float y_px, float sigma_px,
                             float angle_rad, float* out) {
  // In double: the library's float functions differ from machine to machine in the last bit.
  const Turned right{static_cast<float>(std::cos(static_cast<double>(angle_rad))),
                     static_cast<float>(std::sin(static_cast<double>(angle_rad)))};
  alignas(64) std::int32_t across[kRoom], down[kRoom];
  alignas(64) float strength[kRoom], bin[kRoom];
  SampleGradients(level, x_px, y_px, kBinSigmas * sigma_px, right, across, down);
  MeasureGradients(across, down, right, strength, bin);
  SpreadSamples(strength, bin, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(OrientationHistogramImpl);
HWY_EXPORT(DescriptorHistogramImpl);

}  // namespace

void PrefetchPatch(const Plane& level, int x, int y, float sigma_px) {
  const int reach =
      static_cast<int>(6 * sigma_px);  // most of the descriptor, all of the orientation
  constexpr int kLine_px = 32;
  const int left = std::max(x - reach, 0), right = std::min(x + reach, level.width - 1);
  for (int row = std::max(y - reach, 0); row <= std::min(y + reach, level.height - 1); ++row) {
    const std::uint16_t* pixels = level.row(row);
    for (int column = left; column < right + kLine_px; column += kLine_px)
      hwy::Prefetch(pixels + std::min(column, right));
  }
}

std::array<float, kOrientationBins> OrientationHistogram(const Plane& level, float x_px, float y_px,
                                                         float sigma_px) {
  std::array<float, kOrientationBins> raw{}, out{};
  HWY_DYNAMIC_DISPATCH(OrientationHistogramImpl)(level, x_px, y_px, sigma_px, raw.data());
  constexpr std::size_t n = kOrientationBins;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = (raw[(i + n - 2) % n] + raw[(i + 2) % n]) / 16 +
             (raw[(i + n - 1) % n] + raw[(i + 1) % n]) / 4 + raw[i] * 6 / 16;
  }
  return out;
}

std::array<float, 128> DescriptorHistogram(const Plane& level, float x_px, float y_px,
                                           float sigma_px, float angle_rad) {
  std::array<float, 128> out{};
  HWY_DYNAMIC_DISPATCH(DescriptorHistogramImpl)(level, x_px, y_px, sigma_px, angle_rad, out.data());
  return out;
}

}  // namespace inlier
#endif  // HWY_ONCE

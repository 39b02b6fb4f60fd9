// The orientation and the descriptor of SURF, both made from Haar responses, which are differences
// of box sums in an integral image: Bay et al., CVIU 2008, §4. A response is a square's right half
// minus its left half, and its lower half minus its upper half.
//
// Vectors find the places of the samples, on a disc for the orientation and on a turned grid for
// the descriptor. Their box sums are looked up one by one, and vectors weigh and sum them.
#include "extractor/haar_descriptor.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/haar_descriptor.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "extractor/turn-inl.h"

#ifndef INLIER_EXTRACTOR_HAAR_DESCRIPTOR_ONCE
#define INLIER_EXTRACTOR_HAAR_DESCRIPTOR_ONCE
namespace inlier {

constexpr std::size_t kVector = 64;  // numbers in the widest vector
constexpr int kGrid = 20;            // samples along each side of the descriptor, a sigma apart
constexpr std::size_t kGridSamples = kGrid * kGrid;
// The paper has 3.3 sigmas, and squares of 2 sigmas for the descriptor and of 4 for the
// orientation. docs/adr/0007-surf.md has the figures that support ours.
constexpr float kDescriptorSigmas = 7.0f;
constexpr float kGridSquare = 4.0f;  // side of a Haar square, in sigmas
constexpr float kDiscSquare = 5.0f;
constexpr std::size_t kDiscSamples = 109;  // points of a whole grid less than 6 from the middle
constexpr float kDiscSigmas = 2.0f;
constexpr std::size_t kTurnBins = 72;
constexpr std::size_t kWindowBins = 12;  // 60 degrees

// The places of the samples in sigmas, and their weights, which never change.
struct HaarConstants {
  float disc_u[kDiscSamples + kVector] = {}, disc_v[kDiscSamples + kVector] = {};
  float disc_weight[kDiscSamples + kVector] = {};
  float grid_u[kGridSamples + kVector] = {}, grid_v[kGridSamples + kVector] = {};
  float share[kGrid][4];  // of a row or column of samples in each of the 4 subregions
  HaarConstants() {
    std::size_t n = 0;
    for (int v = -6; v <= 6; ++v) {
      for (int u = -6; u <= 6; ++u) {
        if (u * u + v * v >= 36) continue;
        disc_u[n] = static_cast<float>(u);
        disc_v[n] = static_cast<float>(v);
        disc_weight[n++] = static_cast<float>(
            std::exp(-static_cast<double>(u * u + v * v) / (2.0 * kDiscSigmas * kDiscSigmas)));
      }
    }
    for (std::size_t i = 0; i < kGrid; ++i) {
      const float at = static_cast<float>(i) - 9.5f;
      const auto gauss = static_cast<float>(
          std::exp(-static_cast<double>(at) * at / (2.0 * kDescriptorSigmas * kDescriptorSigmas)));
      for (int region = 0; region < 4; ++region) {
        const float off = std::abs(at - (5 * static_cast<float>(region) - 7.5f)) / 5;
        share[i][region] = gauss * std::max(0.0f, 1 - off);
      }
      for (std::size_t j = 0; j < kGrid; ++j) {
        grid_u[i * kGrid + j] = at;
        grid_v[j * kGrid + i] = at;
      }
    }
  }
};
inline const HaarConstants kHaar;

// The rows or columns of samples that have a share in a subregion.
constexpr std::size_t FirstSample(std::size_t region) { return region == 0 ? 0 : 5 * region - 2; }
constexpr std::size_t EndSample(std::size_t region) {
  return std::min<std::size_t>(kGrid, 5 * region + 7);
}

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;

// The responses of `count` squares with a side of 2 `half_px`. Their middles are the pixel corners
// nearest to x0 + u a − v b, y0 + u b + v a, where x0, y0 is the blob. A response is zero where the
// square leaves the image. Vectors find the corners, but the sums are looked up one by one, since
// gathers are no faster, and much slower on many machines.
void HaarResponses(const IntegralImage& image, const Blob& blob, int half_px, float a, float b,
                   const float* us, const float* vs, std::size_t count, std::int32_t* across,
                   std::int32_t* down) {
  const D d;
  const DI di;
  alignas(64) std::int32_t corner[kGridSamples + kVector];
  const auto half = hn::Set(di, half_px),
             stride = hn::Set(di, static_cast<std::int32_t>(image.stride()));
  const auto right = hn::Set(di, image.width_px() - half_px),
             bottom = hn::Set(di, image.height_px() - half_px);
  const auto va = hn::Set(d, a), vb = hn::Set(d, b);
  // One half of the 1 leads from a pixel's centre to its corner, the other half rounds.
  const auto x0 = hn::Set(d, blob.x_px + 1), y0 = hn::Set(d, blob.y_px + 1);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto u = hn::LoadU(d, us + i), v = hn::LoadU(d, vs + i);
    const auto x =
        hn::ConvertTo(di, hn::Floor(hn::Add(x0, hn::Sub(hn::Mul(u, va), hn::Mul(v, vb)))));
    const auto y =
        hn::ConvertTo(di, hn::Floor(hn::Add(y0, hn::Add(hn::Mul(u, vb), hn::Mul(v, va)))));
    const auto inside = hn::And(hn::Eq(x, hn::Min(hn::Max(x, half), right)),
                                hn::Eq(y, hn::Min(hn::Max(y, half), bottom)));
    hn::StoreU(hn::IfThenElse(inside, hn::Add(hn::Mul(y, stride), x), hn::Set(di, -1)), di,
               corner + i);
  }
  const std::ptrdiff_t rise = static_cast<std::ptrdiff_t>(image.stride()) * half_px,
                       reach = half_px;
  const std::uint32_t* const sums = image.row(0);
  for (std::size_t i = 0; i < count; ++i) {
    across[i] = down[i] = 0;
    if (corner[i] < 0) continue;
    // Rows of corners, of which these are the middle ones.
    const std::uint32_t *const middle = sums + corner[i], *const above = middle - rise,
                               *const below = middle + rise;
    const std::uint32_t falling = below[reach] - above[-reach];
    const std::uint32_t rising = above[reach] - below[-reach];
    const std::uint32_t column = below[0] - above[0], row = middle[reach] - middle[-reach];
    across[i] = static_cast<std::int32_t>(falling - rising - column * 2);
    down[i] = static_cast<std::int32_t>(falling + rising - row * 2);
  }
}

// The weighted responses on the disc, dx and dy of each sample side by side, and the bin of the
// turn in which each of them points.
void DiscResponses(const IntegralImage& image, const Blob& blob, int half_px, float* slopes,
                   std::int32_t* bins) {
  const D d;
  const DI di;
  alignas(64) std::int32_t across[kDiscSamples + kVector], down[kDiscSamples + kVector];
  HaarResponses(image, blob, half_px, blob.sigma_px, 0, kHaar.disc_u, kHaar.disc_v, kDiscSamples,
                across, down);
  for (std::size_t i = 0; i < kDiscSamples; i += hn::Lanes(d)) {
    const auto gx = hn::ConvertTo(d, hn::LoadU(di, across + i)),
               gy = hn::ConvertTo(d, hn::LoadU(di, down + i));
    const auto weight = hn::LoadU(d, kHaar.disc_weight + i);
    hn::StoreInterleaved2(hn::Mul(gx, weight), hn::Mul(gy, weight), d, slopes + 2 * i);
    const auto bin =
        hn::ConvertTo(di, hn::Mul(Turn(gy, gx), hn::Set(d, static_cast<float>(kTurnBins))));
    hn::StoreU(hn::Min(bin, hn::Set(di, static_cast<std::int32_t>(kTurnBins - 1))), di, bins + i);
  }
}

// The responses in the blob's own frame, column by column of the grid: each sample's dx, |dx|, dy
// and |dy|.
void GridResponses(const IntegralImage& image, const Blob& blob, int half_px, Direction right,
                   float* samples) {
  const D d;
  const DI di;
  alignas(64) std::int32_t across[kGridSamples + kVector], down[kGridSamples + kVector];
  HaarResponses(image, blob, half_px, right.cosine * blob.sigma_px, right.sine * blob.sigma_px,
                kHaar.grid_u, kHaar.grid_v, kGridSamples, across, down);
  const auto c = hn::Set(d, right.cosine), s = hn::Set(d, right.sine);
  for (std::size_t i = 0; i < kGridSamples; i += hn::Lanes(d)) {
    const auto gx = hn::ConvertTo(d, hn::LoadU(di, across + i)),
               gy = hn::ConvertTo(d, hn::LoadU(di, down + i));
    const auto dx = hn::Add(hn::Mul(gx, c), hn::Mul(gy, s)),
               dy = hn::Sub(hn::Mul(gy, c), hn::Mul(gx, s));
    hn::StoreInterleaved4(dx, hn::Abs(dx), dy, hn::Abs(dy), d, samples + 4 * i);
  }
}

// Spreads the 4 numbers of each sample over the subregions of its column, for several rows of
// samples at once, and then a whole row of samples over the subregions of its row. Each subregion
// has `step` numbers in `out`.
void SumRegions(const float* samples, std::size_t step, float* out) {
  constexpr std::size_t kColumn = kGrid * 4;  // numbers of a column of samples
  const hn::CappedTag<float, 16> d;
  float columns[4][kColumn];
  for (std::size_t at = 0; at < kColumn; at += hn::Lanes(d)) {
    for (std::size_t r = 0; r < 4; ++r) {
      auto sum = hn::Zero(d);
      for (std::size_t x = FirstSample(r); x < EndSample(r); ++x) {
        const auto value = hn::LoadU(d, samples + x * kColumn + at);
        sum = hn::Add(sum, hn::Mul(value, hn::Set(d, kHaar.share[x][r])));
      }
      hn::StoreU(sum, d, columns[r] + at);
    }
  }
  const hn::CappedTag<float, 4> of_sample;
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      for (std::size_t part = 0; part < 4; part += hn::Lanes(of_sample)) {
        auto sum = hn::Zero(of_sample);
        for (std::size_t y = FirstSample(r); y < EndSample(r); ++y) {
          const auto value = hn::LoadU(of_sample, columns[c] + y * 4 + part);
          sum = hn::Add(sum, hn::Mul(value, hn::Set(of_sample, kHaar.share[y][r])));
        }
        hn::StoreU(sum, of_sample, out + (r * 4 + c) * step + part);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(DiscResponses);
HWY_EXPORT(GridResponses);
HWY_EXPORT(SumRegions);

// Half of the side of a Haar square, rounded to at least a pixel; 0 when the image is smaller than
// the square.
int HalfSquare(const IntegralImage& image, float sigmas) {
  const int half_px = std::max(1, static_cast<int>(std::lround(sigmas / 2)));
  return 2 * half_px <= std::min(image.width_px(), image.height_px()) ? half_px : 0;
}

}  // namespace

Direction DominantDirection(const IntegralImage& image, const Blob& blob) {
  const int half_px = HalfSquare(image, kDiscSquare * blob.sigma_px);
  if (half_px == 0) return {};
  float slopes[(kDiscSamples + kVector) * 2];
  std::int32_t bins[kDiscSamples + kVector];
  HWY_DYNAMIC_DISPATCH(DiscResponses)(image, blob, half_px, slopes, bins);
  // The sums of dx and dy in each bin, and the first ones again: the window slides past the full
  // turn.
  float sums[kTurnBins + kWindowBins][2] = {};
  for (std::size_t i = 0; i < kDiscSamples; ++i) {
    float* const sum = sums[bins[i]];
    sum[0] += slopes[2 * i];
    sum[1] += slopes[2 * i + 1];
  }
  std::copy_n(sums[0], 2 * kWindowBins, sums[kTurnBins]);
  float window_x = 0, window_y = 0;
  for (std::size_t i = 0; i < kWindowBins; ++i) {
    window_x += sums[i][0];
    window_y += sums[i][1];
  }
  float best = 0, best_x = 1, best_y = 0;
  for (std::size_t i = 0; i < kTurnBins; ++i) {
    if (const float squares = window_x * window_x + window_y * window_y; squares > best) {
      best = squares;
      best_x = window_x;
      best_y = window_y;
    }
    window_x += sums[i + kWindowBins][0] - sums[i][0];
    window_y += sums[i + kWindowBins][1] - sums[i][1];
  }
  const float length = std::sqrt(best_x * best_x + best_y * best_y);
  return {best_x / length, best_y / length};
}

std::array<float, 64> HaarSums(const IntegralImage& image, const Blob& blob, Direction right) {
  std::array<float, 64> out{};
  const int half_px = HalfSquare(image, kGridSquare * blob.sigma_px);
  if (half_px == 0) return out;
  float samples[(kGridSamples + kVector) * 4];
  HWY_DYNAMIC_DISPATCH(GridResponses)(image, blob, half_px, right, samples);
  HWY_DYNAMIC_DISPATCH(SumRegions)(samples, 4, out.data());
  return out;
}

std::array<float, 128> ExtendedHaarSums(const IntegralImage& image, const Blob& blob,
                                        Direction right) {
  std::array<float, 128> out{};
  const int half_px = HalfSquare(image, kGridSquare * blob.sigma_px);
  if (half_px == 0) return out;
  float samples[(kGridSamples + kVector) * 4];
  float across[kGridSamples * 4] = {}, down[kGridSamples * 4] = {};
  HWY_DYNAMIC_DISPATCH(GridResponses)(image, blob, half_px, right, samples);
  for (std::size_t i = 0; i < kGridSamples; ++i) {
    const float* const sample = samples + i * 4;
    std::copy_n(sample, 2, across + i * 4 + (sample[2] < 0 ? 0 : 2));
    std::copy_n(sample + 2, 2, down + i * 4 + (sample[0] < 0 ? 0 : 2));
  }
  HWY_DYNAMIC_DISPATCH(SumRegions)(across, 8, out.data());
  HWY_DYNAMIC_DISPATCH(SumRegions)(down, 8, out.data() + 4);
  return out;
}

}  // namespace inlier
#endif  // HWY_ONCE

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
constexpr int kGrid = 20;            // samples a side of the descriptor, a sigma apart
constexpr std::size_t kGridSamples = kGrid * kGrid;
constexpr float kDescriptorSigmas = 3.3f;
constexpr std::size_t kDiscSamples = 109;  // whole places less than 6 from the middle
constexpr float kDiscSigmas = 2.0f;
constexpr std::size_t kTurnBins = 72;
constexpr std::size_t kWindowBins = 12;  // 60 degrees

// Places of samples in sigmas, and what each always weighs.
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
        disc_weight[n++] = std::exp(static_cast<float>(-(u * u + v * v)) / (2 * kDiscSigmas * kDiscSigmas));
      }
    }
    for (std::size_t i = 0; i < kGrid; ++i) {
      const float at = static_cast<float>(i) - 9.5f;
      const float gauss = std::exp(-at * at / (2 * kDescriptorSigmas * kDescriptorSigmas));
      for (int region = 0; region < 4; ++region) {
        const float off = std::abs(at - (5 * static_cast<float>(region) - 7.5f)) / 5;
        share[i][region] = gauss * std::max(0.0f, 1 - off);
      }
      for (std::size_t j = 0; j < kGrid; ++j) {
        grid_u[j * kGrid + i] = at;
        grid_v[i * kGrid + j] = at;
      }
    }
  }
};
inline const HaarConstants kHaar;

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using DU = hn::RebindToUnsigned<D>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;

// Right minus left and lower minus upper half of squares of 2 `half` pixels around the nearest pixel
// corners; zero where the square leaves the image.
struct HaarFilter {
  const std::uint32_t* sums;
  hn::Vec<DI> stride, half, right, bottom;

  HaarFilter(const IntegralImage& image, int half_px)
      : sums(image.row(0)),
        stride(hn::Set(DI(), static_cast<std::int32_t>(image.stride()))),
        half(hn::Set(DI(), half_px)),
        right(hn::Set(DI(), image.width_px() - half_px)),
        bottom(hn::Set(DI(), image.height_px() - half_px)) {}

  HWY_INLINE void At(V x_px, V y_px, V& dx, V& dy) const {
    const D d;
    const DU du;
    const DI di;
    // Pixel centres are half a pixel from corners.
    const auto one = hn::Set(d, 1.0f);
    const auto x = hn::ConvertTo(di, hn::Floor(hn::Add(x_px, one)));
    const auto y = hn::ConvertTo(di, hn::Floor(hn::Add(y_px, one)));
    const auto in_x = hn::Min(hn::Max(x, half), right), in_y = hn::Min(hn::Max(y, half), bottom);
    const auto inside = hn::RebindMask(d, hn::And(hn::Eq(x, in_x), hn::Eq(y, in_y)));
    const auto middle = hn::Mul(in_y, stride), rise = hn::Mul(half, stride);
    const auto top = hn::Sub(middle, rise), end = hn::Add(middle, rise);
    const auto sum = [&](hn::Vec<DI> row, hn::Vec<DI> column) {
      return hn::GatherIndex(du, sums, hn::Add(row, column));
    };
    const auto left = hn::Sub(in_x, half), far = hn::Add(in_x, half);
    // Falling and rising diagonal of the square, its middle column and its middle row.
    const auto falling = hn::Sub(sum(end, far), sum(top, left));
    const auto rising = hn::Sub(sum(top, far), sum(end, left));
    const auto column = hn::Sub(sum(end, in_x), sum(top, in_x));
    const auto row = hn::Sub(sum(middle, far), sum(middle, left));
    const auto across = hn::Sub(hn::Sub(falling, rising), hn::Add(column, column));
    const auto down = hn::Sub(hn::Add(falling, rising), hn::Add(row, row));
    dx = hn::IfThenElseZero(inside, hn::ConvertTo(d, hn::BitCast(di, across)));
    dy = hn::IfThenElseZero(inside, hn::ConvertTo(d, hn::BitCast(di, down)));
  }
};

void DiscResponses(const IntegralImage& image, const Blob& blob, int half_px, float* dx, float* dy, float* turn) {
  const D d;
  const HaarFilter haar(image, half_px);
  const auto sigma = hn::Set(d, blob.sigma_px);
  const auto x0 = hn::Set(d, blob.x_px), y0 = hn::Set(d, blob.y_px);
  for (std::size_t i = 0; i < kDiscSamples; i += hn::Lanes(d)) {
    V gx, gy;
    haar.At(hn::Add(x0, hn::Mul(hn::LoadU(d, kHaar.disc_u + i), sigma)),
            hn::Add(y0, hn::Mul(hn::LoadU(d, kHaar.disc_v + i), sigma)), gx, gy);
    const auto weight = hn::LoadU(d, kHaar.disc_weight + i);
    hn::StoreU(hn::Mul(gx, weight), d, dx + i);
    hn::StoreU(hn::Mul(gy, weight), d, dy + i);
    hn::StoreU(hn::Mul(Turn(gy, gx), hn::Set(d, static_cast<float>(kTurnBins))), d, turn + i);
  }
}

// Responses in the blob's own frame, by rows of the grid.
void GridResponses(const IntegralImage& image, const Blob& blob, int half_px, Direction right, float* dx, float* dy) {
  const D d;
  const HaarFilter haar(image, half_px);
  const auto c = hn::Set(d, right.cosine), s = hn::Set(d, right.sine);
  const auto cs = hn::Set(d, right.cosine * blob.sigma_px), ss = hn::Set(d, right.sine * blob.sigma_px);
  const auto x0 = hn::Set(d, blob.x_px), y0 = hn::Set(d, blob.y_px);
  for (std::size_t i = 0; i < kGridSamples; i += hn::Lanes(d)) {
    const auto u = hn::LoadU(d, kHaar.grid_u + i), v = hn::LoadU(d, kHaar.grid_v + i);
    V gx, gy;
    haar.At(hn::Add(x0, hn::Sub(hn::Mul(u, cs), hn::Mul(v, ss))),
            hn::Add(y0, hn::Add(hn::Mul(u, ss), hn::Mul(v, cs))), gx, gy);
    hn::StoreU(hn::Add(hn::Mul(gx, c), hn::Mul(gy, s)), d, dx + i);
    hn::StoreU(hn::Sub(hn::Mul(gy, c), hn::Mul(gx, s)), d, dy + i);
  }
}

// Spreads 4 numbers of each sample over the subregions of its column, and a whole row of samples over
// the subregions of its row. `out` has `step` numbers a subregion.
void SumRegions(const float* samples, std::size_t step, float* out) {
  const hn::CappedTag<float, 4> d;
  for (std::size_t part = 0; part < 4; part += hn::Lanes(d)) {
    for (std::size_t y = 0; y < kGrid; ++y) {
      hn::Vec<decltype(d)> columns[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      for (std::size_t x = 0; x < kGrid; ++x) {
        const auto value = hn::LoadU(d, samples + (y * kGrid + x) * 4 + part);
        const std::size_t first = x < 3 ? 0 : (x - 3) / 5, last = std::min<std::size_t>(3, (x + 2) / 5);
        for (std::size_t r = first; r <= last; ++r) {
          columns[r] = hn::Add(columns[r], hn::Mul(value, hn::Set(d, kHaar.share[x][r])));
        }
      }
      for (std::size_t r = 0; r < 4; ++r) {
        if (kHaar.share[y][r] == 0) continue;
        const auto share = hn::Set(d, kHaar.share[y][r]);
        for (std::size_t c = 0; c < 4; ++c) {
          float* to = out + (r * 4 + c) * step + part;
          hn::StoreU(hn::Add(hn::LoadU(d, to), hn::Mul(columns[c], share)), d, to);
        }
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

// Half of a Haar square of `sigmas`, at least a pixel; none fits an image smaller than it.
int HalfSquare(const IntegralImage& image, float sigmas) {
  const int half_px = std::max(1, static_cast<int>(std::lround(sigmas / 2)));
  return 2 * half_px <= std::min(image.width_px(), image.height_px()) ? half_px : 0;
}

}  // namespace

Direction DominantDirection(const IntegralImage& image, const Blob& blob) {
  const int half_px = HalfSquare(image, 4 * blob.sigma_px);
  if (half_px == 0) return {};
  float dx[kDiscSamples + kVector], dy[kDiscSamples + kVector], turn[kDiscSamples + kVector];
  HWY_DYNAMIC_DISPATCH(DiscResponses)(image, blob, half_px, dx, dy, turn);
  // Sums up to each bin; the first bins come once more, so that windows may pass the full turn.
  float bin_x[kTurnBins] = {}, bin_y[kTurnBins] = {};
  for (std::size_t i = 0; i < kDiscSamples; ++i) {
    const auto bin = std::min(static_cast<std::size_t>(turn[i]), kTurnBins - 1);
    bin_x[bin] += dx[i];
    bin_y[bin] += dy[i];
  }
  float window_x = 0, window_y = 0;
  for (std::size_t i = 0; i < kWindowBins; ++i) {
    window_x += bin_x[i];
    window_y += bin_y[i];
  }
  float best = 0, best_x = 1, best_y = 0;
  for (std::size_t i = 0; i < kTurnBins; ++i) {
    if (const float squares = window_x * window_x + window_y * window_y; squares > best) {
      best = squares;
      best_x = window_x;
      best_y = window_y;
    }
    window_x += bin_x[(i + kWindowBins) % kTurnBins] - bin_x[i];
    window_y += bin_y[(i + kWindowBins) % kTurnBins] - bin_y[i];
  }
  const float length = std::sqrt(best_x * best_x + best_y * best_y);
  return {best_x / length, best_y / length};
}

std::array<float, 64> HaarSums(const IntegralImage& image, const Blob& blob, Direction right) {
  std::array<float, 64> out{};
  const int half_px = HalfSquare(image, 2 * blob.sigma_px);
  if (half_px == 0) return out;
  float dx[kGridSamples + kVector], dy[kGridSamples + kVector], samples[kGridSamples * 4];
  HWY_DYNAMIC_DISPATCH(GridResponses)(image, blob, half_px, right, dx, dy);
  for (std::size_t i = 0; i < kGridSamples; ++i) {
    float* const to = samples + i * 4;
    to[0] = dx[i];
    to[1] = std::abs(dx[i]);
    to[2] = dy[i];
    to[3] = std::abs(dy[i]);
  }
  HWY_DYNAMIC_DISPATCH(SumRegions)(samples, 4, out.data());
  return out;
}

std::array<float, 128> ExtendedHaarSums(const IntegralImage& image, const Blob& blob, Direction right) {
  std::array<float, 128> out{};
  const int half_px = HalfSquare(image, 2 * blob.sigma_px);
  if (half_px == 0) return out;
  float dx[kGridSamples + kVector], dy[kGridSamples + kVector];
  float across[kGridSamples * 4] = {}, down[kGridSamples * 4] = {};
  HWY_DYNAMIC_DISPATCH(GridResponses)(image, blob, half_px, right, dx, dy);
  for (std::size_t i = 0; i < kGridSamples; ++i) {
    float* const to_x = across + i * 4 + (dy[i] < 0 ? 0 : 2);
    to_x[0] = dx[i];
    to_x[1] = std::abs(dx[i]);
    float* const to_y = down + i * 4 + (dx[i] < 0 ? 0 : 2);
    to_y[0] = dy[i];
    to_y[1] = std::abs(dy[i]);
  }
  HWY_DYNAMIC_DISPATCH(SumRegions)(across, 8, out.data());
  HWY_DYNAMIC_DISPATCH(SumRegions)(down, 8, out.data() + 4);
  return out;
}

}  // namespace inlier
#endif  // HWY_ONCE

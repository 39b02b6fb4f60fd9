#include "extractor/scale_space.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/scale_space.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Sums are written as Add(Mul): a fused multiply-add rounds differently, and features must not depend
// on the machine.
HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;

// out[x] = k[0] in[x] + Σ k[i] (before(i)[x] + after(i)[x])
template <class Before, class After>
HWY_INLINE void SymmetricSum(const float* centre, const Before& before, const After& after,
                             const std::vector<float>& kernel, std::size_t count, float* out) {
  const D d;
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    auto sum = hn::Mul(hn::LoadU(d, centre + x), hn::Set(d, kernel[0]));
    for (std::size_t i = 1; i < kernel.size(); ++i) {
      const auto pair = hn::Add(hn::LoadU(d, before(i) + x), hn::LoadU(d, after(i) + x));
      sum = hn::Add(sum, hn::Mul(pair, hn::Set(d, kernel[i])));
    }
    hn::StoreU(sum, d, out + x);
  }
}

// `kernel`: the centre tap and one side. Vertical, then horizontal, a row at a time, so that the
// intermediate row stays in the nearest cache.
void BlurRows(const Plane& source, const std::vector<float>& kernel, Plane& out, Plane* difference) {
  const D d;
  const int radius = static_cast<int>(kernel.size()) - 1;
  const auto pad = static_cast<std::size_t>(radius);
  const auto width = static_cast<std::size_t>(source.width);
  std::vector<float> buffer(source.stride + 2 * pad + 2 * hn::Lanes(d));
  float* middle = buffer.data() + pad;
  std::vector<const float*> above(kernel.size()), below(kernel.size());
  const auto mirror = [](int i, int size) {
    if (size == 1) return 0;
    const int period = 2 * (size - 1);
    i = ((i % period) + period) % period;
    return i < size ? i : period - i;
  };
  for (int y = 0; y < source.height; ++y) {
    for (int i = 1; i <= radius; ++i) {
      above[static_cast<std::size_t>(i)] = source.row(mirror(y - i, source.height));
      below[static_cast<std::size_t>(i)] = source.row(mirror(y + i, source.height));
    }
    SymmetricSum(
        source.row(y), [&](std::size_t i) { return above[i]; }, [&](std::size_t i) { return below[i]; },
        kernel, width, middle);
    for (int i = 1; i <= radius; ++i) {
      middle[-i] = middle[mirror(-i, source.width)];
      middle[source.width - 1 + i] = middle[mirror(source.width - 1 + i, source.width)];
    }
    SymmetricSum(
        middle, [&](std::size_t i) { return middle - i; }, [&](std::size_t i) { return middle + i; },
        kernel, width, out.row(y));
    if (difference) {
      const float* a = out.row(y);
      const float* b = source.row(y);
      float* to = difference->row(y);
      for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        hn::StoreU(hn::Sub(hn::LoadU(d, a + x), hn::LoadU(d, b + x)), d, to + x);
      }
    }
  }
}

void ExtremaOfLevel(const Plane& below, const Plane& at, const Plane& above, int level, float threshold,
                    int border, std::vector<Extremum>& out) {
  const D d;
  const auto limit = hn::Set(d, threshold);
  const auto zero = hn::Zero(d);
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int y = border; y < at.height - border; ++y) {
    const float* rows[9] = {at.row(y - 1),    at.row(y),        at.row(y + 1),
                            below.row(y - 1), below.row(y),     below.row(y + 1),
                            above.row(y - 1), above.row(y),     above.row(y + 1)};
    for (int x = border; x < at.width - border; x += lanes) {
      const auto v = hn::LoadU(d, rows[1] + x);
      const auto strong = hn::Gt(hn::Abs(v), limit);
      if (hn::AllFalse(d, strong)) continue;
      auto most = v, least = v;
      const auto widen = [&](const float* row) {
        for (int dx = -1; dx <= 1; ++dx) {
          const auto n = hn::LoadU(d, row + x + dx);
          most = hn::Max(most, n);
          least = hn::Min(least, n);
        }
      };
      for (int r = 0; r < 3; ++r) widen(rows[r]);
      const auto candidate = [&] {
        const auto peak = hn::And(hn::Gt(v, zero), hn::Eq(v, most));
        const auto pit = hn::And(hn::Lt(v, zero), hn::Eq(v, least));
        return hn::And(strong, hn::Or(peak, pit));
      };
      if (hn::AllFalse(d, candidate())) continue;
      for (int r = 3; r < 9; ++r) widen(rows[r]);
      const auto found = candidate();
      if (hn::AllFalse(d, found)) continue;
      std::uint8_t bits[16] = {};
      hn::StoreMaskBits(d, found, bits);
      for (int i = 0; i < lanes && x + i < at.width - border; ++i) {
        if (bits[i / 8] >> i % 8 & 1) out.push_back({x + i, y, level});
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

HWY_EXPORT(BlurRows);
HWY_EXPORT(ExtremaOfLevel);
constexpr std::size_t kVector = 16;  // floats in the widest vector

std::vector<float> GaussianKernel(float sigma_px) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3.0f * sigma_px)));
  std::vector<float> kernel(static_cast<std::size_t>(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    const double tap = std::exp(-0.5 * i * i / (static_cast<double>(sigma_px) * sigma_px));
    kernel[static_cast<std::size_t>(i)] = static_cast<float>(tap);
    sum += i == 0 ? tap : 2 * tap;
  }
  for (float& tap : kernel) tap = static_cast<float>(tap / sum);
  return kernel;
}

}  // namespace

Plane::Plane(int width_px, int height_px)
    : width(width_px),
      height(height_px),
      stride((static_cast<std::size_t>(width_px) + kVector - 1) / kVector * kVector + kVector) {
  // Rows a multiple of 4 KiB apart would share cache sets.
  if (stride % 1024 == 0) stride += kVector;
  data = std::make_unique_for_overwrite<float[]>(stride * static_cast<std::size_t>(height_px) + kVector);
  for (int y = 0; y < height; ++y) std::fill(row(y) + width, row(y) + stride, 0.0f);
}

Plane Blur(const Plane& source, float sigma_px, Plane* difference) {
  Plane out(source.width, source.height);
  if (difference) *difference = Plane(source.width, source.height);
  HWY_DYNAMIC_DISPATCH(BlurRows)(source, GaussianKernel(sigma_px), out, difference);
  return out;
}

Octave BuildOctave(Plane base) {
  Octave octave;
  octave.gauss.push_back(std::move(base));
  octave.dog.resize(kScalesPerOctave + 2);
  const double step = std::pow(2.0, 1.0 / kScalesPerOctave);
  double sigma = kBaseSigma_px;
  for (int level = 0; level < kScalesPerOctave + 2; ++level) {
    const double more = sigma * std::sqrt(step * step - 1);  // blurs add in squares
    octave.gauss.push_back(Blur(octave.gauss.back(), static_cast<float>(more),
                                &octave.dog[static_cast<std::size_t>(level)]));
    sigma *= step;
  }
  return octave;
}

Plane Halve(const Plane& source) {
  Plane out(source.width / 2, source.height / 2);
  for (int y = 0; y < out.height; ++y) {
    const float* from = source.row(2 * y);
    float* to = out.row(y);
    for (int x = 0; x < out.width; ++x) to[x] = from[2 * x];
  }
  return out;
}

std::vector<Extremum> FindExtrema(const Octave& octave, float threshold, int border) {
  std::vector<Extremum> out;
  for (int level = 1; level <= kScalesPerOctave; ++level) {
    const auto i = static_cast<std::size_t>(level);
    HWY_DYNAMIC_DISPATCH(ExtremaOfLevel)
    (octave.dog[i - 1], octave.dog[i], octave.dog[i + 1], level, threshold, border, out);
  }
  return out;
}

}  // namespace inlier
#endif  // HWY_ONCE

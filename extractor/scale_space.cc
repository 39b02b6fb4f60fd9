// The detector of SIFT: extrema of differences of Gaussians in place and scale. Lowe, IJCV 2004,
// §3.
//
// ScanRows goes down an octave in strips of 16 rows. Each strip is blurred from level to level, and
// each level lags behind the one before it by the reach of its kernel. As soon as all levels have a
// row, its differences are searched for extrema. So every row is read again while it is still in
// the cache. Blurs are separable kernels in fixed point of 16 bits, with a loop of constant length
// for each kernel size that occurs.
//
// Only whole numbers are used, so every machine finds the same extrema.
#include "extractor/scale_space.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/scale_space.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef INLIER_EXTRACTOR_SCALE_SPACE_ONCE
#define INLIER_EXTRACTOR_SCALE_SPACE_ONCE
namespace inlier {
constexpr std::size_t kMaxTaps = 11;     // for a sigma of at most 3.3 px, three sigmas to each side
constexpr std::size_t kMaxWideTaps = 6;  // the same with taps that are two pixels apart

// The taps of a symmetric kernel, in 1/2^16: the centre one, then twice each of one side, then
// zeros.
struct Taps {
  std::uint16_t of[kMaxTaps] = {};
  int count = 0;
  int step_px = 1;

  int reach_px() const { return (count - 1) * step_px; }
};

// The kernels find both of two equal values that touch each other. Only the first of them counts.
inline bool IsFirst(const Octave& octave, const Extremum& e) {
  const int v = octave.Difference(e.level, e.x, e.y);
  for (int ds = -1; ds <= 0; ++ds) {
    for (int dy = -1; dy <= (ds < 0 ? 1 : 0); ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        if (ds == 0 && dy == 0 && dx == 0) return true;
        if (octave.Difference(e.level + ds, e.x + dx, e.y + dy) == v) return false;
      }
    }
  }
  return true;
}
}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D16 = hn::ScalableTag<std::uint16_t>;

// out[x] = Σ taps[i] · mean(before(i)[x], after(i)[x]) / 2^16. A rounded mean and the high half of
// a product fit 16 bits. Each product loses half a unit on average, and `rounding` makes up for
// that.
template <std::size_t kTaps, class Before, class After>
HWY_INLINE void SymmetricSum(const std::uint16_t* centre, const Before& before, const After& after,
                             const std::uint16_t* taps, std::size_t count, std::uint16_t* out) {
  const D16 d;
  const std::size_t lanes = hn::Lanes(d);
  const auto rounding = hn::Set(d, static_cast<std::uint16_t>(kTaps / 2));
  const auto first = hn::Set(d, taps[0]);
  for (std::size_t x = 0; x < count; x += 2 * lanes) {
    auto sum0 = hn::Add(rounding, hn::MulHigh(hn::LoadU(d, centre + x), first));
    auto sum1 = hn::Add(rounding, hn::MulHigh(hn::LoadU(d, centre + x + lanes), first));
#pragma GCC unroll 10
    for (std::size_t i = 1; i < kTaps; ++i) {
      const auto tap = hn::Set(d, taps[i]);
      const std::uint16_t* a = before(i) + x;
      const std::uint16_t* b = after(i) + x;
      sum0 = hn::Add(sum0, hn::MulHigh(hn::AverageRound(hn::LoadU(d, a), hn::LoadU(d, b)), tap));
      sum1 = hn::Add(
          sum1,
          hn::MulHigh(hn::AverageRound(hn::LoadU(d, a + lanes), hn::LoadU(d, b + lanes)), tap));
    }
    hn::StoreU(sum0, d, out + x);
    hn::StoreU(sum1, d, out + x + lanes);
  }
}

HWY_INLINE int Mirror(int i, int size) {
  if (i >= 0 && i < size) return i;
  if (size == 1) return 0;
  const int period = 2 * (size - 1);
  i = ((i % period) + period) % period;
  return i < size ? i : period - i;
}

// Blurs the rows [first, last). Each row is blurred vertically into a buffer and then horizontally,
// so that the buffer stays in the nearest cache.
template <std::size_t kTaps, int kStep>
void BlurWith(const Plane& source, const std::uint16_t* taps, int first, int last, Plane& out) {
  constexpr int kRadius = static_cast<int>(kTaps) - 1;
  constexpr int kReach = kRadius * kStep;
  const int width = source.width, height = source.height;
  std::vector<std::uint16_t> buffer(source.stride + 2 * kReach + 4 * hn::Lanes(D16()));
  std::uint16_t* middle = buffer.data() + kReach;
  const std::uint16_t* above[kTaps];
  const std::uint16_t* below[kTaps];
  for (int y = first; y < last; ++y) {
    for (int i = 1; i <= kRadius; ++i) {
      above[i] = source.row(Mirror(y - i * kStep, height));
      below[i] = source.row(Mirror(y + i * kStep, height));
    }
    SymmetricSum<kTaps>(
        source.row(y), [&](std::size_t i) { return above[i]; },
        [&](std::size_t i) { return below[i]; }, taps, static_cast<std::size_t>(width), middle);
    for (int i = 1; i <= kReach; ++i) {
      middle[-i] = middle[Mirror(-i, width)];
      middle[width - 1 + i] = middle[Mirror(width - 1 + i, width)];
    }
    SymmetricSum<kTaps>(
        middle, [&](std::size_t i) { return middle - i * kStep; },
        [&](std::size_t i) { return middle + i * kStep; }, taps, static_cast<std::size_t>(width),
        out.row(y));
  }
}

// Chooses the loop for the length of the kernel. These are the lengths that an octave has; when the
// compiler knows the length, the taps stay in registers. Taps that a shorter kernel lacks are zero.
void BlurRows(const Plane& source, const Taps& taps, int first, int last, Plane& out) {
  if (taps.step_px == 2) {
    if (taps.count <= 4) return BlurWith<4, 2>(source, taps.of, first, last, out);
    if (taps.count <= 5) return BlurWith<5, 2>(source, taps.of, first, last, out);
    return BlurWith<kMaxWideTaps, 2>(source, taps.of, first, last, out);
  }
  if (taps.count <= 5) return BlurWith<5, 1>(source, taps.of, first, last, out);
  if (taps.count <= 6) return BlurWith<6, 1>(source, taps.of, first, last, out);
  return BlurWith<kMaxTaps, 1>(source, taps.of, first, last, out);
}

// Three rows of one difference: the values, and the largest and the smallest of each three
// neighbours in a row.
struct Window {
  explicit Window(std::size_t width)
      : stride((width + 2 * hn::Lanes(D16()) + 63) / 32 * 32), data(9 * stride) {}
  std::int16_t* value(int y) { return row(0, y); }
  std::int16_t* most(int y) { return row(1, y); }
  std::int16_t* least(int y) { return row(2, y); }
  std::int16_t* row(std::size_t kind, int y) {
    return data.data() + (kind * 3 + static_cast<std::size_t>(y) % 3) * stride + 16;
  }
  std::size_t stride;
  std::vector<std::int16_t> data;
};

HWY_INLINE void FillWindow(const Octave& octave, std::size_t level, int y, Window& window) {
  const hn::ScalableTag<std::int16_t> d;
  const D16 du;
  const auto width = static_cast<std::size_t>(octave.width());
  const std::uint16_t* low = octave.gauss[level].row(y);
  const std::uint16_t* high = octave.gauss[level + 1].row(y);
  std::int16_t* value = window.value(y);
  // The differences fit: they stay far below 2^15.
  for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
    hn::StoreU(hn::BitCast(d, hn::Sub(hn::LoadU(du, high + x), hn::LoadU(du, low + x))), d,
               value + x);
  }
  std::int16_t* most = window.most(y);
  std::int16_t* least = window.least(y);
  for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
    const auto left = hn::LoadU(d, value + x - 1), at = hn::LoadU(d, value + x),
               right = hn::LoadU(d, value + x + 1);
    hn::StoreU(hn::Max(hn::Max(left, right), at), d, most + x);
    hn::StoreU(hn::Min(hn::Min(left, right), at), d, least + x);
  }
}

// Finds the extrema in the rows [first, last). After the first call, the windows already have the
// row before `first` and the row `first` itself.
void ExtremaOfRows(const Octave& octave, int threshold, int border, int first, int last,
                   std::vector<Window>& windows, std::vector<Extremum>& out) {
  const hn::ScalableTag<std::int16_t> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int width = octave.width();
  const auto fill = [&](int y) HWY_ATTR {
    for (std::size_t level = 0; level < windows.size(); ++level)
      FillWindow(octave, level, y, windows[level]);
  };
  if (first == border) {
    fill(border - 1);
    fill(border);
  }
  const auto limit = hn::Set(d, static_cast<std::int16_t>(std::min(threshold, 32'000)));
  const auto below_limit = hn::Neg(limit);
  struct Rows {  // of one level: around the row that is searched
    const std::int16_t *value, *most[3], *least[3];
  };
  std::array<Rows, kScalesPerOctave + 2> rows;
  for (int y = first; y < last; ++y) {
    fill(y + 1);
    for (std::size_t level = 0; level < rows.size(); ++level) {
      Window& w = windows[level];
      rows[level] = {w.value(y),
                     {w.most(y - 1), w.most(y), w.most(y + 1)},
                     {w.least(y - 1), w.least(y), w.least(y + 1)}};
    }
    for (int x = border; x < width - border; x += lanes) {
      // The largest and the smallest of the 3 × 3 neighbours in a level.
      const auto most = [&](std::size_t level) HWY_ATTR {
        const auto& of = rows[level].most;
        return hn::Max(hn::Max(hn::LoadU(d, of[0] + x), hn::LoadU(d, of[1] + x)),
                       hn::LoadU(d, of[2] + x));
      };
      const auto least = [&](std::size_t level) HWY_ATTR {
        const auto& of = rows[level].least;
        return hn::Min(hn::Min(hn::LoadU(d, of[0] + x), hn::LoadU(d, of[1] + x)),
                       hn::LoadU(d, of[2] + x));
      };
#pragma GCC unroll 3
      for (std::size_t level = 1; level <= kScalesPerOctave; ++level) {
        const auto v = hn::LoadU(d, rows[level].value + x);
        auto largest = hn::And(hn::Eq(v, most(level)), hn::Gt(v, limit));
        auto smallest = hn::And(hn::Eq(v, least(level)), hn::Lt(v, below_limit));
        // Most vectors do not even have an extremum within their own level.
        if (hn::AllFalse(d, hn::Or(largest, smallest))) continue;
        largest =
            hn::And(largest, hn::Eq(v, hn::Max(hn::Max(most(level - 1), most(level + 1)), v)));
        smallest =
            hn::And(smallest, hn::Eq(v, hn::Min(hn::Min(least(level - 1), least(level + 1)), v)));
        const auto found = hn::Or(largest, smallest);
        if (hn::AllFalse(d, found)) continue;
        std::uint8_t bits[16] = {};
        hn::StoreMaskBits(d, found, bits);
        for (int i = 0; i < lanes && x + i < width - border; ++i) {
          const Extremum extremum{x + i, y, static_cast<int>(level)};
          if ((bits[i / 8] >> i % 8 & 1) && IsFirst(octave, extremum)) out.push_back(extremum);
        }
      }
    }
  }
}

// Blurs and searches an octave in strips, as said above.
void ScanRows(Octave& octave, const Taps* taps, int threshold, int border,
              std::vector<Extremum>& out) {
  constexpr int kStrip = 16;
  const int height = octave.height();
  const bool searched = height > 2 * border && octave.width() > 2 * border;
  std::vector<Window> windows(kScalesPerOctave + 2,
                              Window(static_cast<std::size_t>(octave.width())));
  std::array<int, kScalesPerOctave + 3> done = {};  // how many rows each level has
  int found = border;                               // the row up to which it has searched
  while (done.back() < height) {
    done[0] = std::min(done[0] + kStrip, height);
    for (std::size_t level = 1; level < done.size(); ++level) {
      const int before = done[level - 1];
      const int until = before == height ? height : std::max(before - taps[level].reach_px(), 0);
      BlurRows(octave.gauss[level - 1], taps[level], done[level], until, octave.gauss[level]);
      done[level] = until;
    }
    const int until = std::min(done.back() - 1, height - border);
    if (!searched || until <= found) continue;
    ExtremaOfRows(octave, threshold, border, found, until, windows, out);
    found = until;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(BlurRows);
HWY_EXPORT(ScanRows);

Taps GaussianTaps(float sigma_px, int step_px) {
  const double sigma = static_cast<double>(sigma_px) / step_px;
  Taps taps{.step_px = step_px};
  taps.count = std::max(1, static_cast<int>(std::ceil(3 * sigma))) + 1;
  double kernel[kMaxTaps] = {};
  for (int i = 0; i < taps.count; ++i)
    kernel[i] = (i == 0 ? 1 : 2) * std::exp(-0.5 * i * i / (sigma * sigma));
  const double sum = std::accumulate(std::begin(kernel), std::end(kernel), 0.0);
  int left = 65'536;
  for (int i = 0; i < taps.count; ++i) {
    taps.of[i] = static_cast<std::uint16_t>(std::lround(kernel[i] / sum * 65'536));
    left -= taps.of[i];
  }
  taps.of[1] = static_cast<std::uint16_t>(taps.of[1] + left);  // what rounding left over
  return taps;
}

constexpr std::size_t kLevels = kScalesPerOctave + 3;

// What takes each level to the next one.
std::array<Taps, kLevels> TapsOfLevels() {
  const double step = std::pow(2.0, 1.0 / kScalesPerOctave);
  double sigma = kBaseSigma_px;
  std::array<Taps, kLevels> taps;
  for (std::size_t level = 1; level < kLevels; ++level) {
    const double more = sigma * std::sqrt(step * step - 1);  // the squares of blurs add up
    // An image that is blurred by 2 px or more no longer has the frequencies that a kernel with
    // taps two pixels apart would let through.
    taps[level] = GaussianTaps(static_cast<float>(more), sigma < 2 ? 1 : 2);
    sigma *= step;
  }
  return taps;
}

}  // namespace

void Blur(const Plane& source, float sigma_px, Plane& out) {
  out.Resize(source.width, source.height);
  HWY_DYNAMIC_DISPATCH(BlurRows)(source, GaussianTaps(sigma_px, 1), 0, source.height, out);
}

void MakeLevels(Octave& octave) {
  const auto taps = TapsOfLevels();
  for (std::size_t level = 1; level <= kScalesPerOctave; ++level) {
    octave.gauss[level].Resize(octave.width(), octave.height());
    HWY_DYNAMIC_DISPATCH(BlurRows)
    (octave.gauss[level - 1], taps[level], 0, octave.height(), octave.gauss[level]);
  }
}

std::vector<Extremum> ScanOctave(Octave& octave, float threshold, int border) {
  const auto taps = TapsOfLevels();
  for (std::size_t level = 1; level < kLevels; ++level)
    octave.gauss[level].Resize(octave.width(), octave.height());
  std::vector<Extremum> out;
  HWY_DYNAMIC_DISPATCH(ScanRows)
  (octave, taps.data(), static_cast<int>(threshold * Plane::kFixedPoint), border, out);
  return out;
}

}  // namespace inlier
#endif  // HWY_ONCE

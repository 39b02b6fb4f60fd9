// The detector of SURF: maxima of the determinant of the Hessian, whose second derivatives are
// approximated by sums over boxes. Bay et al., CVIU 2008, §3.2 to §3.4. A box sum takes four
// look-ups in an integral image, whatever its size, so larger scales take larger filters on the
// same image instead of smaller images.
//
// An octave is scanned row by row. For each of its four filters a kernel makes a row of
// determinants; three rows of each are kept, which is enough to compare the middle one with its
// neighbours in place and scale. A maximum is then moved to the peak of a quadratic
// (quadratic_peak.h).
//
// Box sums are whole numbers, and floats are only multiplied and subtracted lane by lane, so every
// machine gets the same determinants.
#include "extractor/box_hessian.h"

#include <algorithm>
#include <cstdint>

#include "extractor/quadratic_peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/box_hessian.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef INLIER_EXTRACTOR_BOX_HESSIAN_ONCE
#define INLIER_EXTRACTOR_BOX_HESSIAN_ONCE
namespace inlier {

constexpr float kMixedWeight = 0.9f;  // of Dxy, since boxes are not Gaussians: §3.2, equation 3
// How many numbers a kernel may read or write past the end: those of the widest vector.
constexpr std::size_t kSlack = 64;

// The parts of a filter, and the first and last place at which it fits along one side of the image.
struct FilterGeometry {
  int lobe, half;   // in pixels
  int first, last;  // in steps
  FilterGeometry(int size_px, int step_px, int side_px)
      : lobe(size_px / 3),
        half(size_px / 2),
        first((half + step_px - 1) / step_px),
        last(side_px - 1 < half ? -1 : (side_px - 1 - half) / step_px) {}
};

// Where one row of a filter is computed. First come the differences of the integral image between
// the top and the bottom of each kind of box, for every column: they are half of each box sum. Then
// come the determinants of all columns, even when only every `step_px`-th is needed, since single
// columns would have to be gathered, which costs more.
struct RowBuffers {
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> xx, yy, xy;
  std::vector<float> determinants;
  explicit RowBuffers(const IntegralImage& image)
      : xx(hwy::AllocateAligned<std::uint32_t>(image.stride() + kSlack)),
        yy(hwy::AllocateAligned<std::uint32_t>(image.stride() + kSlack)),
        xy(hwy::AllocateAligned<std::uint32_t>(image.stride() + kSlack)),
        determinants(image.stride() + kSlack) {}
};

// At a maximum of the determinant both second derivatives have the same sign, so one of them is
// enough.
inline bool IsBright(const IntegralImage& image, int size_px, int x, int y) {
  const int lobe = size_px / 3, half = size_px / 2;
  const std::uint32_t whole = image.Sum(x - half, y - lobe + 1, x + half + 1, y + lobe);
  const std::uint32_t middle = image.Sum(x - lobe / 2, y - lobe + 1, x + lobe / 2 + 1, y + lobe);
  return static_cast<std::int32_t>(whole - 3 * middle) < 0;
}

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using DU = hn::RebindToUnsigned<D>;
using DI = hn::RebindToSigned<D>;

void HessianRowImpl(const IntegralImage& image, int size_px, int step_px, int y,
                    RowBuffers& buffers, float* out) {
  const D d;
  const DU du;
  const DI di;
  const FilterGeometry at(size_px, step_px, image.width_px());
  const int lobe = at.lobe, half = at.half;
  // Dxx has three lobes side by side, 2 lobe − 1 rows high. Dyy has the same, one above the other.
  // Dxy has four squares around the middle row and column.
  const std::uint32_t* const xx_top = image.row(y - lobe + 1);
  const std::uint32_t* const xx_end = image.row(y + lobe);
  const std::uint32_t* const yy_top = image.row(y - half);
  const std::uint32_t* const yy_middle = image.row(y - lobe / 2);
  const std::uint32_t* const yy_middle_end = image.row(y + lobe / 2 + 1);
  const std::uint32_t* const yy_end = image.row(y + half + 1);
  const std::uint32_t* const xy_top = image.row(y - lobe);
  const std::uint32_t* const xy_top_end = image.row(y);
  const std::uint32_t* const xy_bottom = image.row(y + 1);
  const std::uint32_t* const xy_end = image.row(y + lobe + 1);
  std::uint32_t* const xx = buffers.xx.get();
  std::uint32_t* const yy = buffers.yy.get();
  std::uint32_t* const xy = buffers.xy.get();
  const std::size_t lanes = hn::Lanes(d);
  const auto corners = static_cast<std::size_t>(image.width_px()) + 1;
  for (std::size_t x = 0; x < corners; x += lanes) {
    const auto load = [&](const std::uint32_t* row) { return hn::LoadU(du, row + x); };
    hn::StoreU(hn::Sub(load(xx_end), load(xx_top)), du, xx + x);
    const auto middle = hn::Sub(load(yy_middle_end), load(yy_middle));
    const auto thrice = hn::Add(middle, hn::Add(middle, middle));
    hn::StoreU(hn::Sub(hn::Sub(load(yy_end), load(yy_top)), thrice), du, yy + x);
    hn::StoreU(
        hn::Sub(hn::Sub(load(xy_top_end), load(xy_top)), hn::Sub(load(xy_end), load(xy_bottom))),
        du, xy + x);
  }
  const auto scale =
      hn::Set(d, 1.0f / (255.0f * static_cast<float>(size_px) * static_cast<float>(size_px)));
  const auto weight = hn::Set(d, kMixedWeight);
  float* const determinants = step_px == 1 ? out : buffers.determinants.data();
  for (int x = at.first * step_px; x <= at.last * step_px; x += static_cast<int>(lanes)) {
    const auto load = [&](const std::uint32_t* row, int dx) { return hn::LoadU(du, row + x + dx); };
    const auto normal = [&](hn::Vec<DU> sum) {
      return hn::Mul(hn::ConvertTo(d, hn::BitCast(di, sum)), scale);
    };
    const auto middle = hn::Sub(load(xx, lobe / 2 + 1), load(xx, -(lobe / 2)));
    const auto thrice = hn::Add(middle, hn::Add(middle, middle));
    const auto dxx = normal(hn::Sub(hn::Sub(load(xx, half + 1), load(xx, -half)), thrice));
    const auto dyy = normal(hn::Sub(load(yy, lobe), load(yy, 1 - lobe)));
    const auto left = hn::Sub(load(xy, 0), load(xy, -lobe));
    const auto right = hn::Sub(load(xy, lobe + 1), load(xy, 1));
    const auto dxy = hn::Mul(normal(hn::Sub(left, right)), weight);
    hn::StoreU(hn::Sub(hn::Mul(dxx, dyy), hn::Mul(dxy, dxy)), d, determinants + x);
  }
  if (step_px == 1) return;
  for (int i = at.first; i <= at.last; ++i) out[i] = determinants[i * step_px];
}

// Appends the columns from `first` to `last` at which the row around[4] has a maximum. `around` has
// the three rows of each of three layers.
void MaximaOfRow(const float* const around[9], int first, int last, float threshold,
                 std::vector<int>& found) {
  const D d;
  const auto limit = hn::Set(d, threshold);
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int x = first; x <= last; x += lanes) {
    const auto v = hn::LoadU(d, around[4] + x);
    auto candidate = hn::Gt(v, limit);
    if (hn::AllFalse(d, candidate)) continue;
    const auto above_neighbours = [&](int row) {
      const auto left = hn::LoadU(d, around[row] + x - 1), at = hn::LoadU(d, around[row] + x);
      const auto right = hn::LoadU(d, around[row] + x + 1);
      candidate = hn::And(candidate, hn::Ge(v, hn::Max(hn::Max(left, right), at)));
    };
    // Few pass the layer itself. A branch for each row would cost more than the rows.
    for (const int row : {4, 3, 5}) above_neighbours(row);
    if (hn::AllFalse(d, candidate)) continue;
    for (const int row : {0, 1, 2, 6, 7, 8}) above_neighbours(row);
    if (hn::AllFalse(d, candidate)) continue;
    std::uint8_t bits[16] = {};
    hn::StoreMaskBits(d, candidate, bits);
    for (int i = 0; i < lanes && x + i <= last; ++i) {
      if (bits[i / 8] >> i % 8 & 1) found.push_back(x + i);
    }
  }
}

// Only three rows of each layer are in memory at a time.
void FindBlobsImpl(const IntegralImage& image, const BoxOctave& octave, float threshold,
                   std::vector<Blob>& out) {
  const int step = octave.step_px;
  const int rows = (image.height_px() + step - 1) / step;
  const std::size_t stride =
      static_cast<std::size_t>((image.width_px() + step - 1) / step) + kSlack;
  std::vector<float> ring(4 * 3 * stride);
  const auto row_of = [&](std::size_t layer, int y) {
    return ring.data() + (layer * 3 + static_cast<std::size_t>(y % 3)) * stride;
  };
  RowBuffers buffers(image);
  std::vector<int> found;
  for (int y = 0; y < rows; ++y) {
    for (std::size_t layer = 0; layer < 4; ++layer) {
      const FilterGeometry high(octave.sizes_px[layer], step, image.height_px());
      if (y < high.first || y > high.last) continue;
      HessianRowImpl(image, octave.sizes_px[layer], step, y * step, buffers, row_of(layer, y));
    }
    for (std::size_t layer = 1; layer <= 2; ++layer) {
      const FilterGeometry wide(octave.sizes_px[layer + 1], step, image.width_px());
      const FilterGeometry high(octave.sizes_px[layer + 1], step, image.height_px());
      if (y - 2 < high.first || y > high.last) continue;
      const float* around[9];
      for (std::size_t i = 0; i < 9; ++i)
        around[i] = row_of(layer - 1 + i / 3, y - 2 + static_cast<int>(i % 3));
      found.clear();
      MaximaOfRow(around, wide.first + 1, wide.last - 1, threshold, found);
      for (const int x : found) {
        const auto peak = FitQuadratic([&around, x](int dx, int dy, int dlayer) {
          return around[(dlayer + 1) * 3 + dy + 1][x + dx];
        });
        if (!peak || !peak->Within(1)) continue;
        const auto size = static_cast<float>(octave.sizes_px[layer]);
        const auto size_step = static_cast<float>(octave.sizes_px[1] - octave.sizes_px[0]);
        out.push_back(
            {.x_px = (static_cast<float>(x) + peak->dx) * static_cast<float>(step),
             .y_px = (static_cast<float>(y - 1) + peak->dy) * static_cast<float>(step),
             .sigma_px = (size + peak->dlayer * size_step) * kSigmaOfSize,
             .response = peak->height,
             .bright = IsBright(image, octave.sizes_px[layer], x * step, (y - 1) * step)});
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

HWY_EXPORT(HessianRowImpl);
HWY_EXPORT(FindBlobsImpl);

}  // namespace

std::vector<float> HessianRow(const IntegralImage& image, int size_px, int step_px, int y) {
  const auto count = static_cast<std::size_t>((image.width_px() + step_px - 1) / step_px);
  std::vector<float> out(count + kSlack);
  const FilterGeometry wide(size_px, step_px, image.width_px());
  if (y >= size_px / 2 && y + size_px / 2 < image.height_px()) {
    RowBuffers buffers(image);
    HWY_DYNAMIC_DISPATCH(HessianRowImpl)(image, size_px, step_px, y, buffers, out.data());
  }
  // The kernel stores whole vectors, so something may stand behind the last place.
  std::fill(out.begin() + std::max(0, wide.last + 1), out.end(), 0.0f);
  out.resize(count);
  return out;
}

std::vector<Blob> FindBlobs(const IntegralImage& image, const BoxOctave& octave, float threshold) {
  std::vector<Blob> blobs;
  HWY_DYNAMIC_DISPATCH(FindBlobsImpl)(image, octave, threshold, blobs);
  return blobs;
}

}  // namespace inlier
#endif  // HWY_ONCE

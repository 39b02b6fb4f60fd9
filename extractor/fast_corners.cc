// The FAST-9/16 detector: Rosten and Drummond, "Machine learning for high-speed corner detection",
// ECCV 2006. Instead of the learnt decision tree, which decides pixel by pixel, vectors of pixels
// are scored together: the contrast of the best arc of nine is a minimum over each arc and a
// maximum over all arcs. A row of scores is compared with the rows above and below it, and only
// peaks stay.
#include "extractor/fast_corners.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/fast_corners.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef INLIER_EXTRACTOR_FAST_CORNERS_ONCE
#define INLIER_EXTRACTOR_FAST_CORNERS_ONCE
namespace inlier {
// The circle of sixteen pixels, clockwise from the top.
constexpr int kCircleX[16] = {0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3, -3, -3, -2, -1};
constexpr int kCircleY[16] = {-3, -3, -2, -1, 0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3};
}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<std::uint8_t, 64>;
using V = hn::Vec<D>;

// The largest of the minima over all arcs of nine. Arcs that begin at k and at k + 1 share eight
// pixels, so the larger of their two minima is the minimum of these eight and of the larger end.
HWY_INLINE V MaxOfArcMinima(const V* c) {
  V pair[8], four[8];
  for (int i = 0; i < 8; ++i) pair[i] = hn::Min(c[2 * i + 1], c[(2 * i + 2) & 15]);
  for (int i = 0; i < 8; ++i) four[i] = hn::Min(pair[i], pair[(i + 1) & 7]);
  V best = hn::Zero(D());
  for (int i = 0; i < 8; ++i) {
    const V eight = hn::Min(four[i], four[(i + 2) & 7]);
    best = hn::Max(best, hn::Min(eight, hn::Max(c[2 * i], c[(2 * i + 9) & 15])));
  }
  return best;
}

// The smallest of the maxima over all arcs of nine, in the same way.
HWY_INLINE V MinOfArcMaxima(const V* c) {
  V pair[8], four[8];
  for (int i = 0; i < 8; ++i) pair[i] = hn::Max(c[2 * i + 1], c[(2 * i + 2) & 15]);
  for (int i = 0; i < 8; ++i) four[i] = hn::Max(pair[i], pair[(i + 1) & 7]);
  V best = hn::Set(D(), 255);
  for (int i = 0; i < 8; ++i) {
    const V eight = hn::Max(four[i], four[(i + 2) & 7]);
    best = hn::Min(best, hn::Max(eight, hn::Min(c[2 * i], c[(2 * i + 9) & 15])));
  }
  return best;
}

// Sets scores[x] to the amount by which the contrast of the best arc exceeds `threshold`, or to 0.
void ScoreRow(const BytePlane& image, int y, int begin, int end, std::uint8_t threshold,
              std::uint8_t* scores) {
  const D d;
  const V limit = hn::Set(d, threshold);
  const V zero = hn::Zero(d);
  const std::uint8_t* at[16];
  for (int i = 0; i < 16; ++i) at[i] = image.row(y + kCircleY[i]) + kCircleX[i];
  const std::uint8_t* row = image.row(y);
  for (int x = begin; x < end; x += static_cast<int>(hn::Lanes(d))) {
    const V middle = hn::LoadU(d, row + x);
    V c[16];
    // An arc of nine covers at least two neighbouring ones of the four compass points. Most pixels
    // fail this first test.
    for (int i = 0; i < 16; i += 4) c[i] = hn::LoadU(d, at[i] + x);
    const V bright = hn::Min(hn::Max(c[0], c[8]), hn::Max(c[4], c[12]));
    const V dark = hn::Max(hn::Min(c[0], c[8]), hn::Min(c[4], c[12]));
    const V room = hn::Max(hn::SaturatedSub(bright, middle), hn::SaturatedSub(middle, dark));
    if (hn::AllTrue(d, hn::Eq(hn::SaturatedSub(room, limit), zero))) {
      hn::StoreU(zero, d, scores + x);
      continue;
    }
    for (int i = 0; i < 16; ++i) {
      if (i % 4 != 0) c[i] = hn::LoadU(d, at[i] + x);
    }
    const V contrast = hn::Max(hn::SaturatedSub(MaxOfArcMinima(c), middle),
                               hn::SaturatedSub(middle, MinOfArcMaxima(c)));
    hn::StoreU(hn::SaturatedSub(contrast, limit), d, scores + x);
  }
}

// Appends the columns whose score is larger than that of each neighbour before it, by row and
// column, and at least as large as that of each neighbour after it.
void PeaksOfRow(const std::uint8_t* above, const std::uint8_t* at, const std::uint8_t* below, int y,
                int begin, int end, std::uint8_t threshold, std::vector<FastCorner>& out) {
  const D d;
  const V zero = hn::Zero(d);
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int x = begin; x < end; x += lanes) {
    const V v = hn::LoadU(d, at + x);
    if (hn::AllTrue(d, hn::Eq(v, zero))) continue;
    const auto three = [&](const std::uint8_t* row) {
      return hn::Max(hn::LoadU(d, row + x),
                     hn::Max(hn::LoadU(d, row + x - 1), hn::LoadU(d, row + x + 1)));
    };
    const V before = hn::Max(three(above), hn::LoadU(d, at + x - 1));
    const V after = hn::Max(three(below), hn::LoadU(d, at + x + 1));
    const auto peak = hn::AndNot(hn::Eq(hn::SaturatedSub(v, before), zero),
                                 hn::Eq(hn::SaturatedSub(after, v), zero));
    std::uint8_t bytes[8] = {};
    hn::StoreMaskBits(d, peak, bytes);
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(bytes[i]) << 8 * i;
    for (; bits != 0; bits &= bits - 1) {
      const int column = x + std::countr_zero(bits);
      if (column >= end) break;
      out.push_back({column, y, static_cast<std::uint8_t>(at[column] + threshold)});
    }
  }
}

void FindRows(const BytePlane& image, std::uint8_t threshold, int border,
              std::vector<FastCorner>& out) {
  // The scores of three rows at a time, with one more column on each side for the neighbours.
  std::vector<std::uint8_t> buffer(3 * image.stride);
  std::uint8_t* rows[3] = {buffer.data(), buffer.data() + image.stride,
                           buffer.data() + 2 * image.stride};
  const int begin = border, end = image.width - border;
  for (int y = border - 1; y <= image.height - border; ++y) {
    ScoreRow(image, y, begin - 1, end + 1, threshold, rows[2]);
    if (y > border) PeaksOfRow(rows[0], rows[1], rows[2], y - 1, begin, end, threshold, out);
    std::rotate(rows, rows + 1, rows + 3);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {
HWY_EXPORT(FindRows);
}  // namespace

std::vector<FastCorner> FindFastCorners(const BytePlane& image, int threshold, int border_px) {
  std::vector<FastCorner> out;
  const int border = std::max(border_px, kFastReach_px);
  if (image.width <= 2 * border || image.height <= 2 * border) return out;
  HWY_DYNAMIC_DISPATCH(FindRows)
  (image, static_cast<std::uint8_t>(std::clamp(threshold, 0, 255)), border, out);
  return out;
}

bool IsBrightCorner(const BytePlane& image, int x, int y) {
  const int middle = image.row(y)[x];
  int darker = 0;
  for (int i = 0; i < 16; ++i) darker += image.row(y + kCircleY[i])[x + kCircleX[i]] < middle;
  return darker > 8;
}

}  // namespace inlier
#endif  // HWY_ONCE

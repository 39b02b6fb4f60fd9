// Bilinear reduction. A row of the result is first made vertically, from two rows of the source,
// with 8 fractional bits, which is exact; then horizontally, from two neighbours each. A vector of
// results has its neighbours in a window that is at most twice as long, so they are picked from
// registers and not gathered from memory.
#include "extractor/byte_reduction.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/byte_reduction.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

#ifndef INLIER_EXTRACTOR_BYTE_REDUCTION_ONCE
#define INLIER_EXTRACTOR_BYTE_REDUCTION_ONCE
namespace inlier {

// Between which two numbers of a row or column a result lies.
struct Between {
  int first = 0;   // the second is the next
  int weight = 0;  // of the second, in 1/256; the first has the rest
};

inline std::vector<Between> PlacesOf(int source_size, int size) {
  std::vector<Between> places(static_cast<std::size_t>(size));
  const double scale = 1 / (static_cast<double>(size) / source_size);
  for (int i = 0; i < size; ++i) {
    const double at = std::max(0.0, scale * (i + 0.5) - 0.5);
    const int first = std::min(static_cast<int>(at), source_size - 1);
    // Halves are rounded to the even number. Past the last number there is none to weigh.
    const bool last = first == source_size - 1;
    places[static_cast<std::size_t>(i)] = {
        first, last ? 0 : static_cast<int>(std::nearbyint((at - first) * 256))};
  }
  return places;
}

constexpr std::int32_t kMiddle = 1 << 15;  // is subtracted so that 16 bits are signed numbers

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D32 = hn::ScalableTag<std::int32_t>;

// For each vector of results where its window begins, and for each result which pair of neighbours
// in the window is its own: pair i of those that begin at even places, or at odd ones, and the
// weights of both as 16-bit halves.
struct Picks {
  std::vector<int> begins;
  std::vector<std::int32_t> pairs, odd, weights;
};

Picks PicksOf(const std::vector<Between>& places) {
  const std::size_t lanes = hn::Lanes(D32());
  Picks picks;
  const std::size_t padded = (places.size() + lanes - 1) / lanes * lanes;
  picks.pairs.resize(padded);
  picks.odd.resize(padded);
  picks.weights.resize(padded);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i % lanes == 0) picks.begins.push_back(places[i].first);
    const int in_window = places[i].first - picks.begins.back();
    picks.pairs[i] = in_window / 2;
    picks.odd[i] = in_window % 2 == 1 ? -1 : 0;
    picks.weights[i] = (256 - places[i].weight) | places[i].weight << 16;
  }
  return picks;
}

// The weighted sum of two rows in 1/256 grey levels, less kMiddle.
void SumRows(const std::uint8_t* above, const std::uint8_t* below, int weight, std::size_t width,
             std::uint16_t* out) {
  const hn::CappedTag<std::uint16_t, 32> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> narrow;
  const auto first = hn::Set(wide, static_cast<std::uint16_t>(256 - weight)),
             second = hn::Set(wide, static_cast<std::uint16_t>(weight)),
             middle = hn::Set(wide, static_cast<std::uint16_t>(kMiddle));
  for (std::size_t x = 0; x < width; x += hn::Lanes(wide)) {
    const auto sum = hn::Add(hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, above + x)), first),
                             hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, below + x)), second));
    hn::StoreU(hn::Xor(sum, middle), wide, out + x);
  }
}

// Pairs of neighbouring numbers, one after the other.
HWY_INLINE hn::Vec<D32> LoadPairs(const std::uint16_t* numbers) {
#if HWY_TARGET == HWY_SCALAR  // has no vector of two halves
  return hn::Set(D32(), numbers[0] | numbers[1] << 16);
#else
  return hn::BitCast(D32(), hn::LoadU(hn::Repartition<std::uint16_t, D32>(), numbers));
#endif
}

void SumNeighbours(const std::uint16_t* row, const Picks& picks, std::uint8_t* out) {
  const D32 d;
  const hn::Rebind<std::uint8_t, D32> narrow;
  const std::size_t lanes = hn::Lanes(d);
  // Gives back what kMiddle took from both neighbours, whose weights sum to 256, and rounds.
  const auto offset = hn::Set(d, kMiddle * 256 + (1 << 15));
  for (std::size_t i = 0; i < picks.begins.size(); ++i) {
    const std::uint16_t* const window = row + picks.begins[i];
    const auto pair = hn::IndicesFromVec(d, hn::LoadU(d, picks.pairs.data() + i * lanes));
    const auto odd = hn::MaskFromVec(hn::LoadU(d, picks.odd.data() + i * lanes));
    const auto neighbours = hn::IfThenElse(odd, hn::TableLookupLanes(LoadPairs(window + 1), pair),
                                           hn::TableLookupLanes(LoadPairs(window), pair));
    auto low = offset, high = hn::Zero(d);
    AddPairProducts(neighbours, hn::LoadU(d, picks.weights.data() + i * lanes), low, high);
    const auto level = hn::ShiftRight<16>(PairProducts(low, high));
    hn::StoreU(hn::DemoteTo(narrow, level), narrow, out + i * lanes);
  }
}

void ReduceImpl(const BytePlane& source, BytePlane& out) {
  const std::vector<Between> rows = PlacesOf(source.height, out.height);
  const Picks picks = PicksOf(PlacesOf(source.width, out.width));
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(source.width) + kPlanePad_px);
  for (int y = 0; y < out.height; ++y) {
    const Between& at = rows[static_cast<std::size_t>(y)];
    const int below = std::min(at.first + 1, source.height - 1);
    SumRows(source.row(at.first), source.row(below), at.weight,
            static_cast<std::size_t>(source.width), sums.data());
    SumNeighbours(sums.data(), picks, out.row(y));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {
HWY_EXPORT(ReduceImpl);
}  // namespace

void Reduce(const BytePlane& source, BytePlane& out) {
  HWY_DYNAMIC_DISPATCH(ReduceImpl)(source, out);
}

}  // namespace inlier
#endif  // HWY_ONCE

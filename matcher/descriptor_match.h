#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/features.h"

namespace inlier {

/// The nearest and the second nearest neighbour of one descriptor among those of the other image.
/// Distances are squared L2 for rows of bytes, and bits for packed bits.
struct Nearest {
  std::int32_t best = 0x7FFFFFFF;
  std::int32_t second = 0x7FFFFFFF;
  std::int32_t index = -1;  // of the nearest; -1 when there is none
};

/// Some descriptors of a photo, transposed so that each SIMD lane belongs to one feature of the
/// photo. A row of an item is then compared with all lanes at once, without a sum across lanes.
/// Features come in blocks of kBlockLanes that fit the first-level cache. Column j (below) of
/// feature l of block b is at columns[(b × columns of a row + j) × kBlockLanes + l].
struct PackedDescriptors {
  static constexpr std::size_t kBlockLanes = 32;  // two vectors of the widest target
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  std::size_t count = 0;
  std::vector<std::uint32_t> columns;  // of bytes: two values of 16 bits; of bits: 32 bits
  std::vector<std::int32_t> norms;     // squared norm of a row of bytes, 0 for bits; whole blocks
};

/// Packs the given rows of `photo`.
PackedDescriptors PackDescriptors(const Features& photo, std::span<const std::uint32_t> rows);

/// Finds the nearest neighbours in both directions: of each packed row of the photo among the given
/// rows of an item of the same kind (`of_photo`), and the other way round (`of_item`, whose
/// `second` is not set). Indices count the given rows. A tie goes to the lower index. All
/// arithmetic is on integers, so every SIMD target gives the same result.
void FindNearest(const PackedDescriptors& photo, const Features& item,
                 std::span<const std::uint32_t> rows, std::vector<Nearest>& of_photo,
                 std::vector<Nearest>& of_item);

}  // namespace inlier

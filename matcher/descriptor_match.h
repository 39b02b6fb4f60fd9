#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/features.h"

namespace inlier {

/// For one descriptor: its nearest and second nearest on the other side. Distances are squared L2
/// for byte rows, bits for packed bits.
struct Nearest {
  std::int32_t best = 0x7FFFFFFF;
  std::int32_t second = 0x7FFFFFFF;
  std::int32_t index = -1;
};

/// Some of a photo's descriptors, laid out so that a SIMD lane is a photo feature: every row of an
/// item then meets all lanes without a horizontal sum. Features stand in blocks that fit the
/// first-level cache; value pair j of feature l of block b is at [(b × row's pairs + j) ×
/// kBlockLanes + l].
struct PackedDescriptors {
  static constexpr std::size_t kBlockLanes = 32;  // two vectors of the widest target
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  std::size_t count = 0;
  std::vector<std::uint32_t> columns;  // bytes: two 16-bit values each; bits: 32 bits each
  std::vector<std::int32_t> norms;     // squared norm of a byte row, 0 for bits; whole blocks
};

/// Packs these rows of `photo`.
PackedDescriptors Pack(const Features& photo, std::span<const std::uint32_t> rows);

/// Both directions of the nearest neighbour search between a photo's rows and these rows of an item
/// of the same kind; indices count the rows that were given. Integer arithmetic throughout: every
/// SIMD target gives the same result.
void FindNearest(const PackedDescriptors& photo, const Features& item,
                 std::span<const std::uint32_t> rows, std::vector<Nearest>& of_photo,
                 std::vector<Nearest>& of_item);

}  // namespace inlier

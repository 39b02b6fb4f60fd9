#pragma once

#include <cstdint>

#include "core/features.h"

namespace inlier {

/// So many table files of one family become one, unless they are of keypoints or descriptors.
inline constexpr int kTablesMerged = 16;

/// What the index of a catalogue takes.
struct IndexSize {
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t bytes = 0;           // in memory; its files take about as much
  std::uint64_t training_rows = 0;   // descriptors that the vocabulary is trained on
  std::uint64_t training_bytes = 0;  // memory that they take during the training
  double groups_probed = 0;          // groups of cells that a descriptor is compared with
};

/// What is known of a catalogue before it is indexed.
struct IndexContents {
  std::uint64_t items = 0;
  std::uint64_t features = 0;
  std::uint64_t postings = 0;  // features that vote
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;        // bytes of one descriptor
  std::uint64_t cells = 0;  // of a vocabulary that is given; 0: of the one that it trains
};

/// Computed from numbers alone; nothing is built.
IndexSize SizeOfIndex(const IndexContents& contents);

/// Bytes that a feature takes in the store.
std::uint64_t StoredBytesOfFeature(DescriptorKind kind, int row_bytes);

/// The table files of a store, all of which are open while it is, after items with so many bytes of
/// features were added. Replaced items add to them until they are merged.
std::uint64_t TablesOfStore(std::uint64_t feature_bytes);

}  // namespace inlier

#include "index/index_size.h"

#include <algorithm>

#include "index/vocabulary.h"
#include "index/vocabulary_train.h"

namespace inlier {
namespace {

constexpr std::uint64_t kWriteBuffer_bytes = 64 << 20;  // RocksDB's own
constexpr std::uint64_t kOtherFamilies = 8;             // than those of keypoints and descriptors

}  // namespace

IndexSize SizeOfIndex(std::uint64_t items, std::uint64_t features, DescriptorKind kind,
                      int row_bytes) {
  if (kind == DescriptorKind::kEmbedding) {
    return {.bytes = features * (static_cast<std::uint64_t>(row_bytes) * sizeof(float) +
                                 sizeof(std::uint64_t)) +
                     items * sizeof(std::uint32_t)};
  }
  IndexSize size{.cells = static_cast<std::uint64_t>(CellsFor(features)),
                 .code_bits = 64 * static_cast<std::uint64_t>(CodeWordsFor(kind, row_bytes)),
                 .groups_probed = kGroupsProbed};
  const std::uint64_t vocabulary = size.cells * (kCellDims + 1) * sizeof(float);
  const std::uint64_t directory =
      2 * size.cells * (2 * sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t));
  size.bytes = features * (size.code_bits / 8 + sizeof(std::uint64_t)) + vocabulary + directory +
               items * sizeof(std::uint32_t);
  size.training_rows = std::min(features, size.cells * kTrainingRowsPerCell);
  size.training_bytes =
      size.training_rows * (static_cast<std::uint64_t>(row_bytes) + kCellDims * sizeof(float));
  return size;
}

std::uint64_t TablesOfStore(std::uint64_t descriptor_bytes) {
  // RocksDB writes out all families when one has so much. Then keypoints and descriptors have one
  // table more each. Those of the other families are merged by kTablesMerged; on average, half as
  // many still wait for it.
  const std::uint64_t flushes = descriptor_bytes / kWriteBuffer_bytes + 1;
  return 2 * flushes + kOtherFamilies * (flushes / kTablesMerged +
                                         std::min<std::uint64_t>(flushes, kTablesMerged / 2));
}

}  // namespace inlier

#include "index/index_size.h"

#include <algorithm>

#include "index/direction_products.h"
#include "index/feature_codec.h"
#include "index/packed_postings.h"
#include "index/vocabulary.h"
#include "index/vocabulary_train.h"

namespace inlier {
namespace {

constexpr std::uint64_t kWriteBuffer_bytes = 64 << 20;  // RocksDB's own
constexpr std::uint64_t kListDirectory_bytes = 28;
constexpr std::uint64_t kFaceTable_bytes = 8;  // a count and a key of each face
constexpr std::uint64_t kOtherFamilies = 8;    // than those of keypoints and descriptors

}  // namespace

IndexSize SizeOfIndex(const IndexContents& contents) {
  const auto& [items, features, postings, kind, row_bytes, given_cells] = contents;
  if (kind == DescriptorKind::kEmbedding) {
    constexpr std::uint64_t kRowHead_bytes = 12;  // whose row it is, and its length
    const std::uint64_t padded = (static_cast<std::uint64_t>(row_bytes) + kDirectionPadding - 1) /
                                 kDirectionPadding * kDirectionPadding;
    return {.bytes = features * (padded + kRowHead_bytes) + items * kFaceTable_bytes};
  }
  IndexSize size{
      .cells = given_cells > 0 ? given_cells : static_cast<std::uint64_t>(CellsFor(features)),
      .code_bits = 64 * static_cast<std::uint64_t>(CodeWordsFor(kind, row_bytes)),
      .groups_probed = kGroupsProbed};
  // A vocabulary has its tables twice, as they are stored and as they are searched.
  const auto values = static_cast<std::uint64_t>(RowValues(kind, row_bytes));
  const std::uint64_t vocabulary = (size.cells + values) * kCellDims * 2 * sizeof(std::int16_t);
  const std::uint64_t lists = std::min(2 * size.cells, postings);
  const std::uint64_t blocks = std::min(lists * (items / kFacesOfABlock + 1), postings);
  size.bytes = postings * (size.code_bits / 8 + sizeof(std::uint32_t)) +
               blocks * sizeof(std::uint64_t) + vocabulary + lists * kListDirectory_bytes +
               items * kFaceTable_bytes;
  size.training_rows = std::min(postings, size.cells * kTrainingRowsPerCell);
  size.training_bytes =
      size.training_rows * (static_cast<std::uint64_t>(row_bytes) + kCellDims * sizeof(float));
  return size;
}

std::uint64_t StoredBytesOfFeature(DescriptorKind kind, int row_bytes) {
  const auto row = static_cast<std::uint64_t>(row_bytes);
  if (kind == DescriptorKind::kEmbedding) return row + sizeof(Keypoint) + sizeof(Box);
  return kStoredKeypoint_bytes + (kind == DescriptorKind::kBytes ? (row + 1) / 2 : row);
}

std::uint64_t TablesOfStore(std::uint64_t feature_bytes) {
  // RocksDB writes out all families when one has so much. Then keypoints and descriptors have one
  // table more each. Those of the other families are merged by kTablesMerged; on average, half as
  // many still wait for it.
  const std::uint64_t flushes = feature_bytes / kWriteBuffer_bytes + 1;
  return 2 * flushes + kOtherFamilies * (flushes / kTablesMerged +
                                         std::min<std::uint64_t>(flushes, kTablesMerged / 2));
}

}  // namespace inlier

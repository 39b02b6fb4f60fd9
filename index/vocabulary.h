#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/blob.h"
#include "core/features.h"
#include "core/result.h"
#include "index/cell_block.h"
#include "index/cell_space.h"

namespace inlier {

/// Where descriptors fall: the `probes` nearest cells of each of n rows, and the row's code in each
/// of them.
struct CellCodes {
  int probes = 1;
  int code_words = 1;
  /// n × probes, nearest first. −1 stands for cells that are much farther than the nearest one.
  std::vector<std::int32_t> cells;
  std::vector<std::uint64_t> codes;  // n × probes × code_words
};

/// The number of cells for a catalogue of so many features. Lists keep about the same length until
/// there are 2^16 cells.
int CellsFor(std::uint64_t features);

/// Words of a code for rows of this kind.
int CodeWordsFor(DescriptorKind kind, int row_bytes);

/// How many groups of cells a row looks into. Among 4,096 cells in 64 groups, looking into 8 groups
/// misses the nearest cell of one row in 500 and the fourth nearest of one in 100, and takes a
/// fifth of the time of looking into all.
inline constexpr std::size_t kGroupsProbed = 8;

/// What a vocabulary consists of, as it is stored.
struct VocabularyTables {
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  CellProjection projection;
  std::vector<std::int16_t> group_centroids;  // groups × kCellDims
  std::vector<std::uint32_t> group_begin;  // groups + 1; group g has the cells from [g] to [g + 1]
  std::vector<std::int16_t> centroids;     // cells × kCellDims, group by group
};

/// Turns a descriptor into a cell and a short binary code: Hamming embedding, Jégou, Douze and
/// Schmid, "Improving bag-of-features for large scale image search", IJCV 2010, §3.
///
/// A row x is projected to z(x) in 64 dimensions. There the cells are the centroids c of a k-means;
/// q(x) is the nearest one. Bit i of the code of a byte row is b_i(x) = [z_i(x) > c_i], the side of
/// its centroid on which it lies along axis i. Two rows of one cell are alike when the Hamming
/// distance of their codes is small. The paper compares with the median of the cell's training
/// rows; this takes their mean, which is the centroid and needs no table of its own. A row of bits
/// is its own code: its first 128 bits.
///
/// Nearest cells are looked for through groups of cells, so that 2^16 cells cost little more than
/// 2^12. All distances are between whole numbers, so a row falls into the same cells on every
/// machine. A vocabulary never changes, and it is safe to use from many threads.
class Vocabulary {
 public:
  /// The tables' shapes agree with each other, and there is a cell at least. TrainVocabulary makes
  /// them.
  explicit Vocabulary(VocabularyTables tables);

  int cells() const { return static_cast<int>(tables_.group_begin.back()); }
  int code_words() const { return CodeWordsFor(tables_.kind, tables_.row_bytes); }
  /// True if codes are embedded in the cells, false if rows of bits are their own codes.
  bool embeds() const { return tables_.kind == DescriptorKind::kBytes; }
  std::uint64_t bytes() const;  // in memory
  /// True for features of the kind and row size that it was trained on.
  bool Fits(const Features& features) const;
  /// Of the first `most` features. Takes no others than Fits.
  CellCodes Assign(const Features& features, int probes,
                   std::size_t most = std::numeric_limits<std::size_t>::max()) const;

  void Write(BlobWriter& writer) const;
  /// Errors: kCorrupt.
  static Result<std::unique_ptr<Vocabulary>> Read(BlobReader& reader);

 private:
  std::vector<NearCell> NearestCells(const std::vector<std::int16_t>& rows, std::size_t n,
                                     std::size_t probes) const;

  VocabularyTables tables_;
  IntegerMap sums_;               // of the projection
  CellBlock groups_;              // the groups' centroids
  std::vector<CellBlock> cells_;  // for each group, the centroids of its cells
};

}  // namespace inlier

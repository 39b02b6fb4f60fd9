#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/blob.h"
#include "core/features.h"
#include "core/result.h"

namespace inlier {

/// Where descriptors fall: `probes` nearest cells for each of n rows, and the code in each of them.
struct CellCodes {
  int probes = 1;
  int code_words = 1;
  std::vector<std::int32_t>
      cells;  // n × probes, nearest first; -1 behind the last one that is near
  std::vector<std::uint64_t> codes;  // n × probes × code_words
};

/// Cells for a catalogue of so many features: lists keep about the same length until there are
/// 2^16.
int CellsFor(std::uint64_t features);

/// Words of a code for rows of this kind.
int CodeWordsFor(DescriptorKind kind, int row_bytes);

/// Rows that a vocabulary is trained on, for each of its cells.
inline constexpr std::uint64_t kTrainingRowsPerCell = 48;

/// Dimensions of the space of the cells.
inline constexpr int kCellDims = 64;
/// Groups of cells whose cells a row is compared with. Among 4,096 cells in 64 groups, 8 groups
/// miss the nearest cell of one row in 500 and the fourth of one in 100, at a fifth of the time of
/// looking into all.
inline constexpr std::size_t kGroupsProbed = 8;

/// Turns a descriptor into a cell and a short binary code (Hamming embedding: Jégou, Douze and
/// Schmid, IJCV 2010, §3). A row is projected to `dims` dimensions, in which cells are k-means
/// centroids, found through groups of them, so that 2^16 cells cost little more than 2^12. Bit i of
/// a byte row's code says on which side of the cell's centroid it lies along axis i; the paper
/// takes the median of the cell's training rows where this takes their mean, which needs no second
/// table. Of a row of bits the first 128 are its code. Immutable, safe to use from many threads.
class Vocabulary {
 public:
  /// `rows`: n × row_bytes, n > 0. The same rows and seed give the same vocabulary for any number
  /// of threads. Fewer distinct rows than `cells` give fewer cells.
  static std::unique_ptr<Vocabulary> Train(std::span<const std::uint8_t> rows, DescriptorKind kind,
                                           int row_bytes, int cells, std::uint32_t seed,
                                           int threads);
  ~Vocabulary();

  int cells() const;
  int code_words() const;
  /// True if codes are embedded; false if rows of bits are their own.
  bool embeds() const;
  std::uint64_t bytes() const;
  /// True for features of the kind and row size that it was trained on; Assign takes no others.
  bool Fits(const Features& features) const;
  CellCodes Assign(const Features& features, int probes) const;

  void Write(BlobWriter& writer) const;
  /// Errors: kCorrupt.
  static Result<std::unique_ptr<Vocabulary>> Read(BlobReader& reader);

 private:
  struct State;
  explicit Vocabulary(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier

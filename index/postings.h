#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/blob.h"
#include "core/features.h"
#include "core/result.h"
#include "index/collection.h"
#include "index/vocabulary.h"

namespace inlier {

/// The inverted lists of one vocabulary: for each cell the codes that fell into it, with item,
/// quantised orientation and scale. Adding and voting must not overlap; the owner sees to it.
class Postings {
 public:
  explicit Postings(std::unique_ptr<const Vocabulary> vocabulary);
  ~Postings();

  const Vocabulary& vocabulary() const;
  std::uint64_t size() const;  // postings held
  std::uint64_t bytes() const;

  /// Adds the features of one item; `codes` come from this vocabulary with one probe.
  void Add(ItemNumber item, const Features& features, const CellCodes& codes);

  /// The `count` items with the most votes, best first, ties by number. `feature_counts[item]` is 0
  /// for items that must not be returned.
  std::vector<Candidate> Vote(const Features& photo, int count, const ShortlistOptions& options,
                              std::span<const std::uint32_t> feature_counts) const;

  void Write(BlobWriter& writer) const;
  /// Errors: kCorrupt.
  static Result<std::unique_ptr<Postings>> Read(BlobReader& reader);

 private:
  struct State;
  explicit Postings(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"
#include "engine/item_filter.h"
#include "engine/shards/messages.h"
#include "index/collection.h"
#include "inlier/query.h"

namespace inlier::shards {

/// What a shard keeps between the rounds of queries. Safe to use from many threads.
class ShardMemory {
 public:
  /// Votes that are waiting to be ranked, by the name of their search. When there are too many, or
  /// they take more than their share of the memory, the oldest are dropped, and whoever asks for
  /// those counts again.
  void Keep(std::uint64_t search, PartialVotes votes);
  /// Nothing when they are not there any more.
  std::optional<PartialVotes> Take(std::uint64_t search);
  /// A number that databases have in common when they can be parts of one catalogue. Errors: kIo,
  /// kCorrupt.
  Result<std::uint64_t> FingerprintOf(const Collection& collection);

 private:
  std::mutex mutex_;
  std::deque<std::pair<std::uint64_t, PartialVotes>> waiting_;  // oldest first
  std::size_t waiting_bytes_ = 0;
  std::optional<std::uint64_t> fingerprint_;  // never changes
};

/// Of the recipe and the vocabulary that databases of one catalogue share.
std::uint64_t Fingerprint(std::string_view recipe, std::string_view vocabulary);

/// Answers a round for the part of a catalogue that a database holds: takes a Request and gives a
/// Reply, which carries the errors as well. Of `limits`, `cancel` and `deadline` count.
std::string AnswerRound(std::string_view request, const QueryOptions& limits,
                        const Collection& collection, const ItemFilters& filters,
                        ShardMemory& memory);

}  // namespace inlier::shards

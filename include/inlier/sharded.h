#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/answer.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/image.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/query.h"
#include "inlier/twins.h"

namespace inlier {

/// Carries requests to the databases (shards) that hold a part of a catalogue each. Whoever answers
/// them calls Engine::AnswerRound. Const and safe to call from many threads.
class INLIER_EXPORT ShardTransport {
 public:
  virtual ~ShardTransport() = default;
  /// At most kMaxShards. They keep their numbers, from 0.
  virtual std::size_t shards() const = 0;

  struct Message {
    std::size_t shard = 0;
    std::string_view request;
    /// The same for all requests of a query. Where several servers hold a shard, those of one query
    /// should go to the same one, since it keeps something between its rounds.
    std::uint64_t affinity = 0;
    /// The number of the round, below 16 and the same for all that are sent at once. Requests of
    /// one round take about equally long.
    int round = 0;
    /// Nobody waits for the reply after that. Also the same for all.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    /// Only this server may answer, since the request has numbers that it gave out; 0: any.
    std::uint64_t server = 0;
  };
  struct Reply {
    std::string bytes;
    /// Who has answered, and with which database: servers of one shard hold the same items and may
    /// give them other numbers. 0 when a shard has one server, which keeps its database.
    std::uint64_t server = 0;
  };
  /// Sends all requests at once and returns the replies in their order. A shard that does not
  /// answer in time, or whose `server` is not there any more, gives the error kUnavailable; other
  /// errors end the query.
  virtual std::vector<Result<Reply>> Ask(std::span<const Message> messages) const = 0;
};

/// The most shards that a catalogue can be cut into.
inline constexpr std::size_t kMaxShards = 256;

/// Two faces in different shards that pictures cannot tell apart. A face is named by the hash of
/// its pixels, which stays the same when its shard is made again; a pair whose picture has been
/// removed has no effect.
struct DistantTwins {
  struct Face {
    std::size_t shard = 0;
    std::string pixel_hash;
  };
  Face first, second;  // of the lower shard, and of the higher one
  float likeness = 0;  // as TwinGroup::likeness
};

/// Searches a catalogue that is cut into shards. The same items give the same answer, bit for bit,
/// for any number of shards, as long as the shards have been given the same vocabulary and options,
/// and pictures that are copies of each other are in one shard. It is queried like an Engine;
/// photos are decoded and their features extracted here, and faces that may be in the photo are
/// fetched from their shards. Safe to call from many threads.
class INLIER_EXPORT ShardedEngine {
 public:
  struct OpenOptions {
    /// Of the shortlist, matching and decision; those of the extraction are the shards'.
    EngineOptions options;
    DecodeLimits limits;
  };
  /// The transport must outlive it. Errors: kUnavailable (no shard answers), kIncompatible (shards
  /// of different recipes or vocabularies, or without a given vocabulary), kInvalidArgument (no
  /// shard, or too many).
  static Result<std::unique_ptr<ShardedEngine>> Open(const ShardTransport& transport,
                                                     const OpenOptions& options);
  static Result<std::unique_ptr<ShardedEngine>> Open(const ShardTransport& transport) {
    return Open(transport, OpenOptions{});
  }
  ~ShardedEngine();

  /// Errors: as Engine::Query, and those of the transport; kUnavailable unless
  /// QueryOptions::partial.
  Result<Answer> Query(std::span<const std::uint8_t> file, const QueryOptions& options = {}) const;
  Result<Answer> Query(const std::filesystem::path& photo, const QueryOptions& options = {}) const;

  /// How many items satisfy QueryOptions::where; nothing when there are no conditions. Errors: as
  /// Query, of a condition and of the transport.
  Result<std::optional<std::uint64_t>> CountWhere(const QueryOptions& query) const;

  /// Twins that lie in different shards. A shard finds only those within itself, so these are
  /// sought for one shard after the other, a slice of its faces at a time, and given to UseTwins.
  struct FoundTwins {
    std::vector<DistantTwins> pairs;
    std::uint32_t next = 0;  // where the next slice begins; 0 after the last one
  };
  /// Seeks the twins of `count` faces of a shard from `begin` on in all other shards. A pair is
  /// usually found from both of its shards. Errors: kInvalidArgument (no such shard), kIncompatible
  /// (a shard is of an older version), kCancelled, kUnavailable.
  Result<FoundTwins> FindTwins(std::size_t shard, std::uint32_t begin, std::uint32_t count,
                               const QueryOptions& limits = {}) const;
  /// Groups of items that cannot be told apart, as Engine::Twins of a database that has been given
  /// the items of one shard after the other: within the shards, and in different shards as far as
  /// UseTwins has been told. Of `limits`, `cancel` and `deadline` count. Errors: kIncompatible (a
  /// shard is of an older version), kCancelled, kUnavailable.
  Result<TwinPage> Twins(const TwinListOptions& options, const QueryOptions& limits = {}) const;
  /// Answers know these twins from now on, in place of those that were given before.
  void UseTwins(std::vector<DistantTwins> twins);

  const EngineOptions& options() const;

 private:
  struct INLIER_HIDDEN State;
  explicit ShardedEngine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier

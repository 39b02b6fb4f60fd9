#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "engine/cancelled.h"
#include "engine/catalogue_view.h"
#include "engine/shards/messages.h"
#include "engine/shards/twin_table.h"
#include "engine/twin_groups.h"
#include "index/vocabulary.h"
#include "inlier/answer.h"
#include "inlier/query.h"
#include "inlier/sharded.h"

namespace inlier::shards {

/// Numbers of a shard have this many bits; see ShardedView.
inline constexpr int kShardShift = 24;
inline constexpr std::uint32_t kLocal = (1U << kShardShift) - 1;
/// Errors: kIncompatible.
Status CheckLocal(std::uint32_t number);

/// Gives the owners and twins in a shard's record the numbers that they have here. Errors:
/// kIncompatible.
Status JoinNumbers(std::size_t shard, FaceRecord& record);

/// What all shards of a catalogue have in common.
struct CatalogueIdentity {
  std::string recipe;
  std::uint64_t fingerprint = 0;
  std::shared_ptr<const Vocabulary> vocabulary;  // null for embeddings
  std::vector<std::uint64_t> items;              // of each shard, when it was last told
};

/// A catalogue that is cut into shards, as one query sees it. The number of a face or item here is
/// that of its shard with the shard's own number in the upper 8 bits, so a shard has at most 2^24
/// of either. For one query, from one thread.
class ShardedView final : public CatalogueView {
 public:
  /// All of these must outlive it. `twins` may be null.
  ShardedView(const ShardTransport& transport, const CatalogueIdentity& identity,
              const QueryOptions& query, const TwinTable* twins);
  /// The same with an affinity of one's own (ShardTransport::Message).
  ShardedView(const ShardTransport& transport, const CatalogueIdentity& identity,
              const QueryOptions& query, const TwinTable* twins, std::uint64_t affinity);

  /// How many items satisfy the conditions; nothing when there are none. It must be called first.
  /// Errors: kInvalidArgument (a condition that makes no sense, or a column that no item has).
  Result<std::optional<std::uint64_t>> CountWhere() const;
  /// Who has answered so far.
  Coverage coverage() const;
  /// True when a call has failed because a shard is no longer served by the server that has given
  /// out numbers to this view. Another view begins again with whoever serves it now.
  bool has_moved() const { return has_moved_; }
  /// The numbers of the faces of a shard are lower. Errors: kIncompatible (an older version).
  Result<FaceNumber> FaceLimit(std::size_t shard) const;
  /// The faces of all shards that have twins or several items, with their twins in other shards,
  /// and the numbers of the item with this id, which may be empty. Errors: kIncompatible (an older
  /// version), kUnavailable.
  struct Shared {
    SharedFaces faces;
    std::vector<ItemNumber> named;
  };
  Result<Shared> FindShared(const std::string& id) const;
  /// The number here of a shard's own number, and the shard of a number here.
  static FaceNumber Joined(std::size_t shard, FaceNumber local);
  static std::size_t ShardOf(FaceNumber number);

  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options) const override;
  Result<std::vector<Candidate>> SearchExactly(const Features& photo, int count) const override;
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space,
                                        int count) const override;
  Result<std::vector<FaceKeypoints>> FetchKeypoints(
      std::span<const FaceNumber> numbers) const override;
  Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const override;
  Result<std::vector<std::optional<FaceRecord>>> Faces(
      std::span<const FaceNumber> numbers) const override;
  Result<std::vector<std::optional<ItemRecord>>> Items(
      std::span<const ItemNumber> numbers) const override;
  Result<std::vector<std::vector<ItemNumber>>> Owners(
      std::span<const FaceNumber> numbers) const override;

 private:
  template <class T>
  struct FromShard {
    std::size_t shard = 0;
    T reply;
    std::uint64_t server = 0;
  };
  template <class Body>
  std::string RequestOf(Round round, const Body& body) const;
  ShardTransport::Message MessageTo(std::size_t shard, Round round, std::string_view request) const;
  // What happens to shards of an older version, which do not know the round.
  enum class Unknown { kIsAnError, kIsLeftOut };
  template <class T>
  Result<std::vector<FromShard<T>>> Ask(std::span<const ShardTransport::Message> messages,
                                        Unknown unknown = Unknown::kIsAnError) const;
  // The same request to every shard that has not failed to answer yet.
  template <class T, class Body>
  Result<std::vector<FromShard<T>>> AskAll(Round round, const Body& body) const;
  // What the shards have under these numbers, in their order; `first` is empty for what is gone.
  struct Stored {
    std::string first, second;
  };
  Result<std::vector<Stored>> Fetch(Round round, std::span<const std::uint32_t> numbers) const;
  // As Faces, with the twins that the shards know.
  Result<std::vector<std::optional<FaceRecord>>> StoredFaces(
      std::span<const FaceNumber> numbers) const;
  // Nothing when votes were lost on the way, or counted differently the second time.
  Result<std::optional<std::vector<Candidate>>> TryToSearch(const CountRequest& request,
                                                            int count) const;
  Result<bool> FetchPairs(const CountRequest& request, const RankRequest& rank,
                          std::span<const FromShard<VoteTotals>> counted,
                          std::span<const Standing> chosen,
                          std::vector<Candidate>& candidates) const;

  // The faces of a call that lie in one shard: their places in it, and what is asked about them.
  struct MatchedPart {
    std::vector<std::size_t> places;
    MatchedRequest request;
  };
  Status NoteItems(std::size_t shard, const MatchedRequest& request, MatchedReply& reply) const;
  // The numbers that a shard has given out are those of this server. Errors: kUnavailable (there
  // are others already, of another server).
  Status Stay(std::size_t shard, std::uint64_t server) const;
  struct RecordOf {
    FaceNumber face = 0;
    FaceRecord* record = nullptr;
  };
  static Status AddShared(std::size_t shard, const TwinsReply& reply, Shared& shared);
  // The numbers of faces that are known by their pixels; kNoFace for those whose picture is gone.
  Result<std::vector<FaceNumber>> NumbersOf(std::span<const DistantTwins::Face> faces) const;
  // Enters pairs of faces in different shards.
  Status AddPairs(std::span<const DistantTwins> pairs, SharedFaces& shared) const;
  // Adds the twins that faces have in other shards.
  Status AddDistantTwins(std::span<const RecordOf> faces) const;

  const ShardTransport& transport_;
  const CatalogueIdentity& identity_;
  const QueryOptions& query_;
  const TwinTable* const twins_;
  const Conditions conditions_;
  const std::uint64_t affinity_;
  mutable std::vector<std::uint64_t> servers_;  // by shard: who has given out numbers; 0: nobody
  mutable bool has_moved_ = false;
  mutable std::vector<bool> lost_;  // by shard: it has failed to answer, and is not asked again
  // Records that came with faces; empty for items that have been removed.
  mutable std::unordered_map<ItemNumber, std::string> items_;
};

template <class Body>
std::string ShardedView::RequestOf(Round round, const Body& body) const {
  const std::uint16_t version = VersionOf(round);
  return ToBytes(Request{.round = round,
                         .fingerprint = identity_.fingerprint,
                         .conditions = conditions_,
                         .body = ToBytes(body, kRequestMagic, version)},
                 kRequestMagic, version);
}

template <class T>
Result<std::vector<ShardedView::FromShard<T>>> ShardedView::Ask(
    std::span<const ShardTransport::Message> messages, Unknown unknown) const {
  INLIER_RETURN_IF_ERROR(CheckCancelled(query_));
  const auto replies = transport_.Ask(messages);
  std::vector<FromShard<T>> from;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::size_t shard = messages[i].shard;
    if (!replies[i] && replies[i].error().code == ErrorCode::kUnavailable) {
      if (messages[i].server != 0) has_moved_ = true;
      if (query_.partial && !has_moved_) {
        lost_[shard] = true;
        continue;
      }
    }
    auto body = BodyOfReply<T>(replies[i]);
    if (!body && body.error().code == ErrorCode::kIncompatible && unknown == Unknown::kIsLeftOut)
      continue;
    if (!body) return tl::unexpected(std::move(body.error()));
    from.push_back({shard, *std::move(body), replies[i]->server});
  }
  return from;
}

template <class T, class Body>
Result<std::vector<ShardedView::FromShard<T>>> ShardedView::AskAll(Round round,
                                                                   const Body& body) const {
  const std::string request = RequestOf(round, body);
  std::vector<ShardTransport::Message> messages;
  for (std::size_t shard = 0; shard < lost_.size(); ++shard) {
    if (!lost_[shard]) messages.push_back(MessageTo(shard, round, request));
  }
  return Ask<T>(messages);
}

}  // namespace inlier::shards

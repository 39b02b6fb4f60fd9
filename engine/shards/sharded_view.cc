// Votes are taken in two rounds (index/voting.h): the shards count, the counts are summed, the
// shards weigh their votes with the sums and send back the faces that may be among the best of all.
// What a shard sends is cut here as one ballot with all votes would cut it (KeepBest). A shard
// sends the voting pairs of its own best faces along; in the rare case that one of the others is
// chosen, that shard is asked again.
#include "engine/shards/sharded_view.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <numeric>
#include <random>
#include <unordered_map>
#include <utility>

#include "core/random.h"
#include "engine/cancelled.h"
#include "engine/item_filter.h"
#include "engine/where.h"
#include "index/embedding_rows.h"
#include "index/photo_codes.h"

namespace inlier::shards {
namespace {

constexpr int kSearchAttempts = 5;

// True for requests with numbers of a shard, or for more of them.
bool HasNumbers(Round round) {
  switch (round) {
    case Round::kKeypoints:
    case Round::kDescriptors:
    case Round::kFaces:
    case Round::kItems:
    case Round::kLimits:
    case Round::kFacesOf:
    case Round::kMatched:
    case Round::kTwins:
      return true;
    default:
      return false;
  }
}

// Different for every search of every gateway, as far as chance goes.
std::uint64_t NewSearch() {
  static const std::uint64_t start = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  }();
  static std::atomic<std::uint64_t> next{0};
  // All of its bits matter, since replicas are chosen by the remainder.
  return Random(start + ++next).Next();
}

}  // namespace

ShardedView::ShardedView(const ShardTransport& transport, const CatalogueIdentity& identity,
                         const QueryOptions& query, const TwinTable* twins)
    : ShardedView(transport, identity, query, twins, NewSearch()) {}

ShardedView::ShardedView(const ShardTransport& transport, const CatalogueIdentity& identity,
                         const QueryOptions& query, const TwinTable* twins, std::uint64_t affinity)
    : transport_(transport),
      identity_(identity),
      query_(query),
      twins_(twins),
      conditions_{.where = query.where, .without = query.without},
      affinity_(affinity),
      servers_(identity.items.size()),
      lost_(identity.items.size()) {}

Status CheckLocal(std::uint32_t number) {
  if (number <= kLocal) return {};
  return Fail(ErrorCode::kIncompatible, "a shard has more than 16,777,216 faces or items");
}

std::uint32_t ShardedView::Joined(std::size_t shard, std::uint32_t local) {
  return static_cast<std::uint32_t>(shard) << kShardShift | local;
}

std::size_t ShardedView::ShardOf(FaceNumber number) { return number >> kShardShift; }

Coverage ShardedView::coverage() const {
  Coverage coverage{.shards = lost_.size()};
  std::uint64_t all = 0, reached = 0;
  for (std::size_t shard = 0; shard < lost_.size(); ++shard) {
    all += identity_.items[shard];
    if (lost_[shard]) continue;
    ++coverage.answered;
    reached += identity_.items[shard];
  }
  const bool complete = coverage.answered == coverage.shards;
  coverage.share_of_items = complete  ? 1
                            : all > 0 ? static_cast<double>(reached) / static_cast<double>(all)
                                      : 0;
  return coverage;
}

ShardTransport::Message ShardedView::MessageTo(std::size_t shard, Round round,
                                               std::string_view request) const {
  return {.shard = shard,
          .request = request,
          .affinity = affinity_,
          .round = static_cast<int>(round),
          .deadline = query_.deadline,
          .server = HasNumbers(round) ? servers_[shard] : 0};
}

Status ShardedView::Stay(std::size_t shard, std::uint64_t server) const {
  if (servers_[shard] == 0) servers_[shard] = server;
  if (servers_[shard] == server) return {};
  has_moved_ = true;
  return Fail(ErrorCode::kUnavailable,
              "shard " + std::to_string(shard) + " was served by another server before");
}

Result<std::optional<std::uint64_t>> ShardedView::CountWhere() const {
  if (query_.where.empty()) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(const auto replies,
                          (AskAll<FilterReply>(Round::kFilter, NumbersRequest{})));
  std::uint64_t matched = 0;
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> unknown_to;
  for (const auto& [shard, reply, server] : replies) {
    matched += reply.where_matched;
    names.insert(names.end(), reply.fields.begin(), reply.fields.end());
    for (const std::string& field : reply.unknown_fields) ++unknown_to[field];
  }
  for (const auto& [column, value] : query_.where) {
    const auto found = unknown_to.find(column);
    if (found == unknown_to.end() || found->second < replies.size()) continue;
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return tl::unexpected(UnknownField(column, names));
  }
  return matched;
}

Result<std::vector<Candidate>> ShardedView::Search(const Features& photo, int count,
                                                   const ShortlistOptions& options) const {
  if (photo.size() == 0) return std::vector<Candidate>();
  if (!identity_.vocabulary || !identity_.vocabulary->Fits(photo))
    return Fail(ErrorCode::kInvalidArgument,
                "features of another kind or row size than the catalogue has");
  CountRequest request{.options = options,
                       .photo = CodesOf(photo, *identity_.vocabulary, options.probes)};
  for (int attempt = 0; attempt < kSearchAttempts; ++attempt) {
    request.search = NewSearch();
    INLIER_ASSIGN_OR_RETURN(auto found, TryToSearch(request, count));
    if (found) return *std::move(found);
  }
  return Fail(ErrorCode::kUnavailable,
              "the shards have too much to do to keep the votes of a query between its rounds");
}

Result<std::optional<std::vector<Candidate>>> ShardedView::TryToSearch(const CountRequest& request,
                                                                       int count) const {
  INLIER_ASSIGN_OR_RETURN(const auto counted, (AskAll<VoteTotals>(Round::kCount, request)));
  RankRequest rank{.search = request.search, .count = count, .of_all = {}, .wanted = {}};
  for (const auto& [shard, totals, server] : counted) {
    if (totals.lengths.size() != request.photo.lists.size() ||
        totals.found.size() != request.photo.size())
      return Fail(ErrorCode::kCorrupt, "the reply of a shard: totals of another photo");
    rank.of_all.Add(totals);
  }
  INLIER_ASSIGN_OR_RETURN(auto ranked, (AskAll<RankReply>(Round::kRank, rank)));
  std::vector<Standing> standings;
  std::unordered_map<FaceNumber, Candidate> by_face;
  for (auto& [shard, reply, server] : ranked) {
    if (reply.is_known == 0) return std::nullopt;
    INLIER_RETURN_IF_ERROR(Stay(shard, server));
    for (Standing& standing : reply.ranking.standings) {
      INLIER_RETURN_IF_ERROR(CheckLocal(standing.face));
      standing.face = Joined(shard, standing.face);
      standings.push_back(standing);
    }
    for (Candidate& candidate : reply.ranking.candidates) {
      candidate.number = Joined(shard, candidate.number);
      by_face[candidate.number] = std::move(candidate);
    }
  }
  KeepBest(standings, count);
  std::vector<Candidate> candidates;
  std::vector<Standing> without_pairs;
  for (const Standing& standing : standings) {
    const auto found = by_face.find(standing.face);
    if (found == by_face.end()) without_pairs.push_back(standing);
    candidates.push_back(found == by_face.end() ? Candidate{.number = standing.face}
                                                : std::move(found->second));
  }
  if (!without_pairs.empty()) {
    INLIER_ASSIGN_OR_RETURN(const bool same,
                            FetchPairs(request, rank, counted, without_pairs, candidates));
    if (!same) return std::nullopt;
  }
  return candidates;
}

Result<bool> ShardedView::FetchPairs(const CountRequest& request, const RankRequest& rank,
                                     std::span<const FromShard<VoteTotals>> counted,
                                     std::span<const Standing> chosen,
                                     std::vector<Candidate>& candidates) const {
  for (const auto& [shard, before, server] : counted) {
    std::vector<FaceNumber> faces;
    for (const Standing& standing : chosen) {
      if (standing.face >> kShardShift == shard) faces.push_back(standing.face & kLocal);
    }
    if (faces.empty()) continue;
    RankRequest wanted = rank;
    wanted.wanted = std::move(faces);
    const std::string count_request = RequestOf(Round::kCount, request),
                      rank_request = RequestOf(Round::kRank, wanted);
    const auto count = MessageTo(shard, Round::kCount, count_request),
               ask = MessageTo(shard, Round::kRank, rank_request);
    INLIER_ASSIGN_OR_RETURN(const auto again, Ask<VoteTotals>({&count, 1}));
    if (again.empty() || again.front().reply != before) return false;
    INLIER_ASSIGN_OR_RETURN(auto ranked, Ask<RankReply>({&ask, 1}));
    if (ranked.empty() || ranked.front().reply.is_known == 0) return false;
    INLIER_RETURN_IF_ERROR(Stay(shard, ranked.front().server));
    for (Candidate& candidate : ranked.front().reply.ranking.candidates) {
      candidate.number = Joined(shard, candidate.number);
      const auto place = std::ranges::find(candidates, candidate.number, &Candidate::number);
      if (place != candidates.end()) *place = std::move(candidate);
    }
  }
  return true;
}

Result<std::vector<Candidate>> ShardedView::SearchExactly(const Features& photo, int count) const {
  INLIER_ASSIGN_OR_RETURN(
      auto replies, (AskAll<ExactNeighbours>(Round::kExact, PhotoRequest{.features = photo})));
  ExactNeighbours all;
  for (auto& [shard, reply, server] : replies) {
    INLIER_RETURN_IF_ERROR(Stay(shard, server));
    for (auto& of_feature : reply.of_feature) {
      for (ExactNeighbour& near : of_feature) {
        INLIER_RETURN_IF_ERROR(CheckLocal(near.face));
        INLIER_RETURN_IF_ERROR(CheckLocal(near.item));
        near.face = Joined(shard, near.face);
        near.item = Joined(shard, near.item);
      }
    }
    Merge(reply, all);
  }
  return VoteExactly(all, count);
}

Result<std::vector<NearFace>> ShardedView::Nearest(const Features& photo, std::size_t space,
                                                   int count) const {
  PhotoRequest request{.features = photo, .count = count};
  Result<std::vector<FromShard<std::vector<NearFace>>>> asked =
      space == 0 ? AskAll<std::vector<NearFace>>(Round::kNearest, request)
                 : AskAll<std::vector<NearFace>>(
                       Round::kNearestIn,
                       SpaceRequest{static_cast<std::uint32_t>(space), std::move(request)});
  INLIER_ASSIGN_OR_RETURN(auto replies, std::move(asked));
  std::vector<NearFace> all;
  for (auto& [shard, faces, server] : replies) {
    INLIER_RETURN_IF_ERROR(Stay(shard, server));
    for (NearFace& face : faces) {
      INLIER_RETURN_IF_ERROR(CheckLocal(face.number));
      face.number = Joined(shard, face.number);
      all.push_back(face);
    }
  }
  KeepNearest(all, count);
  return all;
}

}  // namespace inlier::shards

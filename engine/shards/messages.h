#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/features.h"
#include "engine/exact.h"
#include "engine/shards/archive.h"
#include "index/ballot.h"
#include "index/candidate.h"
#include "index/voting.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/sharded.h"

// What travels between a gateway and the shards of a catalogue (docs/adr/0023-shards.md). Requests
// and replies are sealed like every stored value. Numbers of faces and items are those of the
// shard.

namespace inlier::shards {

inline constexpr std::string_view kRequestMagic = "INRQ", kReplyMagic = "INRE";
enum class Round : std::uint8_t {
  kDescribe = 1,
  kFilter,   // how many items satisfy the conditions
  kCount,    // find votes, and tell the totals that their weights depend on
  kRank,     // cast them with the totals of all shards
  kExact,    // the neighbours of each feature
  kNearest,  // the nearest embeddings
  kKeypoints,
  kDescriptors,
  kFaces,
  kItems,
  kLimits,     // the largest number of a face
  kFacesOf,    // the faces with these pixels
  kMatched,    // descriptors, and the records of items beside them
  kNearestIn,  // the nearest embeddings in another space than the first
  kTwins,      // the faces that have twins or several items
};

/// The newest version of the rounds that is known here, and the version in which a round first
/// appeared. Its messages are sealed with the latter, so that servers of two versions understand
/// each other in all rounds that both know. A round that a shard does not know is answered with
/// kIncompatible.
inline constexpr std::uint16_t kNewestVersion = 4;
constexpr std::uint16_t VersionOf(Round round) {
  if (round < Round::kLimits) return 1;
  if (round < Round::kNearestIn) return 2;
  return round < Round::kTwins ? 3 : 4;
}

/// The items that a query may find. A gateway does not know the numbers of items, so each shard
/// makes its own filter.
struct Conditions {
  Metadata where;
  std::vector<std::string> without;
};

struct Request {
  Round round = Round::kDescribe;
  std::uint64_t fingerprint = 0;  // of the catalogue; kDescribe tells it
  Conditions conditions;
  std::string body;  // of the round
};

/// The body is of the round, unless there is an error.
struct Reply {
  std::uint8_t error = 0;  // 0, or 1 + ErrorCode
  std::string message;
  std::string body;
};

struct Description {
  std::string recipe;
  std::string vocabulary;  // the bytes that the database was given
  std::uint64_t items = 0, faces = 0, last_change = 0;
};

struct FilterReply {
  std::uint64_t where_matched = 0;
  std::vector<std::string> unknown_fields;
  std::vector<std::string> fields;  // that there are, when some are unknown
};

/// The votes stay in the shard under the name `search`, which nobody else uses, until they are
/// ranked.
struct CountRequest {
  std::uint64_t search = 0;
  ShortlistOptions options;
  PhotoCodes photo;
};
struct RankRequest {
  std::uint64_t search = 0;
  std::int32_t count = 0;
  VoteTotals of_all;
  std::vector<FaceNumber> wanted;
};
struct RankReply {
  std::uint8_t is_known = 0;  // the votes were there
  PartialVotes::Ranking ranking;
};

/// Of kExact, where the count does not matter, and of kNearest.
struct PhotoRequest {
  Features features;
  std::int32_t count = 0;
};

/// Of kNearestIn; see Collection::Nearest.
struct SpaceRequest {
  std::uint32_t space = 0;
  PhotoRequest photo;
};

/// Of kKeypoints, kDescriptors, kFaces and kItems; kMatched has items as well.
struct NumbersRequest {
  std::vector<std::uint32_t> numbers;
};
/// What the store has under these numbers: of kFaces and kItems the record, of kKeypoints record
/// and keypoints, of kDescriptors descriptors and preview. All are empty for what has been removed.
struct StoredReply {
  std::vector<std::string> first, second;
};

/// The faces that are matched in full, and the items that answers may name for them, so that these
/// need no round of their own. The replies are those of kDescriptors and of kItems.
struct MatchedRequest {
  std::vector<FaceNumber> faces;
  std::vector<ItemNumber> items;
};
struct MatchedReply {
  StoredReply faces;
  std::vector<std::string> items;
};

struct LimitsReply {
  std::uint32_t faces = 0;  // numbers of faces are lower
};

struct PixelsRequest {
  std::vector<std::string> pixel_hashes;
};
/// In the order of the request; kNoFace where no picture has these pixels.
struct FacesOfReply {
  std::vector<FaceNumber> faces;
};
inline constexpr FaceNumber kNoFace = 0xFFFFFFFF;

/// A slice of the faces of a shard, and the id of an item whose number is wanted as well; may be
/// empty.
struct TwinsRequest {
  FaceNumber begin = 0;
  std::string id;
};
struct TwinsReply {
  std::vector<FaceNumber> faces;     // ascending
  std::vector<std::string> records;  // of `faces`, as of kFaces
  FaceNumber next = 0;               // where the next slice begins; 0 behind the last one
  std::vector<ItemNumber> named;     // the number of the item, if the shard has it
};

template <>
inline constexpr bool kIsPlain<Standing> = true;
template <>
inline constexpr bool kIsPlain<VotingPair> = true;
template <>
inline constexpr bool kIsPlain<NearFace> = true;
template <>
inline constexpr bool kIsPlain<ExactNeighbour> = true;
template <>
inline constexpr bool kIsPlain<Keypoint> = true;
template <>
inline constexpr bool kIsPlain<Box> = true;
static_assert(sizeof(Standing) == 20 && sizeof(VotingPair) == 6 && sizeof(NearFace) == 16 &&
              sizeof(ExactNeighbour) == 16 && sizeof(Keypoint) == 20 && sizeof(Box) == 16);

template <>
struct Members<Conditions> {
  static auto Of(auto& m) { return std::tie(m.where, m.without); }
};
template <>
struct Members<Request> {
  static auto Of(auto& m) { return std::tie(m.round, m.fingerprint, m.conditions, m.body); }
};
template <>
struct Members<Reply> {
  static auto Of(auto& m) { return std::tie(m.error, m.message, m.body); }
};
template <>
struct Members<Description> {
  static auto Of(auto& m) {
    return std::tie(m.recipe, m.vocabulary, m.items, m.faces, m.last_change);
  }
};
template <>
struct Members<FilterReply> {
  static auto Of(auto& m) { return std::tie(m.where_matched, m.unknown_fields, m.fields); }
};
template <>
struct Members<ShortlistOptions> {
  static auto Of(auto& m) { return std::tie(m.probes, m.hamming_bits, m.sigma_bits); }
};
template <>
struct Members<PhotoCodes> {
  static auto Of(auto& m) {
    return std::tie(m.probes, m.code_words, m.lists, m.codes, m.angles, m.scales);
  }
};
template <>
struct Members<CountRequest> {
  static auto Of(auto& m) { return std::tie(m.search, m.options, m.photo); }
};
template <>
struct Members<VoteTotals> {
  static auto Of(auto& m) { return std::tie(m.postings, m.lengths, m.found); }
};
template <>
struct Members<RankRequest> {
  static auto Of(auto& m) { return std::tie(m.search, m.count, m.of_all, m.wanted); }
};
template <>
struct Members<Candidate> {
  static auto Of(auto& m) { return std::tie(m.number, m.votes, m.pairs); }
};
template <>
struct Members<PartialVotes::Ranking> {
  static auto Of(auto& m) { return std::tie(m.standings, m.candidates); }
};
template <>
struct Members<RankReply> {
  static auto Of(auto& m) { return std::tie(m.is_known, m.ranking); }
};
template <>
struct Members<Features> {
  static auto Of(auto& m) {
    return std::tie(m.kind, m.descriptor_bytes, m.image_width_px, m.image_height_px, m.keypoints,
                    m.regions, m.descriptors);
  }
};
template <>
struct Members<PhotoRequest> {
  static auto Of(auto& m) { return std::tie(m.features, m.count); }
};
template <>
struct Members<SpaceRequest> {
  static auto Of(auto& m) { return std::tie(m.space, m.photo); }
};
template <>
struct Members<ExactNeighbours> {
  static auto Of(auto& m) { return std::tie(m.of_feature, m.faces); }
};
template <>
struct Members<NumbersRequest> {
  static auto Of(auto& m) { return std::tie(m.numbers); }
};
template <>
struct Members<StoredReply> {
  static auto Of(auto& m) { return std::tie(m.first, m.second); }
};
template <>
struct Members<MatchedRequest> {
  static auto Of(auto& m) { return std::tie(m.faces, m.items); }
};
template <>
struct Members<MatchedReply> {
  static auto Of(auto& m) { return std::tie(m.faces, m.items); }
};
template <>
struct Members<LimitsReply> {
  static auto Of(auto& m) { return std::tie(m.faces); }
};
template <>
struct Members<PixelsRequest> {
  static auto Of(auto& m) { return std::tie(m.pixel_hashes); }
};
template <>
struct Members<FacesOfReply> {
  static auto Of(auto& m) { return std::tie(m.faces); }
};
template <>
struct Members<TwinsRequest> {
  static auto Of(auto& m) { return std::tie(m.begin, m.id); }
};
template <>
struct Members<TwinsReply> {
  static auto Of(auto& m) { return std::tie(m.faces, m.records, m.next, m.named); }
};

/// What a transport brought back, taken out of its Reply. Errors: of the transport and of the
/// shard; kCorrupt, kIncompatible.
template <class T>
Result<T> BodyOfReply(const Result<ShardTransport::Reply>& sent) {
  constexpr std::string_view kName = "the reply of a shard";
  if (!sent) return tl::unexpected(sent.error());
  INLIER_ASSIGN_OR_RETURN(auto reply,
                          (FromBytes<Reply>(sent->bytes, kReplyMagic, kNewestVersion, kName)));
  if (reply.error != 0)
    return Fail(static_cast<ErrorCode>(reply.error - 1), std::move(reply.message));
  return FromBytes<T>(reply.body, kReplyMagic, kNewestVersion, kName);
}

}  // namespace inlier::shards

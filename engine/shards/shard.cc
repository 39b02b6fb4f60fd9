#include "engine/shards/shard.h"

#include <algorithm>
#include <vector>

#include "engine/cancelled.h"
#include "engine/database_view.h"
#include "engine/twin_groups.h"
#include "index/codec.h"

namespace inlier::shards {
namespace {

// How many faces with twins or several items one reply has, and how many faces are looked at for
// them: some megabytes, and less than a second.
constexpr FaceSlice kSlice{.shared = 16'384, .looked_at = 1 << 20};
constexpr std::size_t kMaxWaiting = 256;
constexpr std::size_t kMaxWaiting_bytes = std::size_t{512} << 20;

template <class T>
Result<T> BodyOf(const Request& request) {
  return FromBytes<T>(request.body, kRequestMagic, kNewestVersion, "a request of a gateway");
}

// One request to one database.
class Answerer {
 public:
  Answerer(const Request& request, const QueryOptions& limits, const Collection& collection,
           const QueryFilter& filter, ShardMemory& memory)
      : request_(request),
        limits_(limits),
        collection_(collection),
        filter_(filter),
        view_(collection, filter),
        memory_(memory) {}

  Result<std::string> Answer() const {
    switch (request_.round) {
      case Round::kDescribe:
        return Describe();
      case Round::kFilter:
        return Filter();
      case Round::kCount:
        return Count();
      case Round::kRank:
        return Rank();
      case Round::kExact:
        return Exact();
      case Round::kNearest:
        return Nearest();
      case Round::kKeypoints:
        return Keypoints();
      case Round::kDescriptors:
        return Descriptors();
      case Round::kFaces:
        return Faces();
      case Round::kItems:
        return Items();
      case Round::kLimits:
        return Body(LimitsReply{collection_.FaceLimit()});
      case Round::kFacesOf:
        return FacesOf();
      case Round::kMatched:
        return Matched();
      case Round::kNearestIn:
        return NearestIn();
      case Round::kTwins:
        return Twins();
    }
    return Fail(ErrorCode::kIncompatible, "a round that this version does not know");
  }

 private:
  template <class T>
  std::string Body(const T& value) const {
    return ToBytes(value, kReplyMagic, VersionOf(request_.round));
  }

  Result<std::string> Describe() const {
    INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, collection_.Stats());
    Description description{.recipe = collection_.recipe(),
                            .vocabulary = {},
                            .items = stats.items,
                            .faces = stats.faces,
                            .last_change = stats.last_change};
    INLIER_ASSIGN_OR_RETURN(description.vocabulary, collection_.GivenVocabulary());
    return Body(description);
  }

  Result<std::string> Filter() const {
    FilterReply reply{.where_matched = filter_.where_matched.value_or(0),
                      .unknown_fields = filter_.unknown_fields,
                      .fields = {}};
    if (!reply.unknown_fields.empty()) {
      INLIER_ASSIGN_OR_RETURN(reply.fields, collection_.FieldNames(kFieldNamesLookedAt));
    }
    return Body(reply);
  }

  Result<std::string> Count() const {
    INLIER_ASSIGN_OR_RETURN(auto count, BodyOf<CountRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(
        auto votes, collection_.FindVotes(std::move(count.photo), count.options, filter_.faces));
    std::string reply = Body(votes.totals());
    memory_.Keep(count.search, std::move(votes));
    return reply;
  }

  Result<std::string> Rank() const {
    INLIER_ASSIGN_OR_RETURN(const auto rank, BodyOf<RankRequest>(request_));
    RankReply reply;
    if (const auto votes = memory_.Take(rank.search)) {
      reply.is_known = 1;
      INLIER_ASSIGN_OR_RETURN(reply.ranking, votes->Rank(rank.of_all, rank.count, rank.wanted));
    }
    return Body(reply);
  }

  Result<std::string> Exact() const {
    INLIER_ASSIGN_OR_RETURN(const auto photo, BodyOf<PhotoRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(const ExactNeighbours nearest,
                            FindNeighbours(collection_, photo.features, filter_.faces, limits_));
    return Body(nearest);
  }

  Result<std::string> Nearest() const {
    INLIER_ASSIGN_OR_RETURN(const auto photo, BodyOf<PhotoRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(const auto nearest, view_.Nearest(photo.features, 0, photo.count));
    return Body(nearest);
  }

  Result<std::string> NearestIn() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<SpaceRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(const auto nearest,
                            view_.Nearest(asked.photo.features, asked.space, asked.photo.count));
    return Body(nearest);
  }

  // A face none of whose items pass is as good as gone.
  static std::string Encoded(const std::optional<FaceRecord>& face) {
    return face && !face->owners.empty() ? EncodeFace(*face) : "";
  }

  // The record of a face with the items that pass.
  Result<std::string> Passing(const std::string& record) const {
    if (filter_.items.empty()) return record;
    INLIER_ASSIGN_OR_RETURN(std::optional<FaceRecord> face, DecodeFace(record));
    filter_.KeepPassing(*face);
    return Encoded(face);
  }

  Result<std::string> Keypoints() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<NumbersRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(auto found, collection_.KeypointBytes(asked.numbers));
    StoredReply reply;
    for (auto& face : found) {
      std::string record;
      if (face) {
        INLIER_ASSIGN_OR_RETURN(record, Passing(face->record));
      }
      reply.first.push_back(std::move(record));
      reply.second.push_back(face ? std::move(face->keypoints) : "");
    }
    return Body(reply);
  }

  Result<StoredReply> DescriptorsOf(std::span<const FaceNumber> numbers) const {
    INLIER_ASSIGN_OR_RETURN(auto found, collection_.DescriptorBytes(numbers));
    StoredReply reply;
    for (auto& face : found) {
      reply.first.push_back(face ? std::move(face->descriptors) : "");
      reply.second.push_back(face ? std::move(face->preview) : "");
    }
    return reply;
  }

  Result<std::string> Descriptors() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<NumbersRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(const auto reply, DescriptorsOf(asked.numbers));
    return Body(reply);
  }

  Result<std::string> Matched() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<MatchedRequest>(request_));
    MatchedReply reply;
    INLIER_ASSIGN_OR_RETURN(reply.faces, DescriptorsOf(asked.faces));
    INLIER_ASSIGN_OR_RETURN(reply.items, ItemsOf(asked.items));
    return Body(reply);
  }

  Result<std::string> Faces() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<NumbersRequest>(request_));
    INLIER_ASSIGN_OR_RETURN(const auto faces, view_.Faces(asked.numbers));
    StoredReply reply;
    for (const auto& face : faces) reply.first.push_back(Encoded(face));
    return Body(reply);
  }

  Result<std::vector<std::string>> ItemsOf(std::span<const ItemNumber> numbers) const {
    INLIER_ASSIGN_OR_RETURN(const auto items, view_.Items(numbers));
    std::vector<std::string> records;
    for (const auto& item : items) records.push_back(item ? EncodeItem(*item) : "");
    return records;
  }

  Result<std::string> Items() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<NumbersRequest>(request_));
    StoredReply reply;
    INLIER_ASSIGN_OR_RETURN(reply.first, ItemsOf(asked.numbers));
    return Body(reply);
  }

  Result<std::string> FacesOf() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<PixelsRequest>(request_));
    FacesOfReply reply;
    for (const std::string& pixel_hash : asked.pixel_hashes) {
      INLIER_ASSIGN_OR_RETURN(const auto face, collection_.FaceOfPixels(pixel_hash));
      reply.faces.push_back(face.value_or(kNoFace));
    }
    return Body(reply);
  }

  Result<std::string> Twins() const {
    INLIER_ASSIGN_OR_RETURN(const auto asked, BodyOf<TwinsRequest>(request_));
    SharedFaces shared;
    TwinsReply reply;
    INLIER_ASSIGN_OR_RETURN(reply.next, ReadShared(collection_, asked.begin, kSlice, shared));
    for (const auto& [number, face] : shared) {
      reply.faces.push_back(number);
      reply.records.push_back(EncodeFace(face));
    }
    if (asked.id.empty()) return Body(reply);
    if (const auto number = collection_.NumberOf(asked.id))
      reply.named.push_back(*number);
    else if (number.error().code != ErrorCode::kNotFound)
      return tl::unexpected(number.error());
    return Body(reply);
  }

  const Request& request_;
  const QueryOptions& limits_;
  const Collection& collection_;
  const QueryFilter& filter_;
  DatabaseView view_;
  ShardMemory& memory_;
};

Result<std::string> Answer(const Request& request, const QueryOptions& limits,
                           const Collection& collection, const ItemFilters& filters,
                           ShardMemory& memory) {
  if (request.round != Round::kDescribe) {
    INLIER_ASSIGN_OR_RETURN(const std::uint64_t own, memory.FingerprintOf(collection));
    if (own != request.fingerprint)
      return Fail(ErrorCode::kIncompatible,
                  "the shard was made with another recipe or vocabulary than the gateway asks for");
  }
  const auto& [where, without] = request.conditions;
  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter, filters.ForPart(where, without, collection));
  return Answerer(request, limits, collection, filter, memory).Answer();
}

}  // namespace

std::uint64_t Fingerprint(std::string_view recipe, std::string_view vocabulary) {
  return Hash64(std::string(recipe) + '\0' + std::to_string(Hash64(vocabulary)));
}

void ShardMemory::Keep(std::uint64_t search, PartialVotes votes) {
  std::lock_guard lock(mutex_);
  waiting_bytes_ += votes.bytes();
  waiting_.emplace_back(search, std::move(votes));
  while (waiting_.size() > kMaxWaiting ||
         (waiting_bytes_ > kMaxWaiting_bytes && waiting_.size() > 1)) {
    waiting_bytes_ -= waiting_.front().second.bytes();
    waiting_.pop_front();
  }
}

std::optional<PartialVotes> ShardMemory::Take(std::uint64_t search) {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(waiting_, search, [](const auto& w) { return w.first; });
  if (found == waiting_.end()) return std::nullopt;
  PartialVotes votes = std::move(found->second);
  waiting_bytes_ -= votes.bytes();
  waiting_.erase(found);
  return votes;
}

Result<std::uint64_t> ShardMemory::FingerprintOf(const Collection& collection) {
  std::lock_guard lock(mutex_);
  if (!fingerprint_) {
    INLIER_ASSIGN_OR_RETURN(const std::string vocabulary, collection.GivenVocabulary());
    fingerprint_ = Fingerprint(collection.recipe(), vocabulary);
  }
  return *fingerprint_;
}

std::string AnswerRound(std::string_view request, const QueryOptions& limits,
                        const Collection& collection, const ItemFilters& filters,
                        ShardMemory& memory) {
  const auto told =
      FromBytes<Request>(request, kRequestMagic, kNewestVersion, "a request of a gateway");
  auto answer = [&]() -> Result<std::string> {
    INLIER_RETURN_IF_ERROR(CheckCancelled(limits));
    if (!told) return tl::unexpected(told.error());
    return Answer(*told, limits, collection, filters, memory);
  }();
  Reply reply;
  if (answer) {
    reply.body = *std::move(answer);
  } else {
    reply.error = static_cast<std::uint8_t>(1 + static_cast<int>(answer.error().code));
    reply.message = answer.error().message;
  }
  // When the request cannot be read, a gateway of a newer version has sent it, and that knows the
  // oldest version too.
  return ToBytes(reply, kReplyMagic, told ? VersionOf(told->round) : 1);
}

}  // namespace inlier::shards

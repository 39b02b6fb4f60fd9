// All twins of a catalogue: those that the shards know within themselves, and the pairs in
// different shards, which are kept beside them. Faces here have the order of their shards and, in a
// shard, the order of their numbers, as if a database had been given one shard after the other.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/shards/sharded_view.h"
#include "index/codec.h"

namespace inlier::shards {
namespace {

constexpr std::size_t kPairsAtOnce = 16'384;

void AddTwin(FaceRecord& record, TwinFace twin) {
  const auto at = std::ranges::lower_bound(record.twins, twin.face, {}, &TwinFace::face);
  if (at == record.twins.end() || at->face != twin.face) record.twins.insert(at, twin);
}

}  // namespace

Result<ShardedView::Shared> ShardedView::FindShared(const std::string& id) const {
  Shared shared;
  std::vector<std::optional<FaceNumber>> begins(lost_.size(), 0);
  while (true) {
    std::vector<std::string> requests(begins.size());
    std::vector<ShardTransport::Message> messages;
    for (std::size_t shard = 0; shard < begins.size(); ++shard) {
      if (!begins[shard]) continue;
      requests[shard] = RequestOf(Round::kTwins, TwinsRequest{*begins[shard], id});
      messages.push_back(MessageTo(shard, Round::kTwins, requests[shard]));
    }
    if (messages.empty()) break;
    INLIER_ASSIGN_OR_RETURN(const auto replies, Ask<TwinsReply>(messages));
    for (const auto& [shard, reply, server] : replies) {
      INLIER_RETURN_IF_ERROR(Stay(shard, server));
      INLIER_RETURN_IF_ERROR(AddShared(shard, reply, shared));
      if (reply.next != 0 && reply.next <= *begins[shard])
        return Fail(ErrorCode::kCorrupt, "the reply of a shard: the same slice again");
      begins[shard] = reply.next == 0 ? std::nullopt : std::optional(reply.next);
    }
  }
  std::ranges::sort(shared.named);
  shared.named.erase(std::unique(shared.named.begin(), shared.named.end()), shared.named.end());
  if (twins_ == nullptr) return shared;
  for (std::span<const DistantTwins> left = twins_->pairs(); !left.empty();) {
    const std::size_t count = std::min(kPairsAtOnce, left.size());
    INLIER_RETURN_IF_ERROR(AddPairs(left.first(count), shared.faces));
    left = left.subspan(count);
  }
  return shared;
}

Status ShardedView::AddShared(std::size_t shard, const TwinsReply& reply, Shared& shared) {
  if (reply.faces.size() != reply.records.size())
    return Fail(ErrorCode::kCorrupt, "the reply of a shard: another number of records");
  for (std::size_t i = 0; i < reply.faces.size(); ++i) {
    INLIER_RETURN_IF_ERROR(CheckLocal(reply.faces[i]));
    INLIER_ASSIGN_OR_RETURN(FaceRecord record, DecodeFace(reply.records[i]));
    INLIER_RETURN_IF_ERROR(JoinNumbers(shard, record));
    shared.faces.insert_or_assign(Joined(shard, reply.faces[i]), std::move(record));
  }
  for (const ItemNumber item : reply.named) {
    INLIER_RETURN_IF_ERROR(CheckLocal(item));
    shared.named.push_back(Joined(shard, item));
  }
  return {};
}

Result<std::vector<FaceNumber>> ShardedView::NumbersOf(
    std::span<const DistantTwins::Face> faces) const {
  std::vector<FaceNumber> numbers(faces.size(), kNoFace);
  std::vector<std::vector<std::size_t>> places(lost_.size());  // by shard, in `faces`
  for (std::size_t i = 0; i < faces.size(); ++i)
    if (faces[i].shard < places.size()) places[faces[i].shard].push_back(i);
  std::vector<std::string> requests(places.size());
  std::vector<ShardTransport::Message> messages;
  for (std::size_t shard = 0; shard < places.size(); ++shard) {
    if (places[shard].empty() || lost_[shard]) continue;
    PixelsRequest asked;
    for (const std::size_t place : places[shard])
      asked.pixel_hashes.push_back(faces[place].pixel_hash);
    requests[shard] = RequestOf(Round::kFacesOf, asked);
    messages.push_back(MessageTo(shard, Round::kFacesOf, requests[shard]));
  }
  if (messages.empty()) return numbers;
  INLIER_ASSIGN_OR_RETURN(const auto replies, Ask<FacesOfReply>(messages, Unknown::kIsLeftOut));
  for (const auto& [shard, reply, server] : replies) {
    INLIER_RETURN_IF_ERROR(Stay(shard, server));
    if (reply.faces.size() != places[shard].size())
      return Fail(ErrorCode::kCorrupt, "the reply of a shard: another number of faces");
    for (std::size_t i = 0; i < reply.faces.size(); ++i) {
      if (reply.faces[i] == kNoFace) continue;
      INLIER_RETURN_IF_ERROR(CheckLocal(reply.faces[i]));
      numbers[places[shard][i]] = Joined(shard, reply.faces[i]);
    }
  }
  return numbers;
}

Status ShardedView::AddPairs(std::span<const DistantTwins> pairs, SharedFaces& shared) const {
  std::vector<DistantTwins::Face> faces;
  for (const DistantTwins& pair : pairs) {
    faces.push_back(pair.first);
    faces.push_back(pair.second);
  }
  INLIER_ASSIGN_OR_RETURN(const auto numbers, NumbersOf(faces));
  // Most of them have no twin in their own shard, so their records are not known yet.
  std::vector<FaceNumber> unknown;
  std::ranges::copy_if(numbers, std::back_inserter(unknown), [&](FaceNumber number) {
    return number != kNoFace && !shared.contains(number);
  });
  std::ranges::sort(unknown);
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  INLIER_ASSIGN_OR_RETURN(auto records, StoredFaces(unknown));
  for (std::size_t i = 0; i < unknown.size(); ++i)
    if (records[i]) shared.emplace(unknown[i], *std::move(records[i]));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto first = shared.find(numbers[2 * i]), second = shared.find(numbers[2 * i + 1]);
    if (first == shared.end() || second == shared.end()) continue;  // its picture has been removed
    AddTwin(first->second, {second->first, pairs[i].likeness});
    AddTwin(second->second, {first->first, pairs[i].likeness});
  }
  return {};
}

}  // namespace inlier::shards

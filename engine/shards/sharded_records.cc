// What a query reads of the faces and items in a shortlist, wherever they lie: records, keypoints
// and descriptors as their shards store them, with numbers that name the shard.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/shards/sharded_view.h"
#include "index/codec.h"
#include "index/face_bytes.h"

namespace inlier::shards {
namespace {

constexpr std::size_t kItemsBesideFaces = 64;  // of a shard

}  // namespace

Status JoinNumbers(std::size_t shard, FaceRecord& record) {
  for (ItemNumber& owner : record.owners) {
    INLIER_RETURN_IF_ERROR(CheckLocal(owner));
    owner = ShardedView::Joined(shard, owner);
  }
  for (TwinFace& twin : record.twins) {
    INLIER_RETURN_IF_ERROR(CheckLocal(twin.face));
    twin.face = ShardedView::Joined(shard, twin.face);
  }
  return {};
}

Result<std::vector<ShardedView::Stored>> ShardedView::Fetch(
    Round round, std::span<const std::uint32_t> numbers) const {
  std::vector<Stored> stored(numbers.size());
  std::vector<std::vector<std::size_t>> places(lost_.size());  // by shard, in `numbers`
  for (std::size_t i = 0; i < numbers.size(); ++i) places[numbers[i] >> kShardShift].push_back(i);
  std::vector<std::string> requests;
  std::vector<std::size_t> asked;
  for (std::size_t shard = 0; shard < places.size(); ++shard) {
    if (places[shard].empty() || lost_[shard]) continue;
    NumbersRequest request;
    for (const std::size_t place : places[shard])
      request.numbers.push_back(numbers[place] & kLocal);
    requests.push_back(RequestOf(round, request));
    asked.push_back(shard);
  }
  std::vector<ShardTransport::Message> messages;
  for (std::size_t i = 0; i < asked.size(); ++i)
    messages.push_back(MessageTo(asked[i], round, requests[i]));
  if (messages.empty()) return stored;
  INLIER_ASSIGN_OR_RETURN(auto replies, Ask<StoredReply>(messages));
  for (auto& [shard, reply, server] : replies) {
    INLIER_RETURN_IF_ERROR(Stay(shard, server));
    reply.second.resize(reply.first.size());
    if (reply.first.size() != places[shard].size())
      return Fail(ErrorCode::kCorrupt, "the reply of a shard: another number of records");
    for (std::size_t i = 0; i < places[shard].size(); ++i)
      stored[places[shard][i]] = {std::move(reply.first[i]), std::move(reply.second[i])};
  }
  return stored;
}

Result<std::vector<FaceKeypoints>> ShardedView::FetchKeypoints(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(auto stored, Fetch(Round::kKeypoints, numbers));
  std::vector<FaceKeypoints> faces;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (stored[i].first.empty()) continue;
    INLIER_ASSIGN_OR_RETURN(
        FaceKeypoints face,
        DecodeKeypointsOf(numbers[i], {.record = std::move(stored[i].first),
                                       .keypoints = std::move(stored[i].second)}));
    INLIER_RETURN_IF_ERROR(JoinNumbers(numbers[i] >> kShardShift, face.record));
    faces.push_back(std::move(face));
  }
  std::vector<RecordOf> records;
  for (FaceKeypoints& face : faces) records.push_back({face.number, &face.record});
  INLIER_RETURN_IF_ERROR(AddDistantTwins(records));
  return faces;
}

Status ShardedView::AddDistantTwins(std::span<const RecordOf> faces) const {
  if (twins_ == nullptr) return {};
  std::vector<std::pair<FaceRecord*, float>> wanted;  // with the likeness
  std::vector<DistantTwins::Face> twins;
  for (const auto& [face, record] : faces) {
    for (const TwinTable::Twin& twin : twins_->Of(ShardOf(face), record->pixel_hash)) {
      wanted.emplace_back(record, twin.likeness);
      twins.push_back(*twin.face);
    }
  }
  INLIER_ASSIGN_OR_RETURN(const auto numbers, NumbersOf(twins));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == kNoFace) continue;  // its picture has been removed
    const auto& [record, likeness] = wanted[i];
    record->twins.push_back({numbers[i], likeness});
  }
  for (const RecordOf& face : faces) std::ranges::sort(face.record->twins, {}, &TwinFace::face);
  return {};
}

Result<FaceNumber> ShardedView::FaceLimit(std::size_t shard) const {
  const std::string request = RequestOf(Round::kLimits, NumbersRequest{});
  const auto message = MessageTo(shard, Round::kLimits, request);
  INLIER_ASSIGN_OR_RETURN(const auto replies, Ask<LimitsReply>({&message, 1}));
  if (replies.empty()) return 0;
  INLIER_RETURN_IF_ERROR(Stay(shard, replies.front().server));
  return replies.front().reply.faces;
}

Status ShardedView::NoteItems(std::size_t shard, const MatchedRequest& request,
                              MatchedReply& reply) const {
  if (reply.items.size() != request.items.size() ||
      reply.faces.first.size() != request.faces.size())
    return Fail(ErrorCode::kCorrupt, "the reply of a shard: another number of records");
  reply.faces.second.resize(reply.faces.first.size());
  for (std::size_t i = 0; i < request.items.size(); ++i)
    items_[Joined(shard, request.items[i])] = std::move(reply.items[i]);
  return {};
}

Result<std::vector<std::optional<StoredFace>>> ShardedView::FetchDescriptors(
    std::vector<FaceKeypoints> faces) const {
  std::vector<MatchedPart> parts(lost_.size());  // by shard
  for (std::size_t i = 0; i < faces.size(); ++i) {
    MatchedPart& part = parts[ShardOf(faces[i].number)];
    part.places.push_back(i);
    part.request.faces.push_back(faces[i].number & kLocal);
    for (const ItemNumber owner : faces[i].record.owners) {
      if (part.request.items.size() == kItemsBesideFaces) break;  // others are asked for later
      part.request.items.push_back(owner & kLocal);
    }
  }
  std::vector<std::string> requests(parts.size());
  std::vector<ShardTransport::Message> messages;
  for (std::size_t shard = 0; shard < parts.size(); ++shard) {
    if (parts[shard].places.empty() || lost_[shard]) continue;
    requests[shard] = RequestOf(Round::kMatched, parts[shard].request);
    messages.push_back(MessageTo(shard, Round::kMatched, requests[shard]));
  }
  std::vector<Stored> stored(faces.size());
  if (!messages.empty()) {
    INLIER_ASSIGN_OR_RETURN(auto replies, Ask<MatchedReply>(messages, Unknown::kIsLeftOut));
    for (auto& [shard, reply, server] : replies) {
      INLIER_RETURN_IF_ERROR(Stay(shard, server));
      MatchedPart& part = parts[shard];
      INLIER_RETURN_IF_ERROR(NoteItems(shard, part.request, reply));
      for (std::size_t i = 0; i < part.places.size(); ++i)
        stored[part.places[i]] = {std::move(reply.faces.first[i]),
                                  std::move(reply.faces.second[i])};
      part.places.clear();
    }
  }
  // What is left is in shards of an older version, or in lost ones.
  std::vector<FaceNumber> numbers;
  std::vector<std::size_t> places;
  for (const MatchedPart& part : parts)
    places.insert(places.end(), part.places.begin(), part.places.end());
  for (const std::size_t place : places) numbers.push_back(faces[place].number);
  INLIER_ASSIGN_OR_RETURN(auto others, Fetch(Round::kDescriptors, numbers));
  for (std::size_t i = 0; i < places.size(); ++i) stored[places[i]] = std::move(others[i]);

  std::vector<std::optional<StoredFace>> whole(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (stored[i].first.empty()) continue;
    INLIER_ASSIGN_OR_RETURN(
        whole[i], DecodeWhole(std::move(faces[i]), {.descriptors = std::move(stored[i].first),
                                                    .preview = std::move(stored[i].second)}));
  }
  return whole;
}

Result<std::vector<std::optional<FaceRecord>>> ShardedView::StoredFaces(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(const auto stored, Fetch(Round::kFaces, numbers));
  std::vector<std::optional<FaceRecord>> faces(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (stored[i].first.empty()) continue;
    INLIER_ASSIGN_OR_RETURN(faces[i], DecodeFace(stored[i].first));
    INLIER_RETURN_IF_ERROR(JoinNumbers(ShardOf(numbers[i]), *faces[i]));
  }
  return faces;
}

Result<std::vector<std::optional<FaceRecord>>> ShardedView::Faces(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(auto faces, StoredFaces(numbers));
  std::vector<RecordOf> records;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (faces[i]) records.push_back({numbers[i], &*faces[i]});
  }
  INLIER_RETURN_IF_ERROR(AddDistantTwins(records));
  return faces;
}

Result<std::vector<std::vector<ItemNumber>>> ShardedView::Owners(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(auto faces, StoredFaces(numbers));
  return OwnersOf(std::move(faces));
}

Result<std::vector<std::optional<ItemRecord>>> ShardedView::Items(
    std::span<const ItemNumber> numbers) const {
  std::vector<ItemNumber> unknown;
  std::ranges::copy_if(numbers, std::back_inserter(unknown),
                       [this](ItemNumber number) { return !items_.contains(number); });
  INLIER_ASSIGN_OR_RETURN(auto fetched, Fetch(Round::kItems, unknown));
  for (std::size_t i = 0; i < unknown.size(); ++i) items_[unknown[i]] = std::move(fetched[i].first);
  std::vector<std::optional<ItemRecord>> items(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::string& record = items_[numbers[i]];
    if (record.empty()) continue;
    INLIER_ASSIGN_OR_RETURN(items[i], DecodeItem(record));
    for (PictureRecord& picture : items[i]->pictures) {
      INLIER_RETURN_IF_ERROR(CheckLocal(picture.face));
      picture.face = Joined(numbers[i] >> kShardShift, picture.face);
    }
  }
  return items;
}

}  // namespace inlier::shards

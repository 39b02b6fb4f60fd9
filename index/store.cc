#include "index/store.h"

#include <algorithm>
#include <unordered_set>

#include "index/feature_codec.h"
#include "index/field_index.h"
#include "index/store_edit.h"
#include "index/store_state.h"

namespace inlier {

Store::Store(std::unique_ptr<StoreState> state) : state_(std::move(state)) {}
Store::~Store() = default;
const std::string& Store::recipe() const { return state_->recipe; }
Result<std::optional<std::string>> Store::GivenVocabulary() const {
  return state_->GetDecoded<std::string>(kMeta, kVocabularyKey,
                                         [](std::string_view bytes) -> Result<std::string> {
                                           return std::string(bytes);  // sealed by itself
                                         });
}
Counters Store::counters() const { return state_->Current(); }

bool Store::folder_sync_refused() const { return state_->files->folder_sync_refused(); }

std::string Store::loss() const {
  if (!state_->lost_writes) return "";
  return fmt::format(
      "{}: changes that were acknowledged are missing: its log (*.log) is damaged, gone or from an "
      "earlier time",
      state_->name());
}

Result<FaceChanges> Store::Put(std::span<const ItemUpdate> items) {
  StoreEdit edit(*state_);
  std::unordered_set<std::string_view> ids;
  for (const ItemUpdate& item : items) {
    if (!ids.insert(item.id).second) {
      return Fail(ErrorCode::kInvalidArgument, "the id '" + item.id + "' twice in one batch");
    }
    INLIER_RETURN_IF_ERROR(edit.Put(item));
  }
  return std::move(edit).Commit(*state_);
}

Result<FaceChanges> Store::Remove(std::span<const std::string> ids) {
  StoreEdit edit(*state_);
  std::unordered_set<std::string_view> removed;
  for (const std::string& id : ids) {
    if (removed.insert(id).second) INLIER_RETURN_IF_ERROR(edit.Remove(id));
  }
  return std::move(edit).Commit(*state_);
}

Result<FaceChanges> Store::RemovePicture(const std::string& id, const std::string& picture) {
  StoreEdit edit(*state_);
  INLIER_RETURN_IF_ERROR(edit.RemovePicture(id, picture));
  return std::move(edit).Commit(*state_);
}

Status Store::PutTwins(std::span<const TwinFaces> twins, FaceNumber sought) {
  if (twins.empty()) {  // no write of its own: the next one carries the number
    std::lock_guard lock(state_->mutex);
    state_->counters.twins_sought = std::max(state_->counters.twins_sought, sought);
    return {};
  }
  StoreEdit edit(*state_);
  for (const TwinFaces& pair : twins)
    INLIER_RETURN_IF_ERROR(edit.PutTwins(pair.first, pair.second, pair.likeness));
  edit.SetTwinsSought(sought);
  INLIER_RETURN_IF_ERROR(std::move(edit).Commit(*state_));
  return {};
}

Result<std::optional<ItemNumber>> Store::NumberOf(const std::string& id) const {
  return state_->GetDecoded<ItemNumber>(kIds, id, DecodeNumber);
}

Result<std::optional<ItemRecord>> Store::Record(ItemNumber number) const {
  return state_->GetDecoded<ItemRecord>(kItems, Key(number), DecodeItem);
}

Result<std::optional<FaceRecord>> Store::Face(FaceNumber number) const {
  return state_->GetDecoded<FaceRecord>(kFaces, Key(number), DecodeFace);
}

Result<std::optional<FaceNumber>> Store::FaceOfPixels(const std::string& pixel_hash) const {
  return state_->GetDecoded<FaceNumber>(kPixels, pixel_hash, DecodeNumber);
}

Result<std::optional<Features>> Store::FeaturesOf(FaceNumber number) const {
  const std::array numbers{number};
  const StoreState::BatchedRead read(*state_, numbers);
  const auto keypoints = read.Get(kKeypoints), descriptors = read.Get(kDescriptors);
  if (keypoints.Missing(0) && descriptors.Missing(0)) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(0));
  INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(0));
  INLIER_ASSIGN_OR_RETURN(Features features, DecodeKeypoints(points));
  INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, features));
  return features;
}

Result<std::optional<std::vector<Features>>> Store::GlobalsOf(FaceNumber number) const {
  return state_->GetDecoded<std::vector<Features>>(kGlobals, Key(number), DecodeGlobals);
}

Result<std::vector<FaceKeypoints>> Store::FetchKeypoints(
    std::span<const FaceNumber> numbers) const {
  const StoreState::BatchedRead read(*state_, numbers);
  const auto records = read.Get(kFaces), keypoints = read.Get(kKeypoints);
  std::vector<FaceKeypoints> faces;
  faces.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto record, records.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(i));
    FaceKeypoints face{.number = numbers[i]};
    INLIER_ASSIGN_OR_RETURN(face.record, DecodeFace(record));
    INLIER_ASSIGN_OR_RETURN(face.features, DecodeKeypoints(points));
    faces.push_back(std::move(face));
  }
  return faces;
}

Result<std::vector<std::optional<StoredFace>>> Store::FetchDescriptors(
    std::vector<FaceKeypoints> faces) const {
  std::vector<FaceNumber> numbers;
  for (const FaceKeypoints& face : faces) numbers.push_back(face.number);
  const StoreState::BatchedRead read(*state_, numbers);
  // The record says whether the face is still there. Numbers are not used twice, so the other parts
  // are this face's.
  const auto records = read.Get(kFaces), descriptors = read.Get(kDescriptors),
             previews = read.Get(kPreviews);
  std::vector<std::optional<StoredFace>> whole(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto preview, previews.At(i));
    StoredFace face{.number = faces[i].number,
                    .record = std::move(faces[i].record),
                    .features = std::move(faces[i].features)};
    INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, face.features));
    INLIER_ASSIGN_OR_RETURN(face.preview, DecodePreview(preview));
    whole[i] = std::move(face);
  }
  return whole;
}

namespace {

// Two parts of each face as they were at one moment; nothing where the record is gone.
Result<std::vector<std::optional<FaceBytes>>> PartsOf(
    const StoreState& state, std::span<const FaceNumber> numbers, Family first,
    std::string FaceBytes::*to_first, Family second, std::string FaceBytes::*to_second) {
  const StoreState::BatchedRead read(state, numbers);
  const auto records = read.Get(kFaces), firsts = read.Get(first), seconds = read.Get(second);
  std::vector<std::optional<FaceBytes>> parts(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (records.Missing(i)) continue;
    FaceBytes bytes;
    INLIER_ASSIGN_OR_RETURN(bytes.*to_first, firsts.At(i));
    INLIER_ASSIGN_OR_RETURN(bytes.*to_second, seconds.At(i));
    parts[i] = std::move(bytes);
  }
  return parts;
}

}  // namespace

Result<std::vector<std::optional<FaceBytes>>> Store::KeypointBytes(
    std::span<const FaceNumber> numbers) const {
  return PartsOf(*state_, numbers, kFaces, &FaceBytes::record, kKeypoints, &FaceBytes::keypoints);
}

Result<std::vector<std::optional<FaceBytes>>> Store::DescriptorBytes(
    std::span<const FaceNumber> numbers) const {
  return PartsOf(*state_, numbers, kDescriptors, &FaceBytes::descriptors, kPreviews,
                 &FaceBytes::preview);
}

Status Store::ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const {
  return state_->Scan(kItems, {}, [&](const Slice& key, const Slice& value) -> Result<bool> {
    INLIER_ASSIGN_OR_RETURN(const std::uint64_t number, KeyNumber(key));
    INLIER_ASSIGN_OR_RETURN(const ItemRecord record, DecodeItem(View(value)));
    return visit(static_cast<ItemNumber>(number), record);
  });
}

Status Store::ForEachId(const std::string& after,
                        const std::function<bool(const std::string&, ItemNumber)>& visit) const {
  // The smallest key behind `after` is `after` with a zero byte.
  const std::string from = after.empty() ? after : after + std::string(1, '\0');
  return state_->Scan(kIds, from, [&](const Slice& key, const Slice& value) -> Result<bool> {
    INLIER_ASSIGN_OR_RETURN(const ItemNumber number, DecodeNumber(View(value)));
    return visit(key.ToString(), number);
  });
}

Result<std::optional<std::string>> Store::Preview(FaceNumber number) const {
  return state_->GetDecoded<std::string>(kPreviews, Key(number), DecodePreview);
}

Status Store::ForEachFace(const std::function<bool(FaceNumber, const FaceRecord&)>& visit,
                          FaceNumber begin) const {
  return state_->Scan(kFaces, Key(begin),
                      [&](const Slice& key, const Slice& value) -> Result<bool> {
                        INLIER_ASSIGN_OR_RETURN(const std::uint64_t number, KeyNumber(key));
                        INLIER_ASSIGN_OR_RETURN(const FaceRecord record, DecodeFace(View(value)));
                        return visit(static_cast<FaceNumber>(number), record);
                      });
}

Result<bool> Store::HasField(std::string_view column) const {
  return inlier::HasField(*state_->db, state_->family(kFields), column);
}

Result<std::vector<std::string>> Store::FieldNames(std::size_t most) const {
  return inlier::FieldNames(*state_->db, state_->family(kFields), most);
}

Status Store::VisitWhere(
    std::span<const Condition> all_of,
    const std::function<void(ItemNumber, std::span<const FaceNumber>)>& visit) const {
  return inlier::VisitWhere(*state_->db, state_->family(kFields), all_of, visit);
}

Status Store::ForEachChange(std::uint64_t after,
                            const std::function<void(const Change&)>& visit) const {
  return state_->Scan(kChanges, Key(after + 1),
                      [&](const Slice&, const Slice& value) -> Result<bool> {
                        INLIER_ASSIGN_OR_RETURN(const Change change, DecodeChange(View(value)));
                        visit(change);
                        return true;
                      });
}

Result<std::vector<Generation>> Store::Generations() const {
  INLIER_ASSIGN_OR_RETURN(auto generations, state_->GetDecoded<std::vector<Generation>>(
                                                kMeta, kManifestKey, DecodeGenerations));
  return std::move(generations).value_or(std::vector<Generation>{});
}

Status Store::PutGenerations(std::span<const Generation> generations) {
  rocksdb::WriteBatch batch;
  batch.Put(state_->family(kMeta), kManifestKey, EncodeGenerations(generations));
  if (!generations.empty()) {
    // One by one, since RocksDB 7.8 ends the process when a merge of ranges that were deleted
    // leaves nothing and the file of nothing cannot be written.
    INLIER_ASSIGN_OR_RETURN(const auto before, Generations());
    const std::uint64_t deleted = before.empty() ? 0 : before.back().covered_change;
    const std::string end = Key(generations.back().covered_change + 1);
    INLIER_RETURN_IF_ERROR(state_->Scan(kChanges, Key(deleted + 1),
                                        [&](const Slice& key, const Slice&) -> Result<bool> {
                                          if (key.compare(end) >= 0) return false;
                                          batch.Delete(state_->family(kChanges), key);
                                          return true;
                                        }));
  }
  INLIER_RETURN_IF_ERROR(state_->Commit(batch, state_->Current()));
  // Moves the content of the write-ahead log into tables. A reader would otherwise replay the log
  // whenever it opens the database.
  const rocksdb::Status flushed = state_->db->Flush({}, state_->handles);
  return flushed.ok() ? Status() : FromRocks(flushed, state_->name());
}

}  // namespace inlier

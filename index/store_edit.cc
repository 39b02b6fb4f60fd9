#include "index/store_edit.h"

#include <algorithm>
#include <set>

#include "index/feature_codec.h"
#include "index/field_index.h"

namespace inlier {
namespace {

// Limits of one item. A posting numbers features with 16 bits.
constexpr std::size_t kMaxRecordBytes = 128 << 10;
constexpr std::size_t kMaxFeatures = 65'535;

tl::unexpected<Error> Refused(std::string what) {
  return Fail(ErrorCode::kInvalidArgument, std::move(what));
}

Status CheckRecord(const ItemRecord& item) {
  if (item.id.empty()) return Refused("an item without an id");
  if (item.id.size() > kMaxIdBytes)
    return Refused(fmt::format("the id has {} bytes, more than {}", item.id.size(), kMaxIdBytes));
  if (item.pictures.empty()) return Refused(item.id + ": an item without a picture");
  std::size_t bytes = item.id.size();
  for (const PictureRecord& picture : item.pictures)
    bytes += picture.path.size() + picture.content_hash.size();
  for (const auto& [key, value] : item.metadata) bytes += key.size() + value.size();
  if (bytes > kMaxRecordBytes)
    return Refused(fmt::format("{}: paths and metadata have {} bytes, more than {}", item.id, bytes,
                               kMaxRecordBytes));
  return {};
}

// The pictures that an item has after an update.
std::vector<PictureRecord> Merged(std::vector<PictureRecord> named,
                                  const std::vector<PictureRecord>& before,
                                  ItemUpdate::Others others) {
  if (others == ItemUpdate::Others::kAreDropped) return named;
  std::vector<PictureRecord> rest;
  std::ranges::copy_if(before, std::back_inserter(rest), [&named](const PictureRecord& old) {
    return std::ranges::none_of(
        named, [&old](const PictureRecord& picture) { return IsSamePicture(picture, old); });
  });
  const bool first = others == ItemUpdate::Others::kPrecede;
  rest.insert(first ? rest.end() : rest.begin(), named.begin(), named.end());
  return rest;
}

}  // namespace

Result<std::optional<ItemNumber>> StoreEdit::NumberOf(const std::string& id) {
  const auto known = numbers_.find(id);
  if (known != numbers_.end()) return known->second;
  INLIER_ASSIGN_OR_RETURN(const auto number, state_.GetDecoded<ItemNumber>(kIds, id, DecodeNumber));
  numbers_[id] = number;
  return number;
}

Result<ItemRecord*> StoreEdit::Item(ItemNumber number) {
  const auto known = items_.find(number);
  if (known != items_.end()) return known->second ? &*known->second : nullptr;
  INLIER_ASSIGN_OR_RETURN(auto item,
                          state_.GetDecoded<ItemRecord>(kItems, Key(number), DecodeItem));
  if (!item) return Fail(ErrorCode::kCorrupt, fmt::format("item number {} is missing", number));
  metadata_[number] = item->metadata;
  return &*(items_[number] = std::move(item));
}

Result<FaceRecord*> StoreEdit::Face(FaceNumber number) {
  auto known = faces_.find(number);
  if (known == faces_.end()) {
    INLIER_ASSIGN_OR_RETURN(auto face,
                            state_.GetDecoded<FaceRecord>(kFaces, Key(number), DecodeFace));
    known = faces_.emplace(number, std::move(face)).first;
  }
  return known->second ? &*known->second : nullptr;
}

Result<FaceNumber> StoreEdit::FaceOf(const NewFace& face) {
  if (const auto known = pixels_.find(face.pixel_hash); known != pixels_.end())
    return known->second;
  INLIER_ASSIGN_OR_RETURN(const auto stored,
                          state_.GetDecoded<FaceNumber>(kPixels, face.pixel_hash, DecodeNumber));
  if (stored) return *stored;
  if (face.features.size() > kMaxFeatures)
    return Refused(fmt::format("{} features, more than {}", face.features.size(), kMaxFeatures));
  if (after_.next_face == static_cast<FaceNumber>(-1))
    return Refused("all face numbers of this database have been given");
  const FaceNumber number = after_.next_face++;
  batch_.Put(state_.family(kPixels), face.pixel_hash, EncodeNumber(number));
  const std::string points = EncodeKeypoints(face.features),
                    rows = EncodeDescriptors(face.features);
  batch_.Put(state_.family(kKeypoints), Key(number), points);
  batch_.Put(state_.family(kDescriptors), Key(number), rows);
  if (!face.features.globals.empty())
    batch_.Put(state_.family(kGlobals), Key(number), EncodeGlobals(face.features.globals));
  batch_.Put(state_.family(kPreviews), Key(number), EncodePreview(face.preview));
  pixels_[face.pixel_hash] = number;
  faces_[number] = FaceRecord{.pixel_hash = face.pixel_hash,
                              .feature_count = static_cast<std::uint32_t>(face.features.size()),
                              .owners = {},
                              .twins = {}};
  // The index takes what the store gives back: features are rounded, and an index that is built
  // again must be the same.
  INLIER_ASSIGN_OR_RETURN(Features kept, DecodeKeypoints(points));
  INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, kept));
  kept.globals = face.features.globals;
  written_.added.push_back({number, std::move(kept)});
  return number;
}

Status StoreEdit::Own(ItemNumber number, const std::vector<PictureRecord>& pictures) {
  for (const PictureRecord& picture : pictures) {
    INLIER_ASSIGN_OR_RETURN(FaceRecord* const face, Face(picture.face));
    if (face == nullptr)
      return Fail(ErrorCode::kCorrupt, fmt::format("face number {} is missing", picture.face));
    const auto at = std::ranges::lower_bound(face->owners, number);
    if (at == face->owners.end() || *at != number) face->owners.insert(at, number);
  }
  return {};
}

Status StoreEdit::TakeAway(ItemNumber number, const ItemRecord& record) {
  for (const PictureRecord& picture : record.pictures) {
    INLIER_ASSIGN_OR_RETURN(FaceRecord* const face, Face(picture.face));
    if (face != nullptr) std::erase(face->owners, number);
  }
  Count(record, -1);
  return {};
}

void StoreEdit::Count(const ItemRecord& record, int sign) {
  const auto by = static_cast<std::uint64_t>(sign);  // adding 2⁶⁴ − 1 subtracts 1
  after_.items += by;
  after_.pictures += by * record.pictures.size();
  if (FeatureCount(record) == 0) after_.items_without_features += by;
}

Status StoreEdit::WriteItem(ItemNumber number, ItemRecord record) {
  INLIER_RETURN_IF_ERROR(CheckRecord(record));
  INLIER_RETURN_IF_ERROR(Own(number, record.pictures));
  Count(record, 1);
  items_[number] = std::move(record);
  return {};
}

Status StoreEdit::Put(const ItemUpdate& update) {
  INLIER_ASSIGN_OR_RETURN(const auto known, NumberOf(update.id));
  ItemRecord next{.id = update.id, .metadata = {}, .pictures = {}};
  ItemRecord before;
  if (known) {
    INLIER_ASSIGN_OR_RETURN(ItemRecord* const record, Item(*known));
    before = *record;
    next.metadata = record->metadata;
  } else if (after_.next_item == static_cast<ItemNumber>(-1)) {
    return Refused("all item numbers of this database have been given");
  }
  if (update.metadata) next.metadata = *update.metadata;
  std::vector<PictureRecord> named;
  for (const NewPicture& picture : update.pictures) {
    named.push_back(picture.record);
    if (picture.face) {
      auto face = FaceOf(*picture.face);
      if (!face) return Within(update.id, face.error());
      named.back().face = *face;
    } else if (std::ranges::none_of(before.pictures, [&](const PictureRecord& old) {
                 return old.face == picture.record.face;
               })) {
      return Refused(fmt::format("{}: it has no picture '{}'", update.id, NameOf(picture.record)));
    }
  }
  next.pictures = Merged(std::move(named), before.pictures, update.others);
  const ItemNumber number = known ? *known : after_.next_item++;
  if (known) INLIER_RETURN_IF_ERROR(TakeAway(number, before));
  numbers_[update.id] = number;
  return WriteItem(number, std::move(next));
}

Status StoreEdit::Remove(const std::string& id) {
  INLIER_ASSIGN_OR_RETURN(const auto number, NumberOf(id));
  if (!number) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
  INLIER_ASSIGN_OR_RETURN(ItemRecord* const record, Item(*number));
  INLIER_RETURN_IF_ERROR(TakeAway(*number, *record));
  items_[*number] = std::nullopt;
  numbers_[id] = std::nullopt;
  return {};
}

Status StoreEdit::RemovePicture(const std::string& id, const std::string& picture) {
  INLIER_ASSIGN_OR_RETURN(const auto number, NumberOf(id));
  if (!number) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
  INLIER_ASSIGN_OR_RETURN(ItemRecord* const record, Item(*number));
  const auto found = std::ranges::find_if(
      record->pictures, [&](const PictureRecord& p) { return NameOf(p) == picture; });
  if (found == record->pictures.end())
    return Fail(ErrorCode::kNotFound, fmt::format("{}: it has no picture '{}'", id, picture));
  if (record->pictures.size() == 1)
    return Refused(fmt::format("{}: '{}' is its only picture: remove the item", id, picture));
  ItemRecord next = *record;
  next.pictures.erase(next.pictures.begin() + (found - record->pictures.begin()));
  INLIER_RETURN_IF_ERROR(TakeAway(*number, *record));
  return WriteItem(*number, std::move(next));
}

Status StoreEdit::PutTwins(FaceNumber a, FaceNumber b, float likeness) {
  INLIER_ASSIGN_OR_RETURN(FaceRecord* const of_a, Face(a));
  INLIER_ASSIGN_OR_RETURN(FaceRecord* const of_b, Face(b));
  if (a == b || of_a == nullptr || of_b == nullptr) return {};
  const auto enter = [likeness](FaceRecord& face, FaceNumber twin) {
    const auto at = std::ranges::lower_bound(face.twins, twin, {}, &TwinFace::face);
    if (at != face.twins.end() && at->face == twin)
      at->likeness = likeness;
    else
      face.twins.insert(at, {twin, likeness});
  };
  enter(*of_a, b);
  enter(*of_b, a);
  return {};
}

Status StoreEdit::DropFace(FaceNumber number, const FaceRecord& face) {
  for (const TwinFace& twin : face.twins) {
    INLIER_ASSIGN_OR_RETURN(FaceRecord* const other, Face(twin.face));
    if (other != nullptr)
      std::erase_if(other->twins, [number](const TwinFace& t) { return t.face == number; });
  }
  for (const Family family : {kFaces, kKeypoints, kDescriptors, kGlobals, kPreviews})
    batch_.Delete(state_.family(family), Key(number));
  batch_.Delete(state_.family(kPixels), face.pixel_hash);
  return {};
}

void StoreEdit::WriteOut(ItemNumber number, const std::optional<ItemRecord>& item) {
  rocksdb::ColumnFamilyHandle* const fields = state_.family(kFields);
  if (const auto before = metadata_.find(number); before != metadata_.end())
    StageFieldRemoval(batch_, fields, number, before->second);
  if (!item) {
    batch_.Delete(state_.family(kItems), Key(number));
    return;
  }
  batch_.Put(state_.family(kItems), Key(number), EncodeItem(*item));
  StageFields(batch_, fields, number, FacesOf(*item), item->metadata);
}

Result<FaceChanges> StoreEdit::Commit(StoreState& state) && {
  // What is new in this edit and has no owner at its end was replaced within the edit.
  std::set<FaceNumber> added;
  for (const StoredFeatures& face : written_.added) added.insert(face.number);
  std::vector<FaceNumber> dropped;
  for (const auto& [number, face] : faces_) {
    if (face && face->owners.empty()) dropped.push_back(number);
  }
  for (const FaceNumber number : dropped) {
    INLIER_RETURN_IF_ERROR(DropFace(number, *faces_.at(number)));
    if (!added.contains(number)) {
      after_.faces -= 1;
      after_.features -= faces_.at(number)->feature_count;
      written_.dropped.push_back(number);
    }
    faces_.at(number) = std::nullopt;
  }
  std::erase_if(written_.added, [this](const StoredFeatures& f) { return !faces_.at(f.number); });
  for (const StoredFeatures& face : written_.added) {
    after_.faces += 1;
    after_.features += face.features.size();
    batch_.Put(state_.family(kChanges), Key(++after_.last_change),
               EncodeChange({Change::Kind::kAdd, face.number}));
  }
  for (const FaceNumber number : written_.dropped)
    batch_.Put(state_.family(kChanges), Key(++after_.last_change),
               EncodeChange({Change::Kind::kRemove, number}));
  for (const auto& [number, face] : faces_) {
    if (face) batch_.Put(state_.family(kFaces), Key(number), EncodeFace(*face));
  }
  for (const auto& [number, item] : items_) WriteOut(number, item);
  for (const auto& [id, number] : numbers_) {
    if (number)
      batch_.Put(state_.family(kIds), id, EncodeNumber(*number));
    else
      batch_.Delete(state_.family(kIds), id);
  }
  INLIER_RETURN_IF_ERROR(state.Commit(batch_, after_));
  return std::move(written_);
}

}  // namespace inlier

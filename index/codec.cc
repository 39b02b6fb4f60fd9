#include "index/codec.h"

#include "core/blob.h"

namespace inlier {
namespace {

constexpr std::uint16_t kVersion = 1;
// Of the database. Version 1 had one picture an item, and version 2 did not round features.
constexpr std::uint16_t kStoreVersion = 4;
constexpr std::uint16_t kGenerationsVersion = 2;  // version 1 had no files of lists
constexpr std::string_view kItemMagic = "INIT";
constexpr std::string_view kFaceMagic = "INFA";
constexpr std::string_view kPreviewMagic = "INPV";
constexpr std::string_view kGenerationsMagic = "INGE";
constexpr std::string_view kStoreMagic = "INST";
constexpr std::string_view kChangeMagic = "INCH";
constexpr std::string_view kFieldMagic = "INFD";
constexpr std::string_view kNumberMagic = "INNU";

tl::unexpected<Error> Inconsistent(std::string_view what) {
  return Fail(ErrorCode::kCorrupt, std::string(what) + ": fields do not add up");
}

}  // namespace

std::string EncodeItem(const ItemRecord& item) {
  BlobWriter writer;
  writer.PutString(item.id);
  writer.Put(static_cast<std::uint32_t>(item.metadata.size()));
  for (const auto& [key, value] : item.metadata) {
    writer.PutString(key);
    writer.PutString(value);
  }
  writer.Put(static_cast<std::uint32_t>(item.pictures.size()));
  for (const PictureRecord& picture : item.pictures) {
    writer.PutString(picture.path);
    writer.PutString(picture.content_hash);
    writer.Put(picture.face);
    writer.Put(picture.feature_count);
    writer.Put(picture.width_px);
    writer.Put(picture.height_px);
  }
  return writer.Seal(kItemMagic, kVersion);
}

Result<ItemRecord> DecodeItem(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kItemMagic, kVersion, "item"));
  ItemRecord item;
  item.id = reader.GetString();
  const auto columns = reader.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < columns && reader.ok(); ++i) {
    std::string key(reader.GetString());
    std::string value(reader.GetString());
    item.metadata.emplace_back(std::move(key), std::move(value));
  }
  const auto pictures = reader.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < pictures && reader.ok(); ++i) {
    PictureRecord picture;
    picture.path = reader.GetString();
    picture.content_hash = reader.GetString();
    picture.face = reader.Get<FaceNumber>();
    picture.feature_count = reader.Get<std::uint32_t>();
    picture.width_px = reader.Get<std::uint32_t>();
    picture.height_px = reader.Get<std::uint32_t>();
    item.pictures.push_back(std::move(picture));
  }
  if (!reader.Complete() || item.pictures.empty()) return Inconsistent("item");
  return item;
}

std::string EncodeFace(const FaceRecord& face) {
  BlobWriter writer;
  writer.PutString(face.pixel_hash);
  writer.Put(face.feature_count);
  writer.PutArray(std::span<const ItemNumber>(face.owners));
  writer.PutArray(std::span<const TwinFace>(face.twins));
  return writer.Seal(kFaceMagic, kVersion);
}

Result<FaceRecord> DecodeFace(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kFaceMagic, kVersion, "face"));
  FaceRecord face;
  face.pixel_hash = reader.GetString();
  face.feature_count = reader.Get<std::uint32_t>();
  face.owners = reader.GetArray<ItemNumber>();
  face.twins = reader.GetArray<TwinFace>();
  if (!reader.Complete() || face.owners.empty()) return Inconsistent("face");
  return face;
}

std::string EncodePreview(std::string_view image) {
  BlobWriter writer;
  writer.PutBytes(image);
  return writer.Seal(kPreviewMagic, kVersion);
}

Result<std::string> DecodePreview(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kPreviewMagic, kVersion, "preview"));
  std::string image(reader.GetBytes());
  if (!reader.Complete()) return Inconsistent("preview");
  return image;
}

std::string EncodeGenerations(std::span<const Generation> generations) {
  BlobWriter writer;
  writer.Put(static_cast<std::uint32_t>(generations.size()));
  for (const Generation& g : generations) {
    writer.Put(g.number);
    writer.PutString(g.file);
    writer.Put(g.bytes);
    writer.Put(g.hash);
    writer.Put(g.covered_change);
    writer.PutString(g.recipe);
    writer.Put(static_cast<std::uint32_t>(g.lists.size()));
    for (const ListsFile& lists : g.lists) {
      writer.PutString(lists.file);
      writer.Put(lists.bytes);
      writer.Put(lists.hash);
    }
  }
  return writer.Seal(kGenerationsMagic, kGenerationsVersion);
}

Result<std::vector<Generation>> DecodeGenerations(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kGenerationsMagic,
                                                              kGenerationsVersion, "manifest"));
  // Without generations, the index is built again from the stored features.
  if (reader.version() < kGenerationsVersion) return std::vector<Generation>{};
  std::vector<Generation> generations;
  // No name may lead out of the database's folder.
  bool names = true;
  const auto file_name = [&] {
    std::string name(reader.GetString());
    names = names && name.find('/') == std::string::npos;
    return name;
  };
  const auto count = reader.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    Generation g;
    g.number = reader.Get<std::uint64_t>();
    g.file = file_name();
    g.bytes = reader.Get<std::uint64_t>();
    g.hash = reader.Get<std::uint64_t>();
    g.covered_change = reader.Get<std::uint64_t>();
    g.recipe = reader.GetString();
    const auto files = reader.Get<std::uint32_t>();
    for (std::uint32_t j = 0; j < files && reader.ok(); ++j) {
      ListsFile lists;
      lists.file = file_name();
      lists.bytes = reader.Get<std::uint64_t>();
      lists.hash = reader.Get<std::uint64_t>();
      g.lists.push_back(std::move(lists));
    }
    generations.push_back(std::move(g));
  }
  if (!reader.Complete() || !names) return Inconsistent("manifest");
  return generations;
}

std::string EncodeCounters(const Counters& counters, std::string_view recipe) {
  BlobWriter writer;
  writer.Put(counters.last_change);
  writer.Put(counters.items);
  writer.Put(counters.items_without_features);
  writer.Put(counters.pictures);
  writer.Put(counters.faces);
  writer.Put(counters.features);
  writer.Put(counters.next_item);
  writer.Put(counters.next_face);
  writer.Put(counters.twins_sought);
  writer.PutString(recipe);
  return writer.Seal(kStoreMagic, kStoreVersion);
}

Result<StoreHeader> DecodeCounters(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kStoreMagic, kStoreVersion, "database header"));
  if (reader.version() < kStoreVersion)
    return Fail(ErrorCode::kIncompatible,
                "the database has the layout of an older version: index the catalogue into a new "
                "folder");
  StoreHeader header;
  header.counters.last_change = reader.Get<std::uint64_t>();
  header.counters.items = reader.Get<std::uint64_t>();
  header.counters.items_without_features = reader.Get<std::uint64_t>();
  header.counters.pictures = reader.Get<std::uint64_t>();
  header.counters.faces = reader.Get<std::uint64_t>();
  header.counters.features = reader.Get<std::uint64_t>();
  header.counters.next_item = reader.Get<ItemNumber>();
  header.counters.next_face = reader.Get<FaceNumber>();
  header.counters.twins_sought = reader.Get<FaceNumber>();
  header.recipe = reader.GetString();
  if (!reader.Complete()) return Inconsistent("database header");
  return header;
}

std::string EncodeChange(const Change& change) {
  BlobWriter writer;
  writer.Put(change.kind);
  writer.Put(change.face);
  return writer.Seal(kChangeMagic, kVersion);
}

Result<Change> DecodeChange(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kChangeMagic, kVersion, "change"));
  Change change;
  change.kind = reader.Get<Change::Kind>();
  change.face = reader.Get<FaceNumber>();
  if (!reader.Complete()) return Inconsistent("change");
  return change;
}

std::string EncodeFieldEntry(ItemNumber item, std::span<const FaceNumber> faces) {
  BlobWriter writer;
  writer.Put(item);
  writer.PutArray(faces);
  return writer.Seal(kFieldMagic, kVersion);
}

Result<FieldEntry> DecodeFieldEntry(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kFieldMagic, kVersion, "field"));
  FieldEntry entry;
  entry.item = reader.Get<ItemNumber>();
  entry.faces = reader.GetArray<FaceNumber>();
  if (!reader.Complete()) return Inconsistent("field");
  return entry;
}

std::string EncodeNumber(std::uint32_t number) {
  BlobWriter writer;
  writer.Put(number);
  return writer.Seal(kNumberMagic, kVersion);
}

Result<std::uint32_t> DecodeNumber(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kNumberMagic, kVersion, "number"));
  const auto number = reader.Get<std::uint32_t>();
  if (!reader.Complete()) return Inconsistent("number");
  return number;
}

}  // namespace inlier

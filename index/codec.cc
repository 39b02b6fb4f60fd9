#include "index/codec.h"

#include <cstddef>

#include "core/blob.h"

namespace inlier {
namespace {

constexpr std::uint16_t kVersion = 1;
// Of keypoints. Version 1 has no regions and is still written for local features.
constexpr std::uint16_t kRegionsVersion = 2;
constexpr std::uint16_t kGenerationsVersion = 2;  // version 1 had no files of lists
constexpr std::string_view kRecordMagic = "INRE";
constexpr std::string_view kKeypointsMagic = "INKP";
constexpr std::string_view kDescriptorsMagic = "INDE";
constexpr std::string_view kPreviewMagic = "INPV";
constexpr std::string_view kGenerationsMagic = "INGE";
constexpr std::string_view kStoreMagic = "INST";
constexpr std::string_view kChangeMagic = "INCH";
constexpr std::string_view kNumberMagic = "INNU";

tl::unexpected<Error> Inconsistent(std::string_view what) {
  return Fail(ErrorCode::kCorrupt, std::string(what) + ": fields do not add up");
}

// Keypoints are stored as they are in memory: x, y, size, angle, response. Coordinates in 1/16 px
// would overflow 16 bits on large images, so they stay floats.
static_assert(sizeof(Keypoint) == 20 && offsetof(Keypoint, size_px) == 8 &&
              offsetof(Keypoint, angle_rad) == 12 && offsetof(Keypoint, response) == 16);

}  // namespace

std::string EncodeRecord(const ItemRecord& record) {
  BlobWriter writer;
  writer.PutString(record.id);
  writer.PutString(record.image_path);
  writer.PutString(record.content_hash);
  writer.Put(record.feature_count);
  writer.Put(record.width_px);
  writer.Put(record.height_px);
  writer.Put(static_cast<std::uint32_t>(record.metadata.size()));
  for (const auto& [key, value] : record.metadata) {
    writer.PutString(key);
    writer.PutString(value);
  }
  return writer.Seal(kRecordMagic, kVersion);
}

Result<ItemRecord> DecodeRecord(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kRecordMagic, kVersion, "record"));
  ItemRecord record;
  record.id = reader.GetString();
  record.image_path = reader.GetString();
  record.content_hash = reader.GetString();
  record.feature_count = reader.Get<std::uint32_t>();
  record.width_px = reader.Get<std::uint32_t>();
  record.height_px = reader.Get<std::uint32_t>();
  const auto columns = reader.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < columns && reader.ok(); ++i) {
    std::string key(reader.GetString());
    std::string value(reader.GetString());
    record.metadata.emplace_back(std::move(key), std::move(value));
  }
  if (!reader.Complete()) return Inconsistent("record");
  return record;
}

std::string EncodeKeypoints(const Features& features) {
  BlobWriter writer;
  writer.Put(features.kind);
  writer.Put(features.descriptor_bytes);
  writer.Put(features.image_width_px);
  writer.Put(features.image_height_px);
  writer.PutArray(std::span<const Keypoint>(features.keypoints));
  if (features.kind != DescriptorKind::kEmbedding) return writer.Seal(kKeypointsMagic, kVersion);
  writer.PutArray(std::span<const Box>(features.regions));
  return writer.Seal(kKeypointsMagic, kRegionsVersion);
}

std::string EncodeDescriptors(const Features& features) {
  BlobWriter writer;
  writer.PutArray(std::span<const std::uint8_t>(features.descriptors));
  return writer.Seal(kDescriptorsMagic, kVersion);
}

Result<Features> DecodeKeypoints(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kKeypointsMagic, kRegionsVersion, "keypoints"));
  Features features;
  features.kind = reader.Get<DescriptorKind>();
  features.descriptor_bytes = reader.Get<std::uint16_t>();
  features.image_width_px = reader.Get<std::uint32_t>();
  features.image_height_px = reader.Get<std::uint32_t>();
  features.keypoints = reader.GetArray<Keypoint>();
  const bool bits = features.kind == DescriptorKind::kBits,
             embedding = features.kind == DescriptorKind::kEmbedding;
  if (embedding) features.regions = reader.GetArray<Box>();
  if (!reader.Complete() || (!bits && !embedding && features.kind != DescriptorKind::kBytes) ||
      features.regions.size() != (embedding ? features.size() : 0) ||
      features.descriptor_bytes == 0 || (bits && features.descriptor_bytes % 8 != 0)) {
    return Inconsistent("keypoints");
  }
  return features;
}

Status DecodeDescriptors(std::string_view bytes, Features& features) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kDescriptorsMagic, kVersion, "descriptors"));
  const std::string_view descriptors = reader.GetBytes();
  if (!reader.Complete() || descriptors.size() != features.size() * features.descriptor_bytes) {
    return Inconsistent("descriptors");
  }
  features.descriptors.assign(descriptors.begin(), descriptors.end());
  return {};
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
  writer.Put(counters.features);
  writer.Put(counters.next_number);
  writer.PutString(recipe);
  return writer.Seal(kStoreMagic, kVersion);
}

Result<StoreHeader> DecodeCounters(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kStoreMagic, kVersion, "database header"));
  StoreHeader header;
  header.counters.last_change = reader.Get<std::uint64_t>();
  header.counters.items = reader.Get<std::uint64_t>();
  header.counters.features = reader.Get<std::uint64_t>();
  header.counters.next_number = reader.Get<ItemNumber>();
  header.recipe = reader.GetString();
  if (!reader.Complete()) return Inconsistent("database header");
  return header;
}

std::string EncodeChange(const Change& change) {
  BlobWriter writer;
  writer.Put(change.kind);
  writer.Put(change.number);
  return writer.Seal(kChangeMagic, kVersion);
}

Result<Change> DecodeChange(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kChangeMagic, kVersion, "change"));
  Change change;
  change.kind = reader.Get<Change::Kind>();
  change.number = reader.Get<ItemNumber>();
  if (!reader.Complete()) return Inconsistent("change");
  return change;
}

std::string EncodeNumber(ItemNumber number) {
  BlobWriter writer;
  writer.Put(number);
  return writer.Seal(kNumberMagic, kVersion);
}

Result<ItemNumber> DecodeNumber(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kNumberMagic, kVersion, "name"));
  const auto number = reader.Get<ItemNumber>();
  if (!reader.Complete()) return Inconsistent("name");
  return number;
}

}  // namespace inlier

// Fuzz targets for the files and values of a database. Each input gets a correct checksum before it
// is read, because otherwise every mutation would fail at the checksum.
#include <cstring>

#include "core/blob.h"
#include "index/codec.h"
#include "index/collection.h"
#include "index/feature_codec.h"
#include "index/snapshot.h"
#include "tests/fuzz/targets.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier::test {

std::string Sealed(std::string_view body, std::string_view magic, std::uint16_t version) {
  BlobWriter writer;
  for (const char c : body) writer.Put(c);
  return writer.Seal(magic, version);
}

std::string FileOf(const std::filesystem::path& path) {
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr || std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size())
    __builtin_trap();
  std::fclose(file);
  return bytes;
}

namespace {

std::string_view View(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string BodyOf(const std::string& blob) { return blob.substr(kBlobHeaderBytes); }

void RunBlobs(std::span<const std::uint8_t> bytes) {
  (void)DecodeItem(View(bytes));
  if (bytes.empty()) return;
  const std::string_view body = View(bytes).substr(1);
  switch (bytes[0] % 9) {
    case 0:
      if (const auto record = DecodeItem(Sealed(body, "INIT", 1));
          record && BodyOf(EncodeItem(*record)) != body)
        __builtin_trap();
      break;
    case 1: {
      auto features = DecodeKeypoints(Sealed(body, "INKP", 3));
      if (features) (void)DecodeDescriptors(Sealed(body, "INDE", 2), *features);
      break;
    }
    case 2: {
      Features features = FeaturesOf(MakeItem(1, 3));
      if (DecodeDescriptors(Sealed(body, "INDE", 2), features) &&
          features.descriptors.size() != std::size_t{3} * 128)
        __builtin_trap();
      break;
    }
    case 3:
      (void)DecodePreview(Sealed(body, "INPV", 1));
      break;
    case 4:
      (void)DecodeCounters(Sealed(body, "INST", 3));
      break;
    case 5:
      if (const auto face = DecodeFace(Sealed(body, "INFA", 1));
          face && BodyOf(EncodeFace(*face)) != body)
        __builtin_trap();
      break;
    case 6:
      (void)DecodeChange(Sealed(body, "INCH", 1));
      break;
    case 7:
      if (const auto entry = DecodeFieldEntry(Sealed(body, "INFD", 1));
          entry && BodyOf(EncodeFieldEntry(entry->item, entry->faces)) != body)
        __builtin_trap();
      break;
    default:
      (void)DecodeNumber(Sealed(body, "INNU", 1));
  }
}

std::vector<std::string> BlobSeeds() {
  const ItemUpdate item = MakeItem(1, 3);
  const NewPicture& picture = item.pictures.front();
  const std::string bodies[] = {
      EncodeItem({.id = item.id, .metadata = *item.metadata, .pictures = {picture.record}}),
      EncodeKeypoints(picture.face->features),
      EncodeDescriptors(picture.face->features),
      EncodePreview(picture.face->preview),
      EncodeCounters({1, 2, 3, 4, 5, 6, 7, 8, 9}, "recipe"),
      EncodeFace({.pixel_hash = "h",
                  .feature_count = 3,
                  .owners = {1, 2},
                  .twins = {{.face = 4, .likeness = 0.5f}}}),
      EncodeChange({Change::Kind::kAdd, 7}),
      EncodeFieldEntry(1, std::vector<FaceNumber>{2, 3}),
      EncodeNumber(7)};
  std::vector<std::string> seeds;
  for (const std::string& blob : bodies)
    seeds.push_back(static_cast<char>(seeds.size()) + BodyOf(blob));
  seeds.push_back(bodies[0]);
  return seeds;
}

void RunManifest(std::span<const std::uint8_t> bytes) {
  (void)DecodeGenerations(View(bytes));
  const auto generations = DecodeGenerations(Sealed(View(bytes), "INGE", 2));
  if (!generations) return;
  if (BodyOf(EncodeGenerations(*generations)) != View(bytes)) __builtin_trap();
  for (const Generation& generation : *generations) {
    // A name must not lead out of the folder.
    if (generation.file.find('/') != std::string::npos) __builtin_trap();
    for (const ListsFile& lists : generation.lists) {
      if (lists.file.find('/') != std::string::npos) __builtin_trap();
    }
  }
}

std::vector<std::string> ManifestSeeds() {
  const Generation generation{
      .number = 2,
      .file = "index-00000002.inlier",
      .bytes = 10,
      .hash = 11,
      .covered_change = 12,
      .recipe = "r",
      .lists = {{"lists-00000001.inlier", 20, 21}, {"lists-00000002.inlier", 30, 31}}};
  return {BodyOf(EncodeGenerations(std::vector{generation})),
          BodyOf(EncodeGenerations(std::vector{generation, generation})),
          BodyOf(EncodeGenerations({}))};
}

const TempFolder& Folder() {
  static const TempFolder* const folder = new TempFolder;
  return *folder;
}

void RunSnapshot(std::span<const std::uint8_t> bytes) {
  const std::string sealed = Sealed(View(bytes), "INSN", 4);
  WriteBytes(Folder() / "head", sealed);
  std::uint64_t covered = 0;
  std::memcpy(&covered, bytes.data(), std::min(bytes.size(), sizeof(covered)));
  const auto snapshot = ReadSnapshot(
      Folder().path(),
      {.file = "head", .bytes = sealed.size(), .hash = Hash64(sealed), .covered_change = covered},
      0);
  if (snapshot && snapshot->vocabulary)
    (void)snapshot->vocabulary->Fits(FeaturesOf(MakeItem(1, 2)));
}

void MakeDatabase(const std::filesystem::path& folder) {
  const auto made = Collection::Open(folder, {.mode = OpenMode::kCreate, .recipe = "test"});
  if (!made || !(*made)->Put(MakeItems(0, 34)) || !(*made)->Checkpoint()) __builtin_trap();
}

std::vector<std::string> SnapshotSeeds() {
  MakeDatabase(Folder() / "db");
  BlobWriter empty;
  empty.Put<std::uint64_t>(0);
  empty.Put<std::uint64_t>(0);
  empty.PutArray(std::span<const std::uint32_t>());
  empty.Put<std::uint8_t>(0);
  return {BodyOf(FileOf(Folder() / "db/index-00000001.inlier")), BodyOf(empty.Seal("INSN", 4))};
}

// The first byte gives the number of words of the lists. The lists follow, and then the body of the
// directory.
void RunSegment(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::size_t list_bytes =
      std::min<std::size_t>(std::size_t{8} * bytes[0], (bytes.size() - 1) / 8 * 8);
  const std::string directory = Sealed(View(bytes).substr(1 + list_bytes), "INLI", 2);
  const std::uint64_t length = directory.size();
  std::string file(View(bytes).substr(1, list_bytes));
  file += directory;
  file.append(reinterpret_cast<const char*>(&length), sizeof(length));
  WriteBytes(Folder() / "lists", file);
  const auto segment =
      Segment::Open(Folder().path(), {"lists", file.size(), Hash64(directory)}, true);
  if (!segment) return;
  for (std::uint32_t list = 0; list < 64; ++list) (void)(*segment)->At(list);
  const std::vector<std::uint32_t> live(16, 1);
  const std::vector<std::shared_ptr<const Segment>> from{*segment};
  (void)Segment::Merge(from, live);
}

std::vector<std::string> SegmentSeeds() {
  PostingBatch batch;
  for (std::uint32_t i = 0; i < 12; ++i) {
    batch.lists.push_back(i % 5);
    batch.codes.push_back(std::uint64_t{i} * 77);
    batch.postings.push_back({.face = i, .feature = static_cast<std::uint16_t>(i)});
  }
  const std::vector<std::shared_ptr<const Segment>> from{Segment::FromBatch(batch, 8, 1)};
  const std::vector<std::uint32_t> live(16, 1);
  if (!Segment::MergeToFile(from, live, Folder().path(), "seed", {})) __builtin_trap();
  const std::string file = FileOf(Folder() / "seed");
  const std::size_t list_bytes = std::size_t{24} * 8;
  const std::string whole =
      static_cast<char>(24) + file.substr(0, list_bytes) +
      file.substr(list_bytes + kBlobHeaderBytes, file.size() - list_bytes - kBlobHeaderBytes - 8);
  std::string many_lists =
      whole;  // of a vocabulary of four thousand million: looping over them took seconds
  many_lists.replace(1 + list_bytes, 4, 4, '\xFF');
  return {whole, many_lists};
}

}  // namespace

FuzzTarget BlobsTarget() { return {"blobs", RunBlobs, BlobSeeds}; }
FuzzTarget ManifestTarget() { return {"manifest", RunManifest, ManifestSeeds}; }
FuzzTarget SnapshotTarget() { return {"snapshot", RunSnapshot, SnapshotSeeds}; }
FuzzTarget SegmentTarget() { return {"segment", RunSegment, SegmentSeeds}; }

std::vector<FuzzTarget> FuzzTargets() {
  std::vector<FuzzTarget> targets = PictureTargets();
  targets.insert(targets.end(), {TableTarget(), OptionsTarget(), ModelTarget(), BlobsTarget(),
                                 ManifestTarget(), SnapshotTarget(), SegmentTarget()});
  for (const FuzzTarget& target : RequestTargets()) targets.push_back(target);
  return targets;
}

}  // namespace inlier::test

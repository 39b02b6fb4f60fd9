#include "index/snapshot.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>
#include <span>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/file.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INSN";
constexpr std::uint16_t kVersion = 5;
constexpr std::string_view kPrefix = "index-";
constexpr std::string_view kListsPrefix = "lists-";
constexpr std::string_view kSuffix = ".inlier";

}  // namespace

std::uint64_t Snapshot::postings() const {
  std::uint64_t sum = 0;
  for (const auto& segment : segments) sum += segment->size();
  return sum;
}

std::uint64_t Snapshot::removed_postings() const {
  if (!vocabulary) return 0;
  const std::uint64_t live =
      std::accumulate(feature_counts->begin(), feature_counts->end(), std::uint64_t{0});
  return postings() - std::min(live, postings());
}

std::string ListsFileName(std::uint64_t number) {
  return fmt::format("{}{:08}{}", kListsPrefix, number, kSuffix);
}

Result<Generation> WriteSnapshot(const std::filesystem::path& folder, const Snapshot& snapshot,
                                 std::uint64_t number, const std::string& recipe,
                                 const std::function<void(std::string_view)>& step) {
  BlobWriter writer;
  writer.Put(snapshot.covered_change);
  writer.Put(snapshot.trained_features);
  writer.PutArray(std::span<const std::uint32_t>(*snapshot.feature_counts));
  writer.PutArray(std::span<const std::uint32_t>(*snapshot.face_keys));
  writer.Put<std::uint8_t>(snapshot.vocabulary != nullptr);
  if (snapshot.vocabulary) snapshot.vocabulary->Write(writer);
  const std::string bytes = writer.Seal(kMagic, kVersion);
  Generation generation{.number = number,
                        .file = fmt::format("{}{:08}{}", kPrefix, number, kSuffix),
                        .bytes = bytes.size(),
                        .hash = Hash64(bytes),
                        .covered_change = snapshot.covered_change,
                        .recipe = recipe};
  for (const auto& segment : snapshot.segments) generation.lists.push_back(segment->file());
  INLIER_RETURN_IF_ERROR(PublishFile(folder / generation.file, bytes, step));
  return generation;
}

namespace {

// Reads everything but the lists.
Result<Snapshot> ReadHead(const std::filesystem::path& folder, const Generation& generation) {
  const std::filesystem::path path = folder / generation.file;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return Fail(ErrorCode::kNotFound, generation.file + " cannot be opened");
  if (static_cast<std::uint64_t>(in.tellg()) != generation.bytes) {
    return Fail(ErrorCode::kCorrupt, generation.file + " has another size than the manifest says");
  }
  std::string bytes(generation.bytes, '\0');
  in.seekg(0);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    return Fail(ErrorCode::kIo, generation.file + " cannot be read to the end");
  }
  if (Hash64(bytes) != generation.hash) {
    return Fail(ErrorCode::kCorrupt, generation.file + " has another hash than the manifest says");
  }
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kMagic, kVersion, generation.file));
  if (reader.version() < kVersion)
    return Fail(ErrorCode::kCorrupt, generation.file + " is of an older version");
  Snapshot snapshot;
  snapshot.covered_change = reader.Get<std::uint64_t>();
  snapshot.trained_features = reader.Get<std::uint64_t>();
  snapshot.feature_counts = std::make_shared<const FeatureCounts>(reader.GetArray<std::uint32_t>());
  snapshot.face_keys = std::make_shared<const FaceKeys>(reader.GetArray<std::uint32_t>());
  if (reader.Get<std::uint8_t>() != 0) {
    auto vocabulary = Vocabulary::Read(reader);
    if (!vocabulary) return Within(generation.file, vocabulary.error());
    snapshot.vocabulary = std::move(*vocabulary);
  }
  if (!reader.Complete() || snapshot.covered_change != generation.covered_change ||
      (!generation.lists.empty() && !snapshot.vocabulary)) {
    return Fail(ErrorCode::kCorrupt, generation.file + ": fields do not add up");
  }
  return snapshot;
}

}  // namespace

Result<Snapshot> ReadSnapshot(const std::filesystem::path& folder, const Generation& generation,
                              std::uint64_t memory_bytes) {
  INLIER_ASSIGN_OR_RETURN(Snapshot snapshot, ReadHead(folder, generation));
  std::uint64_t lists_bytes = 0;
  for (const ListsFile& file : generation.lists) lists_bytes += file.bytes;
  for (const ListsFile& file : generation.lists) {
    INLIER_ASSIGN_OR_RETURN(auto segment, Segment::Open(folder, file, lists_bytes > memory_bytes));
    const auto lists = 2 * static_cast<std::uint32_t>(snapshot.vocabulary->cells());
    const auto code_words = static_cast<std::uint32_t>(snapshot.vocabulary->code_words());
    if (segment->lists() != lists || segment->code_words() != code_words) {
      return Fail(ErrorCode::kCorrupt, file.file + ": lists of another vocabulary");
    }
    snapshot.segments.push_back(std::move(segment));
  }
  return snapshot;
}

void CheckSnapshots(const std::filesystem::path& folder, std::span<const Generation> generations,
                    const std::function<void(const std::string&)>& problem) {
  std::set<std::string> seen;
  for (const Generation& generation : generations) {
    const auto head = ReadHead(folder, generation);
    if (!head) problem(head.error().message);
    for (const ListsFile& file : generation.lists) {
      if (!seen.insert(file.file).second) continue;
      const auto segment = Segment::Open(folder, file, /*lazy=*/true);
      const Status checked = segment ? (*segment)->CheckAll() : tl::unexpected(segment.error());
      if (!checked) problem(checked.error().message);
    }
  }
}

std::set<std::string> FileNames(std::span<const Generation> generations) {
  std::set<std::string> names;
  for (const Generation& generation : generations) {
    names.insert(generation.file);
    for (const ListsFile& lists : generation.lists) names.insert(lists.file);
  }
  return names;
}

void RemoveStaleSnapshots(const std::filesystem::path& folder, std::span<const Generation> kept) {
  const std::set<std::string> named = FileNames(kept);
  std::error_code ec;
  std::vector<std::filesystem::path> stale;
  for (std::filesystem::directory_iterator it(folder, ec), end; !ec && it != end;
       it.increment(ec)) {
    const std::string name = it->path().filename().string();
    const bool ours = (name.starts_with(kPrefix) || name.starts_with(kListsPrefix)) &&
                      name.find(kSuffix) != std::string::npos;
    if (ours && !named.contains(name)) stale.push_back(it->path());
  }
  for (const auto& path : stale) std::filesystem::remove(path, ec);
}

}  // namespace inlier

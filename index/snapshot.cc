#include "index/snapshot.h"

#include <algorithm>
#include <fstream>
#include <span>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/file.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INSN";
constexpr std::uint16_t kVersion = 2;
constexpr std::string_view kPrefix = "index-";
constexpr std::string_view kSuffix = ".inlier";

}  // namespace

Result<Generation> WriteSnapshot(const std::filesystem::path& folder, const Snapshot& snapshot,
                                 std::uint64_t number, const std::string& recipe,
                                 const std::function<void(std::string_view)>& step) {
  BlobWriter writer;
  writer.Put(snapshot.covered_change);
  writer.Put(snapshot.trained_features);
  writer.PutArray(std::span<const std::uint32_t>(snapshot.feature_counts));
  writer.Put<std::uint8_t>(snapshot.postings != nullptr);
  if (snapshot.postings) snapshot.postings->Write(writer);
  const std::string bytes = writer.Seal(kMagic, kVersion);
  Generation generation{.number = number,
                        .file = fmt::format("{}{:08}{}", kPrefix, number, kSuffix),
                        .bytes = bytes.size(),
                        .hash = Hash64(bytes),
                        .covered_change = snapshot.covered_change,
                        .recipe = recipe};
  INLIER_RETURN_IF_ERROR(PublishFile(folder / generation.file, bytes, step));
  return generation;
}

Result<Snapshot> ReadSnapshot(const std::filesystem::path& folder, const Generation& generation) {
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
  Snapshot snapshot;
  snapshot.covered_change = reader.Get<std::uint64_t>();
  snapshot.trained_features = reader.Get<std::uint64_t>();
  snapshot.feature_counts = reader.GetArray<std::uint32_t>();
  if (reader.Get<std::uint8_t>() != 0) {
    auto postings = Postings::Read(reader);
    if (!postings) return Within(generation.file, postings.error());
    snapshot.postings = std::move(*postings);
  }
  if (!reader.Complete() || snapshot.covered_change != generation.covered_change) {
    return Fail(ErrorCode::kCorrupt, generation.file + ": fields do not add up");
  }
  return snapshot;
}

void RemoveStaleSnapshots(const std::filesystem::path& folder, std::span<const Generation> kept) {
  std::error_code ec;
  std::vector<std::filesystem::path> stale;
  for (std::filesystem::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    const bool ours = name.starts_with(kPrefix) && name.find(kSuffix) != std::string::npos;
    const bool named = std::any_of(kept.begin(), kept.end(),
                                   [&name](const Generation& g) { return g.file == name; });
    if (ours && !named) stale.push_back(it->path());
  }
  for (const auto& path : stale) std::filesystem::remove(path, ec);
}

}  // namespace inlier

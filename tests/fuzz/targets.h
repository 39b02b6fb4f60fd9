#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inlier::test {

/// Code that reads bytes which may come from anybody. `run` must return, whatever bytes it gets.
struct FuzzTarget {
  std::string_view name;
  void (*run)(std::span<const std::uint8_t> bytes);
  std::vector<std::string> (*seeds)();  // whole inputs, made by code
};

std::vector<FuzzTarget> PictureTargets();  // core/decode, one for each format
FuzzTarget TableTarget();     // engine/tables: the first byte says which kind, and how it is read
FuzzTarget OptionsTarget();   // engine/options: JSON, recipes and single options
FuzzTarget ModelTarget();     // deep/model_config and deep/projection, as the first byte says
FuzzTarget BlobsTarget();     // core/blob and index/codec: all values of the store but the manifest
FuzzTarget ManifestTarget();  // index/codec: the generations
FuzzTarget SnapshotTarget();  // index/snapshot: the head of an index
FuzzTarget SegmentTarget();   // index/segment: a file of lists

std::vector<FuzzTarget> RequestTargets();  // server/target, server/multipart, wire/reader

std::vector<FuzzTarget> FuzzTargets();

inline constexpr std::size_t kBlobHeaderBytes = 24;
/// Makes a blob with this magic and version and the bytes as its body. Its checksum is correct, so
/// that mutations reach the code behind the check.
std::string Sealed(std::string_view body, std::string_view magic, std::uint16_t version);

/// Returns all bytes of an existing file.
std::string FileOf(const std::filesystem::path& path);

}  // namespace inlier::test

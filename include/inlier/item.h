#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "inlier/image.h"

namespace inlier {

/// Metadata columns, in the order of the table.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The longest id, in bytes.
inline constexpr std::size_t kMaxIdBytes = 1024;

/// What a database knows about one picture of an item besides its features.
struct PictureRecord {
  std::string path;          // of the file; empty when the picture was given as bytes or pixels
  std::string content_hash;  // of the file, or of the pixels that were given
  /// Pictures with equal pixels have one face, whatever items they belong to. A face is stored and
  /// indexed once.
  std::uint32_t face = 0;
  std::uint32_t feature_count = 0;
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;

  bool operator==(const PictureRecord&) const = default;
};

/// What a picture is called within its item: its path or, when it has none, its content hash.
inline const std::string& NameOf(const PictureRecord& picture) {
  return picture.path.empty() ? picture.content_hash : picture.path;
}

/// What a database knows about an item besides its features.
struct ItemRecord {
  std::string id;
  Metadata metadata;
  std::vector<PictureRecord> pictures;  // in the order of the catalogue, at least one
};

/// The features of all pictures of an item. Without any, no photo can find it.
inline std::uint64_t FeatureCount(const ItemRecord& item) {
  std::uint64_t sum = 0;
  for (const PictureRecord& picture : item.pictures) sum += picture.feature_count;
  return sum;
}

/// A picture that is to be added: a file, the bytes of a file, or pixels.
using Picture = std::variant<std::filesystem::path, std::vector<std::uint8_t>, Image>;

/// An item that is to be added.
struct ItemToAdd {
  std::string id;
  std::vector<Picture> pictures;  // at least one
  Metadata metadata;
};

}  // namespace inlier

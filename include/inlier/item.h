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

/// What a database knows about an item besides its features.
struct ItemRecord {
  std::string id;
  std::string image_path;
  std::string content_hash;  // of the image file
  Metadata metadata;
  std::uint32_t feature_count = 0;
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
};

/// The picture of an item that is to be added: a file, the bytes of a file, or pixels.
using Picture = std::variant<std::filesystem::path, std::vector<std::uint8_t>, Image>;

/// An item that is to be added.
struct ItemToAdd {
  std::string id;
  Picture picture;
  Metadata metadata;
};

}  // namespace inlier

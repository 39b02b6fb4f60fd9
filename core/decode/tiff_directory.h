#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace inlier {

/// One directory of a TIFF file (TIFF 6.0, section 2) or BigTIFF file: what its tags say, by code
/// of our own that reads nothing outside of the file. Compressed data is never looked at.
class TiffDirectory {
 public:
  /// The first directory. Nothing when the bytes are not those of a TIFF file with a directory.
  static std::optional<TiffDirectory> First(std::span<const std::uint8_t> file);
  /// The directory at an offset of the same file, such as those that SubIFDs lists.
  TiffDirectory At(std::uint64_t offset) const;

  bool Has(int tag) const { return Find(tag).has_value(); }
  /// The `index`th number of a tag of whole numbers.
  std::optional<std::uint64_t> Number(int tag, std::size_t index = 0) const;
  std::size_t CountOf(int tag) const;
  std::string_view Text(int tag) const;

 private:
  struct Entry {
    int type = 0;
    std::uint64_t count = 0;
    std::uint64_t values = 0;  // where its values begin in the file
  };
  std::optional<Entry> Find(int tag) const;
  std::uint64_t Read(std::uint64_t at, std::size_t size) const;
  bool Within(std::uint64_t at, std::uint64_t size) const {
    return at <= file_.size() && size <= file_.size() - at;
  }

  std::span<const std::uint8_t> file_;
  bool little_endian_ = true;
  bool big_ = false;  // BigTIFF has offsets of 8 bytes
  std::uint64_t offset_ = 0;
};

}  // namespace inlier

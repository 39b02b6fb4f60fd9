#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/decode/formats.h"

namespace inlier {

/// One chunk of a PNG file, as far as the file has it.
struct PngChunk {
  std::string_view type;  // four bytes, not always letters
  Bytes content;
  Bytes whole;  // with its length, type and checksum
  bool is_complete = false;

  /// Whether the picture can be read without it (PNG, third edition, §5.4). A type that is not made
  /// of letters comes from damage, and damage must not be passed over.
  bool IsAncillary() const;
};

/// Goes over the chunks of a file from its first to its last. Every chunk that it gives lies within
/// the file; the last one may be cut off.
class PngChunks {
 public:
  explicit PngChunks(Bytes file) : file_(file) {}
  std::optional<PngChunk> Next();

 private:
  Bytes file_;
  std::size_t at_ = 8;  // behind the magic bytes
};

}  // namespace inlier

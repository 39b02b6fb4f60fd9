#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/decode/formats.h"
#include "core/decode/tiff_library.h"

namespace inlier {

/// A TIFF file in memory, opened by libtiff. What libtiff has to say is kept here and not printed.
class TiffFile {
 public:
  /// Errors: kBadImage.
  static Result<std::unique_ptr<TiffFile>> Open(Bytes file, const DecodeLimits& limits);
  ~TiffFile();
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* handle() { return tiff_; }
  /// A tag that has one number, or its default.
  template <typename T>
  T Field(std::uint32_t tag, T otherwise) {
    T value = otherwise;
    return Tiff().GetFieldDefaulted(tiff_, tag, &value) == 1 ? value : otherwise;
  }
  /// libtiff's first error, in brackets, or nothing.
  std::string Words() const;
  /// From here on a warning is about pixels.
  void BeginPixels() { decoding_ = true; }
  /// True when libtiff has warned that it made up for pixels that could not be read.
  bool pixels_invented() const { return pixels_invented_; }
  void MoveWarningsTo(std::vector<std::string>& warnings) const;

 private:
  explicit TiffFile(Bytes file) : file_(file) {}

  // Called by libtiff, through which no exception may pass.
  static int OnError(TIFF* tiff, void* self, const char* module, const char* format,
                     va_list values) noexcept;
  static int OnWarning(TIFF* tiff, void* self, const char* module, const char* format,
                       va_list values) noexcept;
  static tmsize_t OnRead(thandle_t self, void* to, tmsize_t size) noexcept;
  static toff_t OnSeek(thandle_t self, toff_t offset, int whence) noexcept;

  using Message = std::array<char, 256>;
  Bytes file_;
  std::uint64_t at_ = 0;
  TIFF* tiff_ = nullptr;
  Message error_{};
  std::array<Message, 4> warnings_{};
  std::size_t warning_count_ = 0;
  bool decoding_ = false;
  bool pixels_invented_ = false;
};

}  // namespace inlier

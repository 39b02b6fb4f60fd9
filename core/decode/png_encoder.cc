#include <new>
#include <vector>

#include <fmt/format.h>

#include "core/decode/png_library.h"
#include "core/image.h"

namespace inlier {
namespace {

class PngWriter {
 public:
  explicit PngWriter(std::vector<std::uint8_t>& bytes)
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &messages_, OnPngError, OnPngWarning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)),
        bytes_(bytes) {}
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  bool Write(const Image& image) {
    if (info_ == nullptr) return false;
    return PngSucceeds(png_, [&] {
      png_set_write_fn(png_, this, Append, nullptr);
      png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width_px),
                   static_cast<png_uint_32>(image.height_px), 8,
                   image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                   PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
      png_set_compression_level(png_, kLevel);
      png_write_info(png_, info_);
      png_set_bgr(png_);
      const std::size_t row_bytes =
          static_cast<std::size_t>(image.width_px) * static_cast<std::size_t>(image.channels);
      for (std::size_t at = 0; at < image.pixels.size(); at += row_bytes) {
        png_write_row(png_, &image.pixels[at]);
      }
      png_write_end(png_, info_);
    });
  }
  const char* error() const { return messages_.error.data(); }

 private:
  // Drawings consist of photos, which higher levels of zlib hardly make smaller.
  static constexpr int kLevel = 1;

  static void Append(png_structp png, png_bytep data, std::size_t size) {
    auto& bytes = static_cast<PngWriter*>(png_get_io_ptr(png))->bytes_;
    bool is_full = false;
    try {
      bytes.insert(bytes.end(), data, data + size);
    } catch (const std::bad_alloc&) {
      is_full = true;
    }
    if (is_full) png_error(png, "out of memory");
  }

  PngMessages messages_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<std::uint8_t>& bytes_;
};

}  // namespace

Result<std::vector<std::uint8_t>> EncodePng(const Image& image) {
  if (image.empty() || (image.channels != 1 && image.channels != 3)) {
    return Fail(ErrorCode::kInvalidArgument, "a PNG needs pixels of 1 or 3 channels");
  }
  std::vector<std::uint8_t> bytes;
  PngWriter writer(bytes);
  if (!writer.Write(image)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot encode a PNG: {}", writer.error()));
  }
  return bytes;
}

}  // namespace inlier

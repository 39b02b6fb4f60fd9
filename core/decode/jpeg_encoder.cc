#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "core/image.h"

namespace inlier {
namespace {

// A compressor of libjpeg whose errors end the call that met them; nothing is printed.
struct Encoder {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf escape{};
  unsigned char* buffer = nullptr;  // grown by libjpeg, by malloc
  unsigned long size_bytes = 0;

  Encoder() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr common) {
      std::longjmp(static_cast<Encoder*>(common->client_data)->escape, 1);
    };
    errors.output_message = [](j_common_ptr) {};
  }
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(buffer);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

// What a longjmp leaves is this frame, which owns nothing.
bool Encode(Encoder& encoder, const Image& image, int quality) {
  if (setjmp(encoder.escape) != 0) return false;
  jpeg_compress_struct& info = encoder.info;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &encoder.buffer, &encoder.size_bytes);
  info.image_width = static_cast<JDIMENSION>(image.width_px);
  info.image_height = static_cast<JDIMENSION>(image.height_px);
  info.input_components = image.channels;
  info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_set_defaults(&info);  // JFIF, baseline, 4:2:0, the usual tables
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  const auto row_bytes = static_cast<std::size_t>(image.width_px * image.channels);
  while (info.next_scanline < info.image_height) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it is only read
    auto* row = const_cast<JSAMPROW>(image.pixels.data() + info.next_scanline * row_bytes);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

std::vector<std::uint8_t> EncodeJpeg(const Image& image, int quality) {
  Encoder encoder;
  if (!Encode(encoder, image, quality)) return {};
  return {encoder.buffer, encoder.buffer + encoder.size_bytes};
}

}  // namespace inlier

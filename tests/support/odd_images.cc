#include "tests/support/odd_images.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <jpeglib.h>
#include <zlib.h>
#include <opencv2/imgcodecs.hpp>

#include "core/mat.h"

namespace inlier::test {
namespace {

std::string BigEndian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

FileBytes ToBytes(const std::string& text) { return {text.begin(), text.end()}; }

std::string Chunk(std::string_view type, const FileBytes& data) {
  std::string checked(type);
  checked.append(data.begin(), data.end());
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return BigEndian(static_cast<std::uint32_t>(data.size()), 4) + checked +
         BigEndian(static_cast<std::uint32_t>(crc), 4);
}

FileBytes EncodeWith(const Image& image, const std::string& ending,
                     const std::vector<int>& options) {
  FileBytes bytes;
  if (!cv::imencode(ending, AsMat(image), bytes, options))
    throw std::runtime_error("cannot encode " + ending);
  return bytes;
}

}  // namespace

FileBytes Encode(const Image& image, const std::string& ending) {
  return EncodeWith(image, ending, {});
}

FileBytes ProgressiveJpeg(const Image& image) {
  return EncodeWith(image, ".jpg", {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
}

FileBytes ExifOfOrientation(int orientation) {
  return ToBytes(std::string("MM\0\x2A\0\0\0\x08", 8) +  // big-endian, directory at 8
                 BigEndian(1, 2) +                       // of one entry
                 BigEndian(0x0112, 2) +                  // Orientation
                 BigEndian(3, 2) + BigEndian(1, 4) +     // a SHORT, once
                 BigEndian(static_cast<std::uint32_t>(orientation), 2) +
                 BigEndian(0, 2) +  // pads the value
                 BigEndian(0, 4));  // no further directory
}

FileBytes WithExifOrientation(const FileBytes& jpeg, int orientation) {
  const FileBytes tiff_bytes = ExifOfOrientation(orientation);
  const std::string tiff(tiff_bytes.begin(), tiff_bytes.end());
  const std::string exif = std::string("Exif\0\0", 6) + tiff;
  const std::string segment =
      BigEndian(0xFFE1, 2) + BigEndian(static_cast<std::uint32_t>(2 + exif.size()), 2) + exif;
  FileBytes out = jpeg;
  out.insert(out.begin() + 2, segment.begin(), segment.end());
  return out;
}

FileBytes CmykJpeg(int width_px, int height_px, int blue, int green, int red) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(width_px);
  info.image_height = static_cast<JDIMENSION>(height_px);
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  info.write_Adobe_marker = TRUE;
  jpeg_start_compress(&info, TRUE);
  FileBytes row;
  for (int x = 0; x < width_px; ++x) {
    for (const int ink : {red, green, blue, 255}) row.push_back(static_cast<std::uint8_t>(ink));
  }
  std::array<JSAMPROW, 1> rows{row.data()};
  for (int y = 0; y < height_px; ++y) jpeg_write_scanlines(&info, rows.data(), 1);
  jpeg_finish_compress(&info);
  FileBytes bytes(buffer, buffer + size);
  jpeg_destroy_compress(&info);
  std::free(buffer);
  return bytes;
}

FileBytes WebpWithExif(const FileBytes& webp, int width_px, int height_px, const FileBytes& exif) {
  const auto little_endian = [](std::uint32_t value, int size) {
    std::string bytes = BigEndian(value, size);
    return std::string(bytes.rbegin(), bytes.rend());
  };
  const auto chunk = [&](const std::string& type, const std::string& data) {
    return type + little_endian(static_cast<std::uint32_t>(data.size()), 4) + data +
           std::string(data.size() % 2, '\0');
  };
  constexpr char kAlphaAndExif = 0x18;
  const std::string canvas = kAlphaAndExif + std::string(3, '\0') +
                             little_endian(static_cast<std::uint32_t>(width_px - 1), 3) +
                             little_endian(static_cast<std::uint32_t>(height_px - 1), 3);
  const std::string body = "WEBP" + chunk("VP8X", canvas) +
                           std::string(webp.begin() + 12, webp.end()) +
                           chunk("EXIF", std::string(exif.begin(), exif.end()));
  return ToBytes("RIFF" + little_endian(static_cast<std::uint32_t>(body.size()), 4) + body);
}

FileBytes Deflated(std::string_view before, const FileBytes& data) {
  FileBytes packed(compressBound(data.size()));
  uLongf packed_bytes = packed.size();
  compress2(packed.data(), &packed_bytes, data.data(), data.size(), 9);
  packed.resize(packed_bytes);
  packed.insert(packed.begin(), before.begin(), before.end());
  return packed;
}

FileBytes PngChunk(std::string_view type, const FileBytes& data) {
  return ToBytes(Chunk(type, data));
}

FileBytes Png(std::uint32_t width_px, std::uint32_t height_px, int depth_bits, int colour_type,
              const FileBytes& rows, const FileBytes& chunks) {
  const std::string header = BigEndian(width_px, 4) + BigEndian(height_px, 4) +
                             static_cast<char>(depth_bits) + static_cast<char>(colour_type) +
                             std::string(3, '\0');
  const FileBytes packed = Deflated("", rows);
  return ToBytes("\x89PNG\r\n\x1A\n" + Chunk("IHDR", ToBytes(header)) +
                 std::string(chunks.begin(), chunks.end()) + Chunk("IDAT", packed) +
                 Chunk("IEND", {}));
}

}  // namespace inlier::test

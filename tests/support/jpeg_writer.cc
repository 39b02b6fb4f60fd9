#include "tests/support/jpeg_writer.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <jpeglib.h>

namespace inlier::test {
namespace {

void Choose(jpeg_compress_struct& info, const JpegKind& kind,
            std::array<jpeg_scan_info, 4>& scans) {
  jpeg_set_defaults(&info);
  if (kind.ycck) jpeg_set_colorspace(&info, JCS_YCCK);
  info.write_Adobe_marker = kind.adobe ? TRUE : FALSE;
  info.optimize_coding = kind.own_tables ? TRUE : FALSE;
  info.arith_code = kind.arithmetic ? TRUE : FALSE;
  info.restart_in_rows = kind.restart_rows;
  jpeg_set_quality(&info, kind.quality, TRUE);
  if (kind.progressive) jpeg_simple_progression(&info);
  if (!kind.one_scan_each) return;
  for (int c = 0; c < info.num_components; ++c)
    scans[static_cast<std::size_t>(c)] = {1, {c, 0, 0, 0}, 0, 63, 0, 0};
  info.scan_info = scans.data();
  info.num_scans = info.num_components;
}

}  // namespace

FileBytes WriteJpeg(int width_px, int height_px, const FileBytes& samples, const JpegKind& kind) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::array<jpeg_scan_info, 4> scans{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(width_px);
  info.image_height = static_cast<JDIMENSION>(height_px);
  info.input_components = kind.components;
  info.in_color_space = kind.components == 1   ? JCS_GRAYSCALE
                        : kind.components == 4 ? JCS_CMYK
                                               : JCS_RGB;
  Choose(info, kind, scans);
  jpeg_start_compress(&info, TRUE);
  if (!kind.icc.empty())
    jpeg_write_icc_profile(&info, kind.icc.data(), static_cast<unsigned>(kind.icc.size()));
  FileBytes rows = samples;
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_px); ++y) {
    JSAMPROW row = rows.data() + y * static_cast<std::size_t>(width_px * kind.components);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  FileBytes bytes(buffer, buffer + size);
  jpeg_destroy_compress(&info);
  std::free(buffer);
  return bytes;
}

FileBytes WriteJpeg(const Image& image, JpegKind kind) {
  kind.components = image.channels;
  FileBytes samples(image.pixels.begin(), image.pixels.end());
  if (image.channels == 3) {
    for (std::size_t i = 0; i < samples.size(); i += 3) std::swap(samples[i], samples[i + 2]);
  }
  return WriteJpeg(image.width_px, image.height_px, samples, kind);
}

std::size_t FindMarker(const FileBytes& jpeg, std::uint8_t marker, std::size_t from) {
  for (std::size_t at = from; at + 1 < jpeg.size(); ++at) {
    if (jpeg[at] == 0xFF && jpeg[at + 1] == marker) return at;
  }
  throw std::runtime_error("no such marker");
}

}  // namespace inlier::test

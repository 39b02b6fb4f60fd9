#pragma once

#include "tests/support/odd_images.h"

namespace inlier::test {

/// What kind of JPEG to write.
struct JpegKind {
  int components = 3;  // 1: grey, 3: RGB, 4: CMYK
  bool ycck = false;   // CMYK as YCCK
  bool adobe = false;  // Adobe's marker
  bool progressive = false;
  bool arithmetic = false;
  bool own_tables = false;     // Huffman codes that fit the picture
  bool one_scan_each = false;  // a scan for each component
  int restart_rows = 0;        // a restart marker after so many rows of blocks
  int quality = 90;
  FileBytes icc;
};

/// Writes samples, 8 bits each, as they are.
FileBytes WriteJpeg(int width_px, int height_px, const FileBytes& samples, const JpegKind& kind);

/// The image, of 1 or 3 channels.
FileBytes WriteJpeg(const Image& image, JpegKind kind = {});

/// The place of the first marker of this kind at or after `from`. Throws when there is none.
std::size_t FindMarker(const FileBytes& jpeg, std::uint8_t marker, std::size_t from = 0);

}  // namespace inlier::test

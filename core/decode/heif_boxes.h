#pragma once

#include <cstdint>
#include <vector>

#include "core/decode/formats.h"

namespace inlier {

/// What the boxes of a HEIF file say about its primary picture (ISO/IEC 23008-12).
struct HeifPicture {
  std::int64_t coded_width_px = 0;  // before it is cropped and turned
  std::int64_t coded_height_px = 0;
  std::int64_t width_px = 0;
  std::int64_t height_px = 0;
  bool has_alpha = false;
  std::int64_t largest_px = 0;       // pixels of the largest picture in the file, tiles included
  std::int64_t missing_bytes = 0;    // by which its last box passes the end of the file
  std::vector<std::int64_t> items;   // the picture itself or its tiles, and its transparency
  Bytes locations;                   // the content of the box that says where items lie
  std::vector<Bytes> hevc_settings;  // the content of the hvcC properties in the file
};

/// Reads the boxes by code of our own that never leaves the file. Errors: kBadImage.
Result<HeifPicture> ReadHeifBoxes(Bytes file);

}  // namespace inlier

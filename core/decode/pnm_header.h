#pragma once

#include <cstddef>

#include "core/decode/formats.h"

namespace inlier {

/// What stands before the samples of a binary PGM or PPM file.
struct PnmHeader {
  std::int64_t width_px = 0, height_px = 0;
  std::int64_t largest = 0;  // the value of white
  int channels = 1;
  std::size_t samples_at = 0;

  int sample_bytes() const { return largest > 255 ? 2 : 1; }
};

/// Errors: kBadImage, also when samples are missing.
Result<PnmHeader> ReadPnmHeader(Bytes file);

}  // namespace inlier

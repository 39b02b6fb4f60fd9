#pragma once

#include <cstdint>

#include "core/decode/formats.h"
#include "core/decode/heif_boxes.h"

namespace inlier {

/// What the compressed data of a HEIF picture shows without being decoded.
struct HeifData {
  /// Bytes that have been overwritten by zeros, as when a transfer left a part out. libde265 makes
  /// pixels of anything and says nothing, but HEVC data never has three zeros in a row (ISO/IEC
  /// 23008-2, 7.4.2). 0 for other codecs, whose data may have them.
  std::int64_t hole_bytes = 0;
  /// Pixels of the largest picture that the data itself claims. It, and not the boxes, is what a
  /// decoder allocates by.
  std::int64_t largest_px = 0;
};

HeifData InspectHeifData(Bytes file, const HeifPicture& picture);

}  // namespace inlier

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/decode/bmp_header.h"

namespace inlier {

/// Unpacks the run-length encoding of a BMP to one byte a pixel, in rows of a multiple of four
/// bytes in the order of the file. Pixels that the file skips have the first colour. Errors:
/// kBadImage, when the file ends or leaves the picture before its last pixel.
Result<std::vector<std::uint8_t>> UnpackBmpRle(Bytes packed, const BmpHeader& header,
                                               std::vector<std::string>& warnings);

}  // namespace inlier

#pragma once

#include "core/image.h"

namespace inlier {

/// How a picture is to be turned, 1 to 8 as EXIF counts: what its EXIF data says, or where that is
/// silent its XMP data. It is 1, upright, when neither makes sense.
int Orientation(const ImageHeader& header);

}  // namespace inlier

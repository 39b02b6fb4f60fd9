#pragma once

#include <cstddef>

#include "core/decode/formats.h"

namespace inlier {

/// Whether the blocks of a GIF file, from offset `at` where one begins, reach its end marker.
bool GifReachesItsEnd(Bytes file, std::size_t at);

}  // namespace inlier

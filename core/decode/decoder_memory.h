#pragma once

#include <cstdint>

#include <fmt/format.h>

#include "core/decode/bad_image.h"
#include "core/image.h"

namespace inlier {

/// An error when a decoder would take more memory than its caller allows. It is called before the
/// decoder allocates.
inline Status CheckDecoderMemory(std::int64_t needed_bytes, const DecodeLimits& limits) {
  if (needed_bytes <= limits.max_memory_bytes) return {};
  return Bad(fmt::format("decoding takes {} MiB of memory, more than the limit of {} MiB",
                         needed_bytes >> 20, limits.max_memory_bytes >> 20),
             BadImage::kTooLarge);
}

}  // namespace inlier

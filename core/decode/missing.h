#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "core/decode/bad_image.h"

namespace inlier {

/// The error of a picture that breaks off: which share of its pixels is not there. `why` is what
/// the decoder says about it.
inline tl::unexpected<Error> PixelsMissing(std::string_view format, std::int64_t read_px,
                                           std::int64_t all_px, std::string_view why) {
  const std::int64_t missing_px = std::max<std::int64_t>(all_px - read_px, 0);
  const std::int64_t percent = all_px > 0 ? (100 * missing_px + all_px / 2) / all_px : 100;
  return Bad(fmt::format("{}: damaged: {} of the picture is missing ({})", format,
                         percent > 0 ? fmt::format("{} %", percent) : "less than 1 %", why));
}

}  // namespace inlier

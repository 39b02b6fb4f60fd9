#pragma once

#include <string>
#include <utility>

#include "core/result.h"

namespace inlier {

/// A picture that cannot be used, and why.
inline tl::unexpected<Error> Bad(std::string message, BadImage kind = BadImage::kDamaged) {
  return tl::unexpected<Error>(Error{ErrorCode::kBadImage, std::move(message), kind});
}

inline tl::unexpected<Error> NoMemory() {
  return Bad("there is not enough memory to decode it", BadImage::kNoMemory);
}

}  // namespace inlier

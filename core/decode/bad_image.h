#pragma once

#include <string>
#include <utility>

#include "core/result.h"

namespace inlier {

/// A picture that cannot be used, and why.
inline tl::unexpected<Error> Bad(std::string message, BadImage kind = BadImage::kDamaged) {
  return tl::unexpected<Error>(Error{ErrorCode::kBadImage, std::move(message), kind});
}

}  // namespace inlier

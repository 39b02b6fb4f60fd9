#pragma once

#include <string>
#include <utility>

#include "core/result.h"

namespace inlier {

/// A picture that cannot be used, and why.
inline tl::unexpected<Error> Bad(std::string message) {
  return Fail(ErrorCode::kBadImage, std::move(message));
}

}  // namespace inlier

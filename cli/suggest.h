#pragma once

#include <span>
#include <string_view>

namespace inlier::cli {

/// The name that `typed` was most likely meant to be; empty when none is near.
std::string_view Nearest(std::string_view typed, std::span<const std::string_view> names);

}  // namespace inlier::cli

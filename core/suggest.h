#pragma once

#include <span>
#include <string_view>

namespace inlier {

/// The name that the user most likely meant by `typed`. Empty when none is similar.
std::string_view Nearest(std::string_view typed, std::span<const std::string_view> names);

}  // namespace inlier

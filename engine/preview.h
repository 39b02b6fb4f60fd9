#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inlier/image.h"

namespace inlier {

/// The small picture of an item that its appearance in a photo is compared with, as bytes to store.
std::string MakePreview(const Image& image);

/// Reads such bytes back. Empty when they cannot be decoded.
std::optional<Image> ReadPreview(std::string_view bytes);

}  // namespace inlier

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inlier/image.h"

namespace inlier {

/// The small picture of an item, as bytes to store: at most 256 px large, which is enough to tell
/// twins from siblings (matcher/likeness.h).
std::string MakePreview(const Image& image);

/// Reads such bytes back. Empty when they cannot be decoded.
std::optional<Image> ReadStoredPicture(std::string_view bytes);

/// The same picture at the size of 96 px that an item's appearance in a photo is compared at.
Image PreviewOf(const Image& picture);

}  // namespace inlier

#pragma once

#include <filesystem>
#include <optional>

#include "core/image.h"
#include "core/result.h"
#include "inlier/answer.h"

namespace inlier {

/// Photo and item side by side, with the item's outline in the photo and a line for each of the
/// hit's matches; without a hit, just the two pictures.
Image DrawMatch(const Image& photo, const Image& item, const std::optional<Hit>& hit);

/// Errors: kInvalidArgument when the name does not end in .png, .jpg or .jpeg.
Status CheckDrawingName(const std::filesystem::path& path);

/// Writes a picture as PNG or JPEG, by its name. Errors: kInvalidArgument, kIo.
Status WriteDrawing(const std::filesystem::path& path, const Image& drawing);

}  // namespace inlier

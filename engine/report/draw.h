#pragma once

#include <filesystem>
#include <optional>

#include "inlier/answer.h"
#include "inlier/error.h"
#include "inlier/image.h"

namespace inlier {

/// Draws photo and item side by side, with the item's outline in the photo and a line for each
/// matched point of the hit. Without a hit it draws just the two pictures.
Image DrawMatch(const Image& photo, const Image& item, const std::optional<Hit>& hit);

/// Errors: kInvalidArgument when the name does not end in .png, .jpg or .jpeg.
Status CheckDrawingName(const std::filesystem::path& path);

/// Writes a drawing as PNG or JPEG, as its name says. Errors: kInvalidArgument, kIo.
Status WriteDrawing(const std::filesystem::path& path, const Image& drawing);

}  // namespace inlier

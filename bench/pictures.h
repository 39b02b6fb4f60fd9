#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// A copy of a photo with outlines, reduced to a long side of `side_px`.
Image WithOutlines(const Image& photo, std::span<const std::vector<Point>> outlines, int side_px);

/// Writes a JPEG of moderate quality, for pages. Errors: kIo.
Status WritePicture(const std::filesystem::path& path, const Image& picture);

}  // namespace inlier

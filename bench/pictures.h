#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// The image, reduced when its long side is longer than `side_px`.
Image ReducedTo(const Image& image, int side_px);

/// A copy of a photo with outlines drawn in, reduced to a long side of `side_px`.
Image WithOutlines(const Image& photo, std::span<const std::vector<Point>> outlines, int side_px);

/// Writes a JPEG whose quality is good enough for a page. Errors: kIo.
Status WritePicture(const std::filesystem::path& path, const Image& picture);

}  // namespace inlier

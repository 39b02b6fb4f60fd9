#pragma once

#include <array>
#include <filesystem>

#include "core/features.h"
#include "core/image.h"
#include "matcher/matcher.h"

namespace inlier::test {

/// A colour scene with detail at several scales: gradients, blobs, polygons and strokes like
/// writing. The same seed and size give the same pixels.
Image DrawTexture(unsigned seed, int width_px, int height_px);

/// A photo in which `item` lies where `photo_from_item` takes it, with smooth edges. Behind it is
/// another texture, drawn from `background_seed`, or plain grey when that is 0.
Image Warp(const Image& item, const Homography& photo_from_item, int width_px, int height_px,
           unsigned background_seed);

/// Lays an item over a photo in the same way, for photos of several items.
Image WarpOnto(const Image& photo, const Image& item, const Homography& photo_from_item);

/// The homography that takes the corners of an item (top left, top right, bottom right, bottom left
/// pixel centres) to these places in the photo.
Homography FromCorners(int item_width_px, int item_height_px, const std::array<Point, 4>& photo);

/// Turns an item by `angle_rad`, clockwise with y down, and scales it, so that its middle goes to
/// `centre`.
Homography Similarity(int item_width_px, int item_height_px, double scale, double angle_rad,
                      Point centre);

/// Adds Gaussian noise of this standard deviation, in grey levels.
Image AddNoise(const Image& image, double sigma, unsigned seed);

/// Writes an image in the format that the ending of the name stands for, and makes the folders
/// above it.
void WriteImage(const std::filesystem::path& path, const Image& image);

}  // namespace inlier::test

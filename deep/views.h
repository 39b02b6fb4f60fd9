#pragma once

#include <cstdint>

#include "core/image.h"

namespace inlier {

/// A photo of a flat item as a camera might take it: seen at an angle, at some size in front of
/// `background`, in other light, partly covered or outside the picture, blurred, noisy and
/// compressed. The same arguments give the same pixels. Neither image may be empty.
Image SyntheticView(const Image& item, const Image& background, std::uint64_t seed);

}  // namespace inlier

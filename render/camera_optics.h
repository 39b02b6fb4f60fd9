#pragma once

#include <cstdint>

#include "render/linear_image.h"

namespace inlier {

/// The camera moved by `length_px` along a line while the shutter was open. The mean stays.
void BlurMotion(LinearImage& photo, double length_px, double angle_rad);

/// Out of focus: a disc of `diameter_px`. The mean stays.
void BlurFocus(LinearImage& photo, double diameter_px);

/// A sensor after the linear model of EMVA 1288 (photon transfer): a pixel whose well holds 6,000
/// electrons at gain 1 collects Poisson-distributed ones, the read-out adds 2 electrons (rms) of
/// Gaussian noise, and `gain` makes 6,000 / gain electrons white. Each channel of each pixel is a
/// pixel of its own: no colour mosaic, no denoising. Values above white saturate.
void Expose(LinearImage& photo, double gain, std::uint64_t seed);

}  // namespace inlier

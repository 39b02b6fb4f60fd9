#pragma once

#include <cstdint>

#include "render/linear_image.h"

namespace inlier {

/// Blurs the photo as if the camera had moved by `length_px` along a line while the shutter was
/// open. The mean stays the same.
void BlurMotion(LinearImage& photo, double length_px, double angle_rad);

/// Blurs the photo as if it were out of focus, so that a point becomes a disc of `diameter_px`. The
/// mean stays the same.
void BlurFocus(LinearImage& photo, double diameter_px);

/// Adds the noise of a sensor, after the linear model of EMVA 1288 (photon transfer). The number of
/// electrons that a pixel collects has a Poisson distribution, the read-out adds Gaussian noise of
/// 2 electrons (rms), and 6,000 / gain electrons are white. Values above white saturate. Each
/// channel of each pixel is treated as a pixel of its own; there is no colour mosaic and no
/// denoising.
void Expose(LinearImage& photo, double gain, std::uint64_t seed);

}  // namespace inlier

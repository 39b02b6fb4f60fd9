#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "core/result.h"
#include "render/photo.h"

namespace inlier {

/// One thing that makes photos of products hard to recognise, at growing severities. The idea is
/// that of Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
/// and Perturbations" (ICLR 2019); here a severity is a physical amount, and the geometry is
/// corrupted too. The first severity does no harm, and all corruptions give the same photo there.
struct Corruption {
  std::string_view name;
  std::string_view unit;     // of a severity; empty for a plain count or share
  std::string_view meaning;  // of a severity, for people
  std::vector<double> severities;
};

std::span<const Corruption> Corruptions();

/// Renders a photo (see RenderPhoto) in which one corruption has a severity, any number from the
/// first to the last of its severities, and nothing else is corrupted. The corruption "items" shows
/// that many of the `items`; the others show only the first one. `occluder` is a picture of another
/// object, and `background` is a real photo that is cut to the shape of this one. All images have 1
/// or 3 channels.
///
/// The same arguments give the same bytes, on any number of threads. Errors: kInvalidArgument (an
/// empty image, an unknown corruption, a severity out of its range, fewer items than are to be
/// shown).
Result<RenderedPhoto> RenderCorrupted(std::string_view corruption, double severity,
                                      std::span<const Image> items, const Image& occluder,
                                      const Image& background, std::uint64_t seed);

/// Renders a photo with a little of everything, for training an embedding on photos that nobody
/// took. Each seed draws conditions of its own. Errors: kInvalidArgument (an empty image).
Result<RenderedPhoto> RenderView(const Image& item, const Image& occluder, const Image& background,
                                 std::uint64_t seed);

}  // namespace inlier

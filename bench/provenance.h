#pragma once

#include <functional>
#include <string>

#include "bench/gallery.h"
#include "inlier/engine.h"

namespace inlier {

/// The processor and how many of them there are.
std::string Machine();

/// The date in UTC, as 2026-01-31.
std::string Today();

/// A hash of all images, of the ids of the catalogues and of what the photos show. Figures with the
/// same hash are of the same data.
std::string DataHash(const Gallery& gallery, int threads,
                     const std::function<void(const Progress&)>& progress);

}  // namespace inlier

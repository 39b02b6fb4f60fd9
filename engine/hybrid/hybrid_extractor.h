#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// The method that finds the same thing by local features and similar things by global ones.
inline constexpr std::string_view kHybridMethod = "hybrid";

/// The spaces of its global features, in the order of Features::globals.
inline constexpr std::size_t kLookSpace = 0, kEmbeddingSpace = 1, kHybridSpaces = 2;

/// The options of its parts: SIFT, look, and the embedding of method deep.
ExtractorOptions LocalPart(ExtractorOptions options);
ExtractorOptions LookPart(ExtractorOptions options);
ExtractorOptions EmbeddingPart(ExtractorOptions options);

/// The features of SIFT, with those of look and deep as global features. Errors: of the parts.
Result<std::unique_ptr<Extractor>> MakeHybrid(const ExtractorOptions& options);

}  // namespace inlier

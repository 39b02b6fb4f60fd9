#pragma once

#include <memory>
#include <string_view>

#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// The method that compares colours.
inline constexpr std::string_view kLookMethod = "look";

/// The colours of the subject as one direction of 968 bytes (DescriptorKind::kEmbedding). It finds
/// what looks alike, not what is the same.
std::unique_ptr<Extractor> MakeLook(const ExtractorOptions& options);

}  // namespace inlier

#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "extractor/extractor.h"

namespace inlier {

/// The method whose local features a network finds and describes.
inline constexpr std::string_view kXfeatMethod = "xfeat";

/// Makes an extractor of XFeat's features (deep/xfeat_network.h). Its keypoints have the angle 0,
/// and sizes that are those of the levels of a pyramid. Errors: as XfeatNetwork::Load.
Result<std::unique_ptr<Extractor>> MakeXfeat(const ExtractorOptions& options);

}  // namespace inlier

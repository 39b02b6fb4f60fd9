#pragma once

#include <memory>
#include <string>
#include <vector>

#include <lcms2.h>

#include "core/decode/row_sink.h"

namespace inlier {

struct CloseProfile {
  using pointer = cmsHPROFILE;
  void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

/// The profile of a picture's colours, from the first thing that its file says about them and that
/// makes sense; see ColourSource. Null where that is nothing, or sRGB by its name. What is broken
/// is named in `warnings`.
Profile SourceProfile(cmsContext context, const RowLayout& layout,
                      std::vector<std::string>& warnings);

}  // namespace inlier

#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/result.h"
#include "inlier/answer.h"

namespace inlier {

/// One photo of a run. Hits should have their matches (QueryOptions::keep_matches).
struct ReportedPhoto {
  std::string photo;  // image file
  Result<Answer> answer;
};

/// Writes one HTML file that shows what was answered and why: each photo with the outlines of its
/// items, and for each hit photo and item side by side with the matched points. It refers to
/// nothing outside itself. A picture that can no longer be read is said to be gone. Errors: kIo.
Status WriteReport(const std::filesystem::path& path, std::span<const ReportedPhoto> photos);

/// "99.8 %"; never "100 %" or "0 %" of what was only found very likely or unlikely.
std::string PercentText(double probability);

}  // namespace inlier

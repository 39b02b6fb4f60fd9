#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "inlier/answer.h"
#include "inlier/error.h"

namespace inlier {

/// One photo of a run. Query with QueryOptions::keep_matches, so that the hits have matched points
/// to draw.
struct ReportedPhoto {
  std::string photo;  // image file
  Result<Answer> answer;
};

/// Writes one HTML file that shows what was answered and why: each photo with the outlines of its
/// items, and for each hit the photo and the item side by side with the matched points. The page
/// needs no other file. Where a picture can no longer be read, the page says so. Errors: kIo.
Status WriteReport(const std::filesystem::path& path, std::span<const ReportedPhoto> photos);

}  // namespace inlier

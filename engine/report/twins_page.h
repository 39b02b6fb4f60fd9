#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "inlier/error.h"
#include "inlier/item.h"

namespace inlier {

/// A group of twins with what is known of each item.
struct ReportedTwins {
  std::vector<ItemRecord> items;  // at least two; the first is the one that the others are twins of
  double likeness = 0;
  bool copies = false;
};

/// Writes one HTML file that shows each item beside the first of its group. The page needs no other
/// file. Pictures are read from the items' image files; the page has an empty frame in the place of
/// one that is gone. Errors: kIo.
Status WriteTwinsPage(const std::filesystem::path& path, std::span<const ReportedTwins> groups);

}  // namespace inlier

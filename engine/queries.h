#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace inlier {

/// One row of `queries.csv`: a photo and the item it shows.
struct QueryEntry {
  std::filesystem::path image;
  std::string id;  // empty: not in the catalogue
  std::string tag;
};
Result<std::vector<QueryEntry>> ReadQueries(const std::filesystem::path& path);

}  // namespace inlier

#pragma once

#include <string_view>
#include <vector>

/// The page of the service, as files that are compiled in. They are in web/page/, and
/// web/page/main.js says how they play together.
namespace inlier::web {

struct PageFile {
  std::string_view name;  // "index.html"
  std::string_view tag;   // of its contents
  std::string_view text;
};

/// All files of the page; index.html is the first.
const std::vector<PageFile>& PageFiles();

}  // namespace inlier::web

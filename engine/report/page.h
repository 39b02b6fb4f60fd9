#pragma once

#include <string>
#include <string_view>

namespace inlier {

/// One HTML page of a report: `body` under the title and in the style that all of them share.
/// `title` is plain text without markup.
std::string HtmlPage(std::string_view title, std::string_view body);

}  // namespace inlier

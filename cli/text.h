#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inlier::cli {

/// Makes text safe for a terminal. Control characters, direction marks and bytes that are not UTF-8
/// become escapes, so that a file's name can neither move the cursor nor reorder the line.
std::string Printable(std::string_view text);

/// One record of CSV, quoted as in RFC 4180 but ended by a line feed.
std::string CsvLine(const std::vector<std::string>& fields);

/// Breaks `text` into lines of at most `width` columns; lines after the first begin with `indent`
/// spaces.
std::string Wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace inlier::cli

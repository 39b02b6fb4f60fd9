#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// How the text of a file is written.
struct TextEncoding {
  std::string name = "UTF-8";  // as iconv knows it
  std::size_t mark_bytes = 0;  // of the byte order mark, which is no part of the text
  bool is_guessed = false;     // the file does not say so
};

/// Finds out how a file is written: UTF-8, UTF-16 of either order with a byte order mark or clearly
/// so, what the declaration of an XML document says, or else Windows-1252. Errors: kNotFound, kIo,
/// kInvalidArgument (bytes that fit none, by line and column; UTF-32; a workbook).
Result<TextEncoding> FindEncoding(const std::filesystem::path& path);

/// Hands over the text of a file in UTF-8, in parts that end anywhere. Errors: kIo,
/// kInvalidArgument (bytes that do not fit the encoding, by line and column), and those of `visit`.
Status ReadAsUtf8(const std::filesystem::path& path, const TextEncoding& encoding,
                  const std::function<Status(std::string_view)>& visit);

}  // namespace inlier

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/error.h"

namespace inlier::server {

/// One part of a multipart/form-data body (RFC 7578).
struct Part {
  std::string name;
  std::string filename;      // as it came: may hold "..", so check it before it becomes a path
  std::string content_type;  // of the part; may be empty
  std::span<const std::uint8_t> bytes;  // within the body
};

/// What is between the delimiters. `content_type` is the whole header, with its boundary. Debian
/// has no C++ library for this (docs/adr/0020-serve.md), so it is small, strict and fuzzed: a body
/// without its last delimiter, a part without a name, or a header that is too long is an error.
/// Errors: kInvalidArgument.
Result<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                         std::span<const std::uint8_t> body, std::size_t max_parts);

/// The value of a parameter of a header, "boundary" of multipart/form-data; boundary="x"; unquoted.
/// Empty when it is not there or malformed.
std::string HeaderParameter(std::string_view header, std::string_view name);

}  // namespace inlier::server

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// Hands over the bytes of a file from `offset` on, in parts of 64 KiB, until `visit` returns
/// false. Errors: kNotFound, kIo.
Status ReadParts(const std::filesystem::path& path, std::uintmax_t offset,
                 const std::function<bool(std::string_view)>& visit);

/// "line 3, column 7" of a byte of a text whose units have so many bytes. Characters are counted
/// from 1; an error at the end of the file is at the end of its last line.
std::string PositionOf(const std::filesystem::path& path, std::uintmax_t offset,
                       const std::string& encoding);

}  // namespace inlier

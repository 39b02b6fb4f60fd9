#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace inlier::cli {

/// What an earlier run has left in a file of answers.
struct AnsweredPhotos {
  std::unordered_map<std::string, std::size_t> answers;  // by the name of the photo, as NameIn
  std::size_t failed = 0;            // answers that say that the photo could not be read
  std::uint64_t complete_bytes = 0;  // the file up to the end of its last whole record
  /// CSV: the photo whose rows come last, if it has hits. Whether all of its rows are there cannot
  /// be seen.
  std::string last;
  std::uint64_t last_begin_bytes = 0;
};

/// Reads a file of answers. Errors: kInvalidArgument (not answers in this format, or with another
/// header), kIo.
Result<AnsweredPhotos> ReadAnsweredPhotos(const std::string& path, const std::string& format);

/// A photo's name as a file of this format has it. JSON cannot carry bytes that are not UTF-8.
std::string NameIn(const std::string& format, const std::string& photo);

}  // namespace inlier::cli

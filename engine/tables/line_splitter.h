#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// The most bytes of a line, and of a row of several lines.
inline constexpr std::size_t kMaxRow_bytes = 1 << 20;

/// Cuts text that comes in parts into lines. A line ends with a line feed, a carriage return (which
/// old spreadsheets write), or both, and is handed over with its end.
class LineSplitter {
 public:
  using Visit = std::function<Status(std::size_t number, const std::string& line)>;
  explicit LineSplitter(Visit visit) : visit_(std::move(visit)) {}

  /// It keeps enough of a line that is too long to see that it is.
  Status Add(std::string_view part);
  Status Finish();

 private:
  void Keep(std::string_view text);
  Status EndLine();

  Visit visit_;
  std::string line_;
  std::size_t number_ = 1;
  bool after_return_ = false;  // the line may go on with the line feed of "\r\n"
};

}  // namespace inlier

#include "engine/tables/line_splitter.h"

#include <algorithm>

namespace inlier {

Status LineSplitter::Add(std::string_view part) {
  // Either character is searched for again only when it has been passed, so that no byte is looked
  // at twice.
  std::size_t feed = part.find('\n'), carriage_return = part.find('\r');
  for (std::size_t at = 0; at < part.size();) {
    if (after_return_) {
      if (part[at] == '\n') Keep(part.substr(at++, 1));
      INLIER_RETURN_IF_ERROR(EndLine());
      continue;
    }
    if (feed < at) feed = part.find('\n', at);
    if (carriage_return < at) carriage_return = part.find('\r', at);
    const std::size_t end = std::min(feed, carriage_return);
    if (end == std::string_view::npos) {
      Keep(part.substr(at));
      return {};
    }
    Keep(part.substr(at, end + 1 - at));
    at = end + 1;
    after_return_ = part[end] == '\r';
    if (!after_return_) INLIER_RETURN_IF_ERROR(EndLine());
  }
  return {};
}

Status LineSplitter::Finish() { return line_.empty() ? Status() : EndLine(); }

void LineSplitter::Keep(std::string_view text) {
  if (line_.size() <= kMaxRow_bytes) line_ += text;
}

Status LineSplitter::EndLine() {
  after_return_ = false;
  Status status = visit_(number_++, line_);
  line_.clear();
  return status;
}

}  // namespace inlier

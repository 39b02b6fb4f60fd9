#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace inlier {

/// What a caller wants to know of one photo.
struct QueryOptions {
  int top = 10;               // the most hits returned
  bool all = false;           // also return items that were examined and not accepted
  bool keep_matches = false;  // also return each hit's matched points
  /// Compare the photo with every item instead of asking the index. This is the oracle that the
  /// index is measured against, and it takes milliseconds an item.
  bool exact = false;
  std::vector<std::pair<std::string, std::string>> where;  // metadata column = value, all of them
  std::vector<std::string> without;                        // ids that are left out
  /// With `all`: return the rest of the shortlist too, behind the items that were examined. Of these
  /// nothing is known but their votes. It is for measurements of the shortlist.
  bool shortlisted = false;
  /// When somebody sets this, the query ends with kCancelled before its next stage. It must outlive
  /// the query.
  const std::atomic<bool>* cancel = nullptr;
};

}  // namespace inlier

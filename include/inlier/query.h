#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inlier/image.h"

namespace inlier {

/// What a caller wants to know about one photo.
struct QueryOptions {
  int top = 10;               // the most hits returned
  bool all = false;           // also return items that were examined and not accepted
  bool keep_matches = false;  // also return each hit's matched points
  /// Compare the photo with every item instead of asking the index. This is the oracle that the
  /// index is measured against, and it takes milliseconds an item.
  bool exact = false;
  /// Only items are found whose metadata satisfy all of these conditions: a column, and what its
  /// value has to be. "tea" is the value itself, "tea|coffee" one of several, "Ac*" any value that
  /// begins like this, and "10..20", "10.." and "..20" are ranges of numbers, ends included. A
  /// backslash before one of | * . and \ makes it an ordinary character. A value is a number when
  /// all of it is one: "12.50", "1e3", "15.00 USD", "12,50" (but not "1,250", which may be a
  /// thousand). A column that no item has is an error that names the columns there are.
  std::vector<std::pair<std::string, std::string>> where;
  /// Only this part of the photo is looked at, as if it had been cut to it before, with every pixel
  /// that its file has. Points are in pixels of the whole photo all the same. It must lie within
  /// the photo, or the error is kInvalidArgument.
  std::optional<PixelRegion> region;
  std::vector<std::string> without;  // ids that are left out
  /// With `all`: return the rest of the shortlist too, behind the items that were examined. Nothing
  /// is known about these but their votes. This is for measurements of the shortlist.
  bool shortlisted = false;
  /// Of a catalogue that is cut into shards: answer from those shards that can be reached, and say
  /// so in Answer::coverage. Otherwise a missing shard is an error.
  bool partial = false;
  /// When somebody sets this, the query ends with kCancelled before its next stage. It must outlive
  /// the query.
  const std::atomic<bool>* cancel = nullptr;
  /// When this has passed, the query ends with kCancelled before its next stage as well. Shards are
  /// told of it.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

}  // namespace inlier

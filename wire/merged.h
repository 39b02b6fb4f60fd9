#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "inlier/database.h"
#include "inlier/error.h"

/// Turns what several servers say about their parts of a catalogue into what one server would say
/// about all of it.
namespace inlier::wire {

/// Puts pages of items together. Holds the items of one page of the list and of one that is being
/// added, however many there are.
class MergedPage {
 public:
  /// `limit`: the most items of a page, of the parts and of all.
  explicit MergedPage(std::size_t limit);
  ~MergedPage();

  /// Takes the PageText of the next part. Of items with the same id that of the earlier part stays.
  /// Errors: kCorrupt (it is no page).
  Status Add(std::string_view page);
  /// The page of all parts, as PageText has it.
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Adds what a part says by StatsLine to `total`: sums, and of what all parts have in common, the
/// same figure. A part counts its changes and generations by itself, so these stay as they are.
/// Errors: kCorrupt (it is no StatsLine).
Status AddStats(std::string_view line, CollectionStats& total);

}  // namespace inlier::wire

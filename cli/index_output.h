#pragma once

#include <string>

#include "inlier/indexing.h"

namespace inlier::cli {

/// What 'inlier index' says about the pictures of a catalogue while it runs, and at its end:
/// results on stdout, as "text" or "jsonl", and on stderr whatever the user should look at.
class IndexOutput {
 public:
  /// `catalogue` must outlive it. The entries that could not be used have been complained about.
  /// `database`: as the user named it.
  IndexOutput(const std::string& format, bool quiet, const Catalogue& catalogue,
              std::string database);

  void Picture(const CatalogueEntry& entry, const PictureOutcome& outcome) const;
  static void Spared(const std::string& id, const std::string& file);
  /// The entries that could not be used are among the failed of `report`.
  void Totals(const IndexReport& report) const;

 private:
  bool is_json_;
  bool quiet_;
  const Catalogue& catalogue_;
  std::string database_;
};

}  // namespace inlier::cli

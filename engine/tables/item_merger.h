#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/alike_ids.h"
#include "engine/tables/picture_finder.h"
#include "engine/tables/row_items.h"
#include "inlier/catalogue.h"

namespace inlier {

/// Makes one entry of all rows that have the same id. What goes wrong in the same way for many rows
/// is reported once, with their number and the first of them.
class ItemMerger {
 public:
  /// Both must outlive it.
  ItemMerger(const RowItems& rows, PictureFinder& finder) : rows_(rows), finder_(finder) {}
  ItemMerger(const ItemMerger&) = delete;
  ItemMerger& operator=(const ItemMerger&) = delete;

  void Add(RowItem&& row);
  Catalogue Finish() &&;

 private:
  // What is known of an entry besides what the catalogue says.
  struct State {
    std::size_t line = 0;  // of its first row
    std::size_t metadata_bytes = 0;
    bool has_failed_picture = false;
    bool may_lack_picture = false;
  };
  // The same thing about many rows.
  struct Tally {
    std::size_t count = 0, line = 0;
    std::string first;
    void Add(std::size_t at, const std::string& text);
  };
  // Entries are found by id in a set of their numbers, so that no id is kept twice.
  struct HashId {
    using is_transparent = void;
    const std::vector<CatalogueEntry>* entries;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
    std::size_t operator()(std::size_t entry) const { return (*this)((*entries)[entry].id); }
  };
  struct SameId {
    using is_transparent = void;
    const std::vector<CatalogueEntry>* entries;
    bool operator()(std::size_t a, std::size_t b) const { return a == b; }
    bool operator()(std::string_view id, std::size_t b) const { return id == (*entries)[b].id; }
    bool operator()(std::size_t a, std::string_view id) const { return (*entries)[a].id == id; }
  };

  std::size_t EntryOf(const RowItem& row);
  void AddPicture(std::size_t entry, std::size_t line, const std::string& picture);
  void AddMetadata(std::size_t entry, RowItem& row);
  void AddField(std::size_t entry, const RowItem& row, RowItem::Field& field,
                std::pair<std::string, std::string>* known);
  void Reject(std::size_t line, std::string reason) {
    rejected_.emplace_back(line, std::move(reason));
  }
  void DropEntriesWithoutPictures();
  std::vector<Catalogue::Rejected> Warnings();
  std::string LineName(std::size_t line) const;

  const RowItems& rows_;
  PictureFinder& finder_;
  std::vector<CatalogueEntry> entries_;
  std::vector<State> states_;
  std::unordered_set<std::size_t, HashId, SameId> by_id_{0, HashId{&entries_}, SameId{&entries_}};
  std::vector<std::pair<std::size_t, std::string>> rejected_, warnings_;  // by line
  std::map<std::string, Tally> differing_;                                // by column
  Tally urls_, short_rows_, rounded_, cut_, without_picture_;
  AlikeIds alike_;
};

}  // namespace inlier

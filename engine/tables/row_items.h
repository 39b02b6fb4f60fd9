#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/tables/column_roles.h"
#include "engine/tables/streamed_table.h"
#include "inlier/catalogue.h"

namespace inlier {

/// What one row says about an item.
struct RowItem {
  struct Field {
    const ColumnRole* column = nullptr;  // has its name
    std::string text;
  };
  std::size_t line = 0;
  std::string id;
  std::vector<std::string> pictures;  // as the table writes them
  std::vector<Field> metadata;        // not empty ones
  bool may_lack_picture = false;      // a variation whose parent's pictures stand for it
  bool is_short = false;              // it has fewer cells than the header
  std::string problem;                // empty: none
};

/// Reads a table row by row as `options` and the table's kind say. `exists` says whether a picture
/// is a file. Errors: as StreamRows and ColumnRoles.
class RowItems {
 public:
  using Exists = std::function<bool(std::string_view picture)>;
  RowItems(const CatalogueOptions& options, Exists exists)
      : options_(options), exists_(std::move(exists)), roles_(options.columns) {}

  Status Visit(const std::filesystem::path& path, const std::function<void(RowItem&&)>& visit);

  const StreamedTable& table() const { return table_; }
  const TableKind* kind() const { return roles_.kind(); }

 private:
  RowItem ItemOf(StreamedRow&& row) const;
  void AddPictures(const StreamedCell& cell, RowItem& item) const;

  const CatalogueOptions& options_;
  Exists exists_;
  StreamedTable table_;
  ColumnRoles roles_;
};

}  // namespace inlier

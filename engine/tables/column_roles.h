#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/result.h"
#include "engine/tables/exports.h"
#include "engine/tables/streamed_table.h"

namespace inlier {

/// What a column is for.
struct ColumnRole {
  static constexpr int kNoId = -1;

  int id_rank = kNoId;  // of several columns with ids, the lowest one that is not empty counts
  bool is_image = false;
  bool is_joined = false;
  std::string metadata;  // the name; empty: none
};

/// Gives the columns of a table their roles, also those that come with later rows.
class ColumnRoles {
 public:
  using Mapping = std::vector<std::pair<std::string, std::string>>;
  /// `mapping` is as in CatalogueOptions and must outlive this object.
  explicit ColumnRoles(const Mapping& mapping) : mapping_(mapping), found_(mapping.size()) {}

  /// Looks at the columns that have come since the last call. Errors: kInvalidArgument (a column is
  /// there twice).
  Status LookAt(const StreamedTable& table);
  /// Errors: kInvalidArgument when a column that is mapped, or one with ids or images, is not
  /// there.
  Status CheckComplete(const StreamedTable& table) const;

  const ColumnRole& operator[](std::size_t column) const { return roles_[column]; }
  /// Known from the first columns on; null before.
  const TableKind* kind() const { return kind_; }

 private:
  ColumnRole RoleOf(const std::string& column);
  bool IsNamed(const std::string& column, const std::string& wanted) const;

  const Mapping& mapping_;
  std::vector<bool> found_;  // for each pair of the mapping
  const TableKind* kind_ = nullptr;
  std::vector<ColumnRole> roles_;
  std::unordered_set<std::string> names_;
  bool has_id_ = false, has_image_ = false;
};

}  // namespace inlier

#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace inlier {

/// One row of a table: its cells by column, or why it cannot be used.
struct TableRow {
  std::size_t line = 0;  // of the file, from 1, where the row begins
  std::vector<std::pair<std::string, std::string>> cells;
  std::string problem;  // empty: none

  /// The text of a column; empty when the row lacks it.
  std::string_view operator[](std::string_view column) const;
};

struct Table {
  std::string name;                  // of the file, for messages
  std::vector<std::string> columns;  // of a JSONL file: of all rows
  std::vector<TableRow> rows;
};

/// Reads `.csv` (RFC 4180, the first row names the columns) or `.jsonl` (an object a line), in
/// UTF-8. A row that cannot be read keeps its place, with a problem. Errors: kNotFound, kIo,
/// kInvalidArgument (neither ending, too large, UTF-16, a column named twice or not there).
Result<Table> ReadTable(const std::filesystem::path& path,
                        const std::vector<std::string>& required_columns);

/// Reads CSV whose first row is data already, from a file with any ending; `columns` names the
/// cells of each row. A row that cannot be read, or has another number of cells, keeps its place,
/// with a problem. Errors: kNotFound, kIo, kInvalidArgument (too large, UTF-16).
Result<Table> ReadTableWithoutHeader(const std::filesystem::path& path,
                                     std::vector<std::string> columns);

}  // namespace inlier

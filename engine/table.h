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
  std::vector<std::pair<std::string, std::string>> cells;  // those that are not empty
  std::string problem;                                     // empty: none

  /// The text of a column; empty when the row lacks it.
  std::string_view operator[](std::string_view column) const;
};

/// A table in memory: for the small ones that say what photos show. Catalogues are read row by row
/// (engine/tables/).
struct Table {
  std::string name;                  // of the file, for messages
  std::vector<std::string> columns;  // of a file of JSON: of all rows
  std::vector<TableRow> rows;
};

/// Reads a table of any kind that StreamRows reads. A row that cannot be read, or has another
/// number of cells than the header, keeps its place, with a problem. Names of columns are in lower
/// case. Errors: kNotFound, kIo, kInvalidArgument (as StreamRows; a column named twice or not
/// there).
Result<Table> ReadTable(const std::filesystem::path& path,
                        const std::vector<std::string>& required_columns);

/// Reads a delimited table whose first row is data already, from a file with any ending; `columns`
/// names the cells of each row. Errors: kNotFound, kIo, kInvalidArgument (as StreamRows).
Result<Table> ReadTableWithoutHeader(const std::filesystem::path& path,
                                     std::vector<std::string> columns);

}  // namespace inlier

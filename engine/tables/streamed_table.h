// What all tables are: rows that are handed over one by one, so that a table of any size takes the
// memory of its longest row.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace inlier {

/// A cell that is not empty.
struct StreamedCell {
  std::size_t column = 0;  // a number of StreamedTable::columns
  std::string text;
  bool is_json_list = false;
};

/// One row: its cells, or why it cannot be used.
struct StreamedRow {
  std::size_t line = 0;  // of the file, from 1, where the row begins
  std::vector<StreamedCell> cells;
  std::size_t missing_cells = 0;  // that the header has and the row lacks, at its end
  std::string problem;            // empty: none
};

/// The names of a table's columns. A file of JSON or XML has those of the rows so far.
class TableColumns {
 public:
  const std::vector<std::string>& names() const { return names_; }
  /// Adds a column whatever its name is.
  void Append(std::string name);
  /// The number of the column of this name, which is added if it is new. Empty when there are too
  /// many columns.
  std::optional<std::size_t> Number(std::string_view name);

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

/// What is known of a table while its rows are read.
struct StreamedTable {
  std::string name;  // of the file, for messages
  TableColumns columns;
  bool has_header = false;       // all columns are known before the first row
  std::string encoding_guessed;  // the encoding; empty: the file says which it is
};

using VisitRow = std::function<Status(StreamedRow&& row)>;

struct TableFormat {
  std::optional<char> delimiter;  // absent: found
  bool has_header = true;         // of a delimited table; otherwise `columns` names the cells
  bool is_delimited = false;      // whatever the file's ending is
};

}  // namespace inlier

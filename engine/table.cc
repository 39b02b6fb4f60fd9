#include "engine/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/tables/row_stream.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

// Without regard to case, as names of columns are compared everywhere.
std::string NameOf(const std::string& column) { return FoldedForm(column); }

Status CheckColumns(const Table& table, const std::vector<std::string>& required) {
  std::vector<std::string> sorted = table.columns;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(
      sorted, [](const auto& a, const auto& b) { return a == b && !a.empty(); });
  if (twice != sorted.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: column '{}' is there twice", table.name, *twice));
  }
  for (const std::string& column : required) {
    if (std::ranges::binary_search(sorted, column)) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: no column '{}'; it has: {}", table.name, column,
                            fmt::join(table.columns, ", ")));
  }
  return {};
}

Result<Table> Read(const std::filesystem::path& path, const TableFormat& format,
                   StreamedTable streamed) {
  Table table;
  const VisitRow take = [&](StreamedRow&& row) {
    TableRow taken{.line = row.line, .problem = std::move(row.problem)};
    const auto& columns = streamed.columns.names();
    if (row.missing_cells > 0) {
      taken.problem = fmt::format("{} cells where the header has {}",
                                  columns.size() - row.missing_cells, columns.size());
    }
    for (std::size_t i = 0; taken.problem.empty() && i < row.cells.size(); ++i) {
      taken.cells.emplace_back(NameOf(columns[row.cells[i].column]), std::move(row.cells[i].text));
    }
    table.rows.push_back(std::move(taken));
    return Status();
  };
  INLIER_RETURN_IF_ERROR(StreamRows(path, format, streamed, take));
  table.name = streamed.name;
  for (const std::string& column : streamed.columns.names()) {
    table.columns.push_back(NameOf(column));
  }
  return table;
}

}  // namespace

std::string_view TableRow::operator[](std::string_view column) const {
  const auto found = std::ranges::find(cells, column, [](const auto& cell) { return cell.first; });
  return found == cells.end() ? std::string_view() : found->second;
}

Result<Table> ReadTable(const std::filesystem::path& path,
                        const std::vector<std::string>& required_columns) {
  INLIER_ASSIGN_OR_RETURN(Table table, Read(path, {}, {}));
  INLIER_RETURN_IF_ERROR(CheckColumns(table, required_columns));
  return table;
}

Result<Table> ReadTableWithoutHeader(const std::filesystem::path& path,
                                     std::vector<std::string> columns) {
  StreamedTable streamed;
  for (std::string& column : columns) streamed.columns.Append(std::move(column));
  return Read(path, {.delimiter = ',', .has_header = false, .is_delimited = true},
              std::move(streamed));
}

}  // namespace inlier

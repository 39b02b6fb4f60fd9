// Reads a catalogue: a folder, whose pictures are the items (folder_catalogue.cc), or a table
// (tables/). Rows that cannot be used are collected with their reasons instead of ending the run,
// since one bad row in ten thousand must not keep a shop from indexing the others.
#include "inlier/catalogue.h"
#include "engine/queries.h"

#include <optional>

#include <fmt/format.h>

#include "engine/folder_catalogue.h"
#include "engine/table.h"
#include "engine/tables/table_catalogue.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

fs::path ImagePath(const fs::path& table, std::string_view image) {
  return fs::absolute(table.parent_path() / image).lexically_normal();
}

std::string LineName(const Table& table, const TableRow& row) {
  return fmt::format("{}, line {}", table.name, row.line);
}

// The table of a folder, if it has one.
std::optional<fs::path> TableIn(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name : {"catalogue.csv", "catalogue.jsonl"}) {
    if (fs::exists(folder / name, ignored)) return folder / name;
  }
  return std::nullopt;
}

}  // namespace

Result<Catalogue> ReadCatalogue(const fs::path& path, const CatalogueOptions& options) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return Fail(ErrorCode::kNotFound, fmt::format("{}: no such catalogue", path.string()));
  }
  if (!fs::is_directory(status)) return ReadTableCatalogue(path, options);
  if (const auto table = TableIn(path)) return ReadTableCatalogue(*table, options);
  return ReadFolderCatalogue(path);
}

Result<std::vector<std::string>> ListUrls(const fs::path& path, const CatalogueOptions& options) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return ListTableUrls(path, options);
  const auto table = TableIn(path);
  if (!table) return Fail(ErrorCode::kNotFound, fmt::format("{}: no table in it", path.string()));
  return ListTableUrls(*table, options);
}

Result<std::vector<QueryEntry>> ReadQueries(const fs::path& path) {
  INLIER_ASSIGN_OR_RETURN(const Table table, ReadTable(path, {"image", "id"}));
  std::vector<QueryEntry> queries;
  for (const TableRow& row : table.rows) {
    const std::string problem = !row.problem.empty()   ? row.problem
                                : row["image"].empty() ? "no image"
                                                       : "";
    if (!problem.empty()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {}", LineName(table, row), problem));
    }
    queries.push_back({.image = ImagePath(path, row["image"]),
                       .id = std::string(row["id"]),
                       .tag = std::string(row["tag"])});
  }
  return queries;
}

}  // namespace inlier

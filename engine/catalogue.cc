// Reads a catalogue: a folder, whose pictures are the items (folder_catalogue.cc), or a table with
// a row for each item. Rows that cannot be used are collected with their reasons instead of ending
// the run, since one bad row in ten thousand must not keep a shop from indexing the others.
#include "inlier/catalogue.h"
#include "engine/queries.h"

#include <numeric>

#include <fmt/format.h>

#include "engine/entry_collector.h"
#include "engine/folder_catalogue.h"
#include "engine/table.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxRowBytes = 64 << 10;

fs::path ImagePath(const fs::path& table, std::string_view image) {
  return fs::absolute(table.parent_path() / image).lexically_normal();
}

std::string LineName(const Table& table, const TableRow& row) {
  return fmt::format("{}, line {}", table.name, row.line);
}

Result<Catalogue> ReadTableCatalogue(const fs::path& path) {
  INLIER_ASSIGN_OR_RETURN(Table table, ReadTable(path, {"id", "image"}));
  EntryCollector collector;
  for (TableRow& row : table.rows) {
    const std::string where = LineName(table, row);
    if (!row.problem.empty()) {
      collector.Reject(where, row.problem);
      continue;
    }
    const std::size_t bytes = std::accumulate(row.cells.begin(), row.cells.end(), std::size_t{0},
                                              [](std::size_t sum, const auto& cell) {
                                                return sum + cell.first.size() + cell.second.size();
                                              });
    if (row["id"].empty() || row["image"].empty()) {
      collector.Reject(where, row["id"].empty() ? "no id" : "no image");
    } else if (bytes > kMaxRowBytes) {
      collector.Reject(where, fmt::format("{} bytes, more than {}", bytes, kMaxRowBytes));
    } else {
      CatalogueEntry entry{.id = std::string(row["id"]), .images = {ImagePath(path, row["image"])}};
      // A column without a name is the row number that some programs write.
      std::erase_if(row.cells, [](const auto& cell) {
        return cell.first.empty() || cell.first == "id" || cell.first == "image";
      });
      entry.metadata = std::move(row.cells);
      collector.Add(std::move(entry), where);
    }
  }
  return std::move(collector).Finish(path);
}

}  // namespace

Result<Catalogue> ReadCatalogue(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return Fail(ErrorCode::kNotFound, fmt::format("{}: no such catalogue", path.string()));
  }
  if (!fs::is_directory(status)) return ReadTableCatalogue(path);
  for (const char* name : {"catalogue.csv", "catalogue.jsonl"}) {
    if (fs::exists(path / name, error)) return ReadTableCatalogue(path / name);
  }
  return ReadFolderCatalogue(path);
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

// Reads a catalogue: a folder, whose images are the items, or a table with a row for each item.
// Rows that cannot be used are collected with their reasons instead of ending the run, since one
// bad row in ten thousand must not keep a shop from indexing the others.
#include "inlier/catalogue.h"
#include "engine/queries.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/table.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxRowBytes = 64 << 10;

bool IsImageName(const fs::path& path) {
  constexpr std::array<std::string_view, 7> kEndings{".jpg", ".jpeg", ".png", ".webp",
                                                     ".bmp", ".pgm",  ".ppm"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

fs::path ImagePath(const fs::path& table, std::string_view image) {
  return fs::absolute(table.parent_path() / image).lexically_normal();
}

std::string LineName(const Table& table, const TableRow& row) {
  return fmt::format("{}, line {}", table.name, row.line);
}

// Takes entries one by one and keeps their ids unique.
class Collector {
 public:
  void Reject(std::string where, std::string reason) {
    catalogue_.rejected.push_back({std::move(where), std::move(reason)});
  }
  void Add(CatalogueEntry entry, const std::string& where) {
    if (entry.id.size() > kMaxIdBytes) {
      return Reject(where,
                    fmt::format("the id has {} bytes, more than {}", entry.id.size(), kMaxIdBytes));
    }
    const auto [first, is_new] = where_.try_emplace(entry.id, where);
    if (!is_new) {
      return Reject(where,
                    fmt::format("the id '{}' is already used by {}", entry.id, first->second));
    }
    catalogue_.entries.push_back(std::move(entry));
  }
  Result<Catalogue> Finish(const fs::path& path) && {
    if (catalogue_.entries.empty() && catalogue_.rejected.empty()) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: nothing in it", path.string()));
    }
    return std::move(catalogue_);
  }

 private:
  Catalogue catalogue_;
  std::unordered_map<std::string, std::string> where_;  // by id
};

Result<Catalogue> ReadTableCatalogue(const fs::path& path) {
  INLIER_ASSIGN_OR_RETURN(Table table, ReadTable(path, {"id", "image"}));
  Collector collector;
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
      CatalogueEntry entry{.id = std::string(row["id"]), .image = ImagePath(path, row["image"])};
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

// Lists the images under `folder`, relative to `root`. Hidden files are left alone. Links to
// folders are not followed, because they may lead round in a circle.
Status ListImages(const fs::path& root, const fs::path& folder, std::vector<fs::path>& images,
                  Collector& collector) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path relative = entries->path().lexically_relative(root);
    std::error_code ignored;  // a file that cannot be looked at fails later, when it is read
    if (entries->path().filename().string().starts_with('.')) continue;
    if (entries->is_directory(ignored)) {
      if (entries->is_symlink(ignored)) {
        collector.Reject(relative.string(), "a link to a folder is not followed");
      } else if (auto status = ListImages(root, entries->path(), images, collector); !status) {
        collector.Reject(relative.string(), status.error().message);
      }
    } else if (IsImageName(relative)) {
      images.push_back(relative);
    }
  }
  if (error) return Fail(ErrorCode::kIo, error.message());
  return {};
}

Result<Catalogue> ReadFolderCatalogue(const fs::path& folder) {
  const fs::path root = fs::absolute(folder).lexically_normal();
  Collector collector;
  std::vector<fs::path> images;
  if (auto status = ListImages(root, root, images, collector); !status) {
    return Within(folder.string(), status.error());
  }
  std::vector<std::pair<std::string, fs::path>> by_id;
  for (fs::path& image : images) {
    by_id.emplace_back(fs::path(image).replace_extension().generic_string(), std::move(image));
  }
  std::ranges::sort(by_id);
  for (const auto& [id, image] : by_id) {
    collector.Add({.id = id, .image = root / image}, image.generic_string());
  }
  return std::move(collector).Finish(folder);
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

#include "benchmarks/gallery.h"

#include <unordered_set>

namespace inlier {
namespace {

std::string NameOf(const std::filesystem::path& folder) {
  const auto normal = std::filesystem::absolute(folder).lexically_normal();
  return normal.has_filename() ? normal.filename().string() : normal.parent_path().filename().string();
}

}  // namespace

Result<Gallery> ReadGallery(const std::vector<std::filesystem::path>& datasets,
                            const std::vector<std::filesystem::path>& distractors) {
  Gallery gallery;
  std::unordered_set<std::string> ids;
  const auto add = [&](const std::filesystem::path& folder) -> Status {
    INLIER_ASSIGN_OR_RETURN(Catalogue catalogue, ReadCatalogue(folder));
    for (CatalogueEntry& entry : catalogue.entries) {
      entry.id = NameOf(folder) + "/" + entry.id;
      if (!ids.insert(entry.id).second) {
        return Fail(ErrorCode::kInvalidArgument, "two folders named " + NameOf(folder));
      }
      gallery.catalogue.entries.push_back(std::move(entry));
    }
    return {};
  };
  for (const auto& folder : datasets) {
    INLIER_RETURN_IF_ERROR(add(folder));
    const auto table = folder / "queries.csv";
    if (!std::filesystem::exists(table)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto queries, ReadQueries(table));
    gallery.datasets.push_back(NameOf(folder));
    for (const QueryEntry& query : queries) {
      const std::string id = query.id.empty() ? "" : NameOf(folder) + "/" + query.id;
      if (!id.empty() && !ids.contains(id)) {
        return Fail(ErrorCode::kInvalidArgument,
                    table.string() + ": '" + query.id + "' is not in the catalogue");
      }
      gallery.photos.push_back({NameOf(folder), id, query.image});
    }
  }
  for (const auto& folder : distractors) INLIER_RETURN_IF_ERROR(add(folder));
  return gallery;
}

}  // namespace inlier

#include "bench/gallery.h"

#include <algorithm>
#include <unordered_set>

#include "bench/ground_truth.h"
#include "engine/queries.h"

namespace inlier {
namespace {

std::string NameOf(const std::filesystem::path& folder) {
  const auto normal = std::filesystem::absolute(folder).lexically_normal();
  return normal.has_filename() ? normal.filename().string()
                               : normal.parent_path().filename().string();
}

Result<Dataset> ReadCatalogueDataset(const std::filesystem::path& folder) {
  Dataset dataset;
  INLIER_ASSIGN_OR_RETURN(dataset.catalogue, ReadCatalogue(folder));
  const auto table = folder / "queries.csv";
  if (!std::filesystem::exists(table)) return dataset;
  INLIER_ASSIGN_OR_RETURN(const auto queries, ReadQueries(table));
  for (const QueryEntry& query : queries) {
    BenchPhoto photo{.image = query.image};
    if (!query.id.empty()) photo.truth.relevant = {query.id};
    dataset.photos.push_back(std::move(photo));
  }
  return dataset;
}

Result<Dataset> ReadOfKind(DatasetKind kind, const std::filesystem::path& folder) {
  switch (kind) {
    case DatasetKind::kOxford:
      return ReadOxford(folder);
    case DatasetKind::kUkbench:
      return ReadUkbench(folder);
    case DatasetKind::kCatalogue:
      break;
  }
  return ReadCatalogueDataset(folder);
}

}  // namespace

Result<Dataset> ReadDataset(const std::filesystem::path& folder) {
  const DatasetKind kind = KindOf(folder);
  INLIER_ASSIGN_OR_RETURN(Dataset dataset, ReadOfKind(kind, folder));
  dataset.kind = kind;
  dataset.name = NameOf(folder);
  std::unordered_set<std::string> ids;
  for (CatalogueEntry& entry : dataset.catalogue.entries) {
    ids.insert(entry.id);
    entry.id = dataset.name + "/" + entry.id;
  }
  for (BenchPhoto& photo : dataset.photos) {
    photo.dataset = dataset.name;
    for (auto* list : {&photo.truth.relevant, &photo.truth.junk}) {
      for (std::string& id : *list) {
        if (!ids.contains(id)) {
          return Fail(ErrorCode::kInvalidArgument,
                      folder.string() + ": '" + id + "' is not in the catalogue");
        }
        id = dataset.name + "/" + id;
      }
    }
  }
  return dataset;
}

Result<Gallery> ReadGallery(const std::vector<std::filesystem::path>& datasets,
                            const std::vector<std::filesystem::path>& distractors) {
  Gallery gallery;
  std::unordered_set<std::string> names;
  const auto read = [&](const std::filesystem::path& folder) -> Result<Dataset> {
    INLIER_ASSIGN_OR_RETURN(Dataset dataset, ReadDataset(folder));
    if (!names.insert(dataset.name).second)
      return Fail(ErrorCode::kInvalidArgument, "two folders named " + dataset.name);
    const auto& entries = dataset.catalogue.entries;
    gallery.catalogue.entries.insert(gallery.catalogue.entries.end(), entries.begin(),
                                     entries.end());
    return dataset;
  };
  for (const auto& folder : datasets) {
    INLIER_ASSIGN_OR_RETURN(Dataset dataset, read(folder));
    if (dataset.photos.empty()) continue;
    gallery.photos.insert(gallery.photos.end(), dataset.photos.begin(), dataset.photos.end());
    gallery.datasets.push_back(std::move(dataset));
  }
  for (const auto& folder : distractors) INLIER_RETURN_IF_ERROR(read(folder));
  return gallery;
}

std::vector<std::size_t> SamplePhotos(const Gallery& gallery, std::size_t per_dataset) {
  std::vector<std::size_t> sample;
  std::size_t first = 0;  // of the dataset's photos in Gallery::photos
  for (const Dataset& dataset : gallery.datasets) {
    std::vector<std::size_t> with_item;
    for (std::size_t i = 0; i < dataset.photos.size(); ++i) {
      if (!dataset.photos[i].truth.relevant.empty()) with_item.push_back(first + i);
    }
    const std::size_t count = std::min(per_dataset, with_item.size());
    for (std::size_t i = 0; i < count; ++i)
      sample.push_back(with_item[i * with_item.size() / count]);
    first += dataset.photos.size();
  }
  return sample;
}

}  // namespace inlier

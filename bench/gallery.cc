#include "bench/gallery.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "bench/adapters.h"

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

}  // namespace

Result<Image> BenchPhoto::Read() const {
  INLIER_ASSIGN_OR_RETURN(Image whole, ReadImage(image));
  if (!crop) return whole;
  const auto within = [](double v, int most) {
    return static_cast<int>(std::lround(std::clamp(v, 0.0, static_cast<double>(most))));
  };
  const int left = within((*crop)[0], whole.width_px), right = within((*crop)[2], whole.width_px);
  const int top = within((*crop)[1], whole.height_px), bottom = within((*crop)[3], whole.height_px);
  if (right <= left || bottom <= top)
    return Fail(ErrorCode::kBadImage, image.string() + ": the part asked for lies outside");
  Image part{.width_px = right - left, .height_px = bottom - top, .channels = whole.channels};
  for (int y = top; y < bottom; ++y) {
    const auto row = whole.pixels.begin() +
                     static_cast<std::ptrdiff_t>(
                         (static_cast<std::int64_t>(y) * whole.width_px + left) * whole.channels);
    part.pixels.insert(part.pixels.end(), row,
                       row + static_cast<std::ptrdiff_t>(part.width_px) * whole.channels);
  }
  return part;
}

Result<Dataset> ReadDataset(const std::filesystem::path& folder) {
  Dataset dataset;
  const DatasetKind kind = KindOf(folder);
  switch (kind) {
    case DatasetKind::kCatalogue: {
      INLIER_ASSIGN_OR_RETURN(dataset, ReadCatalogueDataset(folder));
      break;
    }
    case DatasetKind::kOxford: {
      INLIER_ASSIGN_OR_RETURN(dataset, ReadOxford(folder));
      break;
    }
    case DatasetKind::kUkbench: {
      INLIER_ASSIGN_OR_RETURN(dataset, ReadUkbench(folder));
      break;
    }
  }
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

}  // namespace inlier

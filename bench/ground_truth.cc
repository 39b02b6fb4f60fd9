#include "bench/ground_truth.h"

#include <algorithm>
#include <fstream>
#include <map>

namespace inlier {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kGroup = 4;
constexpr std::string_view kQuery = "_query.txt";

fs::path TruthFolder(const fs::path& folder) {
  for (const char* name : {"gt", "gt_files", "groundtruth"}) {
    std::error_code ec;
    if (fs::is_directory(folder / name, ec)) return folder / name;
  }
  return {};
}

// 12 for "ukbench00012"; nothing for a name of another form.
std::optional<std::size_t> UkbenchNumber(const std::string& id) {
  constexpr std::string_view kName = "ukbench";
  const std::string stem = fs::path(id).filename().string();
  if (!stem.starts_with(kName) || stem.size() == kName.size() || stem.size() > kName.size() + 9)
    return std::nullopt;
  std::size_t number = 0;
  for (const char c : stem.substr(kName.size())) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  return number;
}

// The names in a file, which has one on each line.
Result<std::vector<std::string>> ReadNames(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kInvalidArgument, path.string() + ": cannot be read");
  std::vector<std::string> names;
  for (std::string name; in >> name;) names.push_back(name);
  return names;
}

using Pictures = std::map<std::string, fs::path>;  // by id

Result<BenchPhoto> ReadOxfordQuery(const fs::path& file, const Pictures& pictures) {
  std::ifstream in(file);
  std::string name;
  Crop crop;
  if (!(in >> name >> crop.left_px >> crop.top_px >> crop.right_px >> crop.bottom_px)) {
    return Fail(ErrorCode::kInvalidArgument, file.string() + ": not a name and four numbers");
  }
  if (name.starts_with("oxc1_")) name.erase(0, 5);
  const auto picture = pictures.find(name);
  if (picture == pictures.end())
    return Fail(ErrorCode::kInvalidArgument, file.string() + ": there is no picture " + name);
  BenchPhoto photo{.image = picture->second, .crop = crop};
  const std::string stem = file.string().substr(0, file.string().size() - kQuery.size());
  for (const char* list : {"_good.txt", "_ok.txt"}) {
    INLIER_ASSIGN_OR_RETURN(const auto names, ReadNames(stem + list));
    photo.truth.relevant.insert(photo.truth.relevant.end(), names.begin(), names.end());
  }
  INLIER_ASSIGN_OR_RETURN(photo.truth.junk, ReadNames(stem + "_junk.txt"));
  return photo;
}

}  // namespace

DatasetKind KindOf(const fs::path& folder) {
  std::error_code ec;
  if (fs::exists(folder / "catalogue.csv", ec) || fs::exists(folder / "catalogue.jsonl", ec))
    return DatasetKind::kCatalogue;
  if (!TruthFolder(folder).empty()) return DatasetKind::kOxford;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    if (UkbenchNumber(it->path().stem().string())) return DatasetKind::kUkbench;
    if (it->is_directory(ec) && it->path().filename() == "full" &&
        fs::exists(it->path() / "ukbench00000.jpg", ec))
      return DatasetKind::kUkbench;
  }
  return DatasetKind::kCatalogue;
}

Result<Dataset> ReadOxford(const fs::path& folder) {
  Dataset dataset;
  INLIER_ASSIGN_OR_RETURN(dataset.catalogue, ReadCatalogue(folder));
  Pictures pictures;
  for (CatalogueEntry& entry : dataset.catalogue.entries) {
    entry.id = fs::path(entry.id).filename().string();
    if (!pictures.emplace(entry.id, entry.images.front()).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  folder.string() + ": two pictures named " + entry.id);
    }
  }
  std::vector<fs::path> queries;
  const fs::path truth = TruthFolder(folder);
  std::error_code ec;
  for (fs::directory_iterator it(truth, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().filename().string().ends_with(kQuery)) queries.push_back(it->path());
  }
  std::sort(queries.begin(), queries.end());
  for (const fs::path& file : queries) {
    INLIER_ASSIGN_OR_RETURN(BenchPhoto photo, ReadOxfordQuery(file, pictures));
    dataset.photos.push_back(std::move(photo));
  }
  return dataset;
}

Result<Dataset> ReadUkbench(const fs::path& folder) {
  Dataset dataset;
  INLIER_ASSIGN_OR_RETURN(dataset.catalogue, ReadCatalogue(folder));
  std::map<std::size_t, const CatalogueEntry*> by_number;
  for (CatalogueEntry& entry : dataset.catalogue.entries) {
    const auto number = UkbenchNumber(entry.id);
    entry.id = fs::path(entry.id).filename().string();
    if (number) by_number[*number] = &entry;
  }
  for (const auto& [number, entry] : by_number) {
    BenchPhoto photo{.image = entry->images.front()};
    for (std::size_t i = number / kGroup * kGroup, end = i + kGroup; i < end; ++i) {
      const auto member = by_number.find(i);
      if (member == by_number.end()) {
        return Fail(ErrorCode::kInvalidArgument, folder.string() +
                                                     ": a picture is missing from the four that " +
                                                     entry->id + " belongs to");
      }
      photo.truth.relevant.push_back(member->second->id);
    }
    dataset.photos.push_back(std::move(photo));
  }
  return dataset;
}

}  // namespace inlier

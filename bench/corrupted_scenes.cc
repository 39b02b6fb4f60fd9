#include "bench/corrupted_scenes.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/blob.h"

namespace inlier {
namespace {

// No more than are needed, since finding them reads the headers of files.
constexpr std::size_t kMaxBackgrounds = 200;

std::uint64_t Mix(std::string_view name, const SceneKey& key) {
  return Hash64(fmt::format("{} {} {}", name, key.number, key.seed));
}

bool IsWide(const CatalogueEntry& entry) {
  const auto bytes = ReadFileBytes(entry.images.front(), DecodeLimits{}.max_file_bytes);
  if (!bytes) return false;
  const auto header = ProbeImage(*bytes);
  return header && header->width_px > header->height_px;
}

bool Contains(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

Result<ScenePictures> PicturesFor(const Gallery& gallery, const std::string& name) {
  ScenePictures pictures;
  for (const Dataset& dataset : gallery.datasets) {
    if (dataset.name == name) pictures.dataset = &dataset;
  }
  if (!pictures.dataset) {
    return Fail(ErrorCode::kInvalidArgument,
                "stress: there is no dataset '" + name + "' with photos");
  }
  const auto& own_entries = pictures.dataset->catalogue.entries;
  std::vector<std::string> own;
  for (const CatalogueEntry& entry : own_entries) own.push_back(entry.id);
  std::sort(own.begin(), own.end());
  for (const CatalogueEntry& entry : gallery.catalogue.entries) {
    if (!std::binary_search(own.begin(), own.end(), entry.id)) pictures.occluders.push_back(&entry);
  }
  if (pictures.occluders.empty()) {
    for (const CatalogueEntry& entry : own_entries) pictures.occluders.push_back(&entry);
  }
  auto& backgrounds = pictures.backgrounds;
  for (std::size_t i = pictures.occluders.size(); i > 0 && backgrounds.size() < kMaxBackgrounds;
       --i) {
    if (IsWide(*pictures.occluders[i - 1])) backgrounds.push_back(pictures.occluders[i - 1]);
  }
  if (backgrounds.empty()) backgrounds = pictures.occluders;
  return pictures;
}

Result<SceneImages> ReadScene(const ScenePictures& pictures, const SceneKey& key,
                              std::size_t items) {
  SceneImages scene;
  const std::uint64_t random = Mix(pictures.dataset->name, key);
  const auto& entries = pictures.dataset->catalogue.entries;
  for (std::size_t i = 0; i < std::min(items, entries.size()); ++i) {
    const CatalogueEntry& entry = entries[(random + i * 7919) % entries.size()];
    if (Contains(scene.ids, entry.id)) continue;
    INLIER_ASSIGN_OR_RETURN(Image image, ReadImage(entry.images.front()));
    scene.items.push_back(std::move(image));
    scene.ids.push_back(entry.id);
  }
  const CatalogueEntry& occluder = *pictures.occluders[(random >> 16) % pictures.occluders.size()];
  const CatalogueEntry& background =
      *pictures.backgrounds[(random >> 32) % pictures.backgrounds.size()];
  INLIER_ASSIGN_OR_RETURN(scene.occluder, ReadImage(occluder.images.front()));
  INLIER_ASSIGN_OR_RETURN(scene.background, ReadImage(background.images.front()));
  for (const std::string& id : {occluder.id, background.id}) {
    if (!Contains(scene.ids, id)) scene.without.push_back(id);
  }
  return scene;
}

std::uint64_t RenderSeed(const ScenePictures& pictures, const SceneKey& key) {
  return Mix(pictures.dataset->name + ":pose", key);
}

}  // namespace inlier

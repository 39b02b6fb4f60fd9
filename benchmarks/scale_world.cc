#include "benchmarks/scale_world.h"

#include <algorithm>
#include <iostream>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "bench/gallery.h"
#include "core/parallel.h"
#include "extractor/methods.h"
#include "index/store.h"
#include "inlier/engine.h"

namespace inlier {

namespace fs = std::filesystem;

void Note(const std::string& line) { std::cerr << kScaleProgram << ": " << line << std::endl; }

Features Strongest(const Features& all, std::size_t count) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(all.keypoints[a].response) > std::abs(all.keypoints[b].response);
  });
  order.resize(std::min(order.size(), count));
  std::sort(order.begin(), order.end());
  Features kept = all;
  kept.keypoints.clear();
  kept.descriptors.clear();
  for (const std::size_t i : order) {
    kept.keypoints.push_back(all.keypoints[i]);
    kept.descriptors.insert(kept.descriptors.end(), all.row(i).begin(), all.row(i).end());
  }
  return kept;
}

Result<World> ReadWorld(const ScaleOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery,
                          ReadGallery(DataSetsIn(options.data), {options.data / "distractors"}));
  EngineOptions engine_options;
  INLIER_RETURN_IF_ERROR(SetOption(engine_options, "extract.method", options.method));
  const fs::path folder = options.out / ("db-" + options.method);
  {
    Note(fmt::format("bringing {} up to date", folder.string()));
    INLIER_ASSIGN_OR_RETURN(const auto writer,
                            Engine::Open(folder, OpenMode::kCreate,
                                         {.options = engine_options, .threads = options.threads}));
    INLIER_RETURN_IF_ERROR(
        writer->IndexCatalogue(gallery.catalogue, {.threads = options.threads, .prune = true}));
  }
  INLIER_ASSIGN_OR_RETURN(const auto store, Store::Open(folder, OpenMode::kRead, "", ""));
  World world;
  std::unordered_map<std::string, FaceNumber> numbers;
  for (const CatalogueEntry& entry : gallery.catalogue.entries) {
    INLIER_ASSIGN_OR_RETURN(const auto number, store->NumberOf(entry.id));
    if (!number) continue;
    INLIER_ASSIGN_OR_RETURN(const auto features, store->FeaturesOf(*number));
    if (!features) continue;
    if (!entry.id.starts_with("distractors/")) world.distractors_from = world.items.size() + 1;
    numbers[entry.id] = static_cast<FaceNumber>(world.items.size());
    world.items.push_back(Strongest(*features, options.item_features));
  }
  engine_options.extract.max_features = static_cast<int>(options.photo_features);
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor(engine_options.extract));
  world.photos.resize(gallery.photos.size());
  std::vector<Status> read(gallery.photos.size());
  ParallelFor(gallery.photos.size(), options.threads, [&](std::size_t i) {
    const auto image = ReadImage(gallery.photos[i].image);
    if (!image) {
      read[i] = tl::unexpected(image.error());
      return;
    }
    world.photos[i] = {gallery.photos[i].dataset, numbers[gallery.photos[i].own()],
                       extractor->Extract(*image)};
  });
  for (const Status& status : read) INLIER_RETURN_IF_ERROR(status);
  if (options.pictures) {
    INLIER_ASSIGN_OR_RETURN(world.collages, ReadCollages(gallery.catalogue));
  }
  Note(fmt::format("{} items, {} photos", world.items.size(), world.photos.size()));
  return world;
}

}  // namespace inlier

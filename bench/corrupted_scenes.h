#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/gallery.h"
#include "core/image.h"
#include "core/result.h"

namespace inlier {

/// The pictures of a gallery that the photos of one dataset's items are rendered with.
struct ScenePictures {
  const Dataset* dataset = nullptr;
  std::vector<const CatalogueEntry*> occluders;
  std::vector<const CatalogueEntry*> backgrounds;
};

/// Chooses them: occluders are items outside of the dataset, or its own where there are no others;
/// backgrounds are those among them that are wider than high, as far as there are any. Errors:
/// kInvalidArgument when no dataset has the name.
Result<ScenePictures> PicturesFor(const Gallery& gallery, const std::string& name);

/// One of the scenes of a dataset. The items in it and their poses depend on these numbers and the
/// dataset alone, so they are the same for every corruption and severity.
struct SceneKey {
  std::size_t number = 0;
  std::uint64_t seed = 0;
};

struct SceneImages {
  std::vector<Image> items;
  std::vector<std::string> ids;  // of the items
  Image occluder;
  Image background;
  /// The occluder and the background. They are in the gallery too and would be found, so queries
  /// leave them out.
  std::vector<std::string> without;
};

/// Reads the images of a scene with up to `items` different items. Errors: as ReadImage.
Result<SceneImages> ReadScene(const ScenePictures& pictures, const SceneKey& key,
                              std::size_t items);

/// The seed to render a scene with.
std::uint64_t RenderSeed(const ScenePictures& pictures, const SceneKey& key);

}  // namespace inlier

#include "cli/catalogue.h"

#include "cli/console.h"

namespace inlier::cli {

std::optional<Catalogue> ReadCatalogueOrComplain(const std::filesystem::path& path) {
  auto catalogue = ReadCatalogue(path);
  if (!catalogue) {
    Complain(catalogue.error().message);
    return std::nullopt;
  }
  for (const auto& [where, reason] : catalogue->rejected) Complain(where + ": " + reason);
  return std::move(*catalogue);
}

void ComplainAbout(const CatalogueEntry& entry, const Error& error) {
  Complain(entry.id + " (" + entry.images.front().string() + "): " + error.message);
}

void ComplainThatNoPhotoCanFind(const std::string& item) {
  Complain(item + ": no features were found in its image, so no photo can find it");
}

}  // namespace inlier::cli

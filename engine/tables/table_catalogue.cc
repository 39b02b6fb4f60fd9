#include "engine/tables/table_catalogue.h"

#include <unordered_set>

#include <fmt/format.h>

#include "engine/tables/item_merger.h"
#include "engine/tables/picture_cells.h"
#include "engine/tables/picture_finder.h"
#include "engine/tables/row_items.h"

namespace inlier {
namespace {

// wget and aria2c take a URL a line, with its scheme and without spaces.
std::string ForDownload(const std::string& picture) {
  std::string url = picture.starts_with("//") ? "https:" : "";
  for (const char c : picture) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      url += fmt::format("%{:02X}", byte);
    } else {
      url += c;
    }
  }
  return url;
}

}  // namespace

Result<Catalogue> ReadTableCatalogue(const std::filesystem::path& path,
                                     const CatalogueOptions& options) {
  INLIER_ASSIGN_OR_RETURN(PictureFinder finder, PictureFinder::For(path, options.images));
  RowItems rows(options, [&finder](std::string_view picture) { return finder.Exists(picture); });
  ItemMerger merger(rows, finder);
  INLIER_RETURN_IF_ERROR(
      rows.Visit(path, [&merger](RowItem&& row) { merger.Add(std::move(row)); }));
  Catalogue catalogue = std::move(merger).Finish();
  if (catalogue.entries.empty() && catalogue.rejected.empty()) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: nothing in it", path.string()));
  }
  return catalogue;
}

Result<std::vector<std::string>> ListTableUrls(const std::filesystem::path& path,
                                               const CatalogueOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const PictureFinder finder, PictureFinder::For(path, {}));
  RowItems rows(options, [&finder](std::string_view picture) { return finder.Exists(picture); });
  std::unordered_set<std::string> known;
  std::vector<std::string> urls;
  INLIER_RETURN_IF_ERROR(rows.Visit(path, [&](RowItem&& row) {
    for (const std::string& picture : row.pictures) {
      if (!IsUrl(picture)) continue;
      std::string url = ForDownload(picture);
      if (known.insert(url).second) urls.push_back(std::move(url));
    }
  }));
  return urls;
}

}  // namespace inlier

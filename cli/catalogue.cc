#include "cli/catalogue.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/console.h"

namespace inlier::cli {

namespace {

// "id=sku,title=Name, long": a comma that no "name=" follows belongs to the column before it.
Status AddColumns(const std::string& given, CatalogueOptions& options) {
  auto& columns = options.columns;
  const std::size_t first = columns.size();
  for (std::size_t begin = 0; begin <= given.size();) {
    const std::size_t end = std::min(given.find(',', begin), given.size());
    const std::string part = given.substr(begin, end - begin);
    const auto equals = part.find('=');
    if (equals != std::string::npos) {
      columns.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    } else if (columns.size() > first) {
      columns.back().second += "," + part;
    } else {
      columns.emplace_back();
    }
    begin = end + 1;
  }
  for (std::size_t i = first; i < columns.size(); ++i) {
    if (!columns[i].first.empty() && !columns[i].second.empty()) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--columns takes OURS=THEIRS, as in id=sku, and not '{}'", given));
  }
  return {};
}

std::string WithLineBreaks(std::string text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 1)) {
    if (text.compare(at, 2, "\\n") == 0) text.replace(at, 2, "\n");
    if (text.compare(at, 2, "\\t") == 0) text.replace(at, 2, "\t");
  }
  return text;
}

}  // namespace

Result<CatalogueOptions> CatalogueOptionsFrom(const Arguments& arguments) {
  CatalogueOptions options{.images = arguments.Text("images"),
                           .picture_separator = WithLineBreaks(arguments.Text("separator"))};
  for (const std::string& given : arguments.All("columns")) {
    INLIER_RETURN_IF_ERROR(AddColumns(given, options));
  }
  if (!arguments.Has("delimiter")) return options;
  const std::string delimiter = WithLineBreaks(arguments.Text("delimiter"));
  if (delimiter == "tab") {
    options.delimiter = '\t';
  } else if (delimiter.size() == 1 && delimiter.find_first_of("\"\n\r ") == std::string::npos) {
    options.delimiter = delimiter.front();
  } else {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--delimiter takes one character or 'tab', and not '{}'", delimiter));
  }
  return options;
}

std::optional<Catalogue> ReadCatalogueOrComplain(const std::filesystem::path& path,
                                                 const CatalogueOptions& options) {
  auto catalogue = ReadCatalogue(path, options);
  if (!catalogue) {
    Complain(catalogue.error().message);
    return std::nullopt;
  }
  for (const auto& [where, text] : catalogue->warnings) Complain(where + ": warning: " + text);
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

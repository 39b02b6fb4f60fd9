#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/console.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the URLs among the pictures of a table, each once and one on a line, as 'wget -i' and 'aria2c -i'
take them. Inlier downloads nothing itself. 'inlier index TABLE --images DIR' then finds the file of
each URL in that folder and its subfolders by its name.

Where URLs in different folders end in the same name, keep their folders (wget -x): 'index' refuses one
file for two URLs.
)";

constexpr std::string_view kExamples = R"(
inlier urls products_export.csv | wget -q -P downloaded/ -i -
inlier urls feed.xml > list.txt && aria2c -q -d downloaded/ -i list.txt
inlier index products_export.csv --db shop.db --images downloaded/
)";

// URLs in different folders that end in the same name overwrite each other in one folder.
std::size_t SharedNames(const std::vector<std::string>& urls) {
  std::unordered_map<std::string_view, std::string_view> path_of_name;
  std::size_t shared = 0;
  for (const std::string_view url : urls) {
    const std::string_view path = url.substr(0, url.find_first_of("?#"));
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const auto [first, is_new] = path_of_name.try_emplace(name, path);
    if (!is_new && first->second != path) ++shared;
  }
  return shared;
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const auto options, CatalogueOptionsFrom(arguments));
  const auto urls = ListUrls(arguments.operands().front(), options);
  if (!urls) {
    Complain(urls.error().message);
    return ExitCode::kSomeFailed;
  }
  for (const std::string& url : *urls) Print(url + "\n");
  if (urls->empty()) Complain("no picture of this table is a URL");
  if (const std::size_t shared = SharedNames(*urls); shared > 0) {
    Complain(
        fmt::format("{} of these URLs end in the name of another one; keep their folders when "
                    "you download them (wget -x)",
                    shared));
  }
  return ExitCode::kDone;
}

}  // namespace

Command UrlsCommand() {
  auto flags = WithTableFlags({});
  std::erase_if(flags, [](const Flag& flag) { return flag.name == "images"; });
  return {.name = "urls",
          .group = "Catalogue",
          .summary = "List the URLs of a table's pictures, for a program that downloads",
          .operands = {"TABLE", 1},
          .description = kDescription,
          .flags = std::move(flags),
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli

#include <string>

#include <fmt/format.h>

#include "packaging/pages/pages.h"
#include "server/options.h"

namespace inlier::packaging {

std::string ServerConfiguration(const std::filesystem::path& database) {
  std::string text = fmt::format(
      "# What inlier.service is told. The lines that begin with # say what holds without them.\n"
      "# 'inlier serve --config FILE --check' says what all of it comes to; see "
      "inlier-serve(1).\n\n"
      "# the folder of the database, which is made when it is not there\n"
      "db = {}\n",
      database.string());
  const server::ServerOptions defaults;
  server::ServerOptions::Visit(defaults, [&text](const Field& field, const auto& value) {
    const std::string shown = fmt::format("{}", value);
    text +=
        fmt::format("\n# {}\n#{} ={}{}\n", field.help, field.name, shown.empty() ? "" : " ", shown);
  });
  return text;
}

}  // namespace inlier::packaging

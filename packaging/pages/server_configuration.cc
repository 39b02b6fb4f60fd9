#include <string>

#include <fmt/format.h>

#include "packaging/pages/pages.h"
#include "server/options.h"

namespace inlier::packaging {

std::string ServerConfiguration(const std::filesystem::path& database) {
  std::string text = fmt::format(
      "# What inlier.service is told. Options that begin with # have the value that they have "
      "anyway.\n"
      "# 'inlier serve --config THIS-FILE --check' says what all of it comes to. inlier-serve(1)\n"
      "# explains more.\n\n"
      "# the folder of the database; it is made when it is not there\n"
      "db = {}\n",
      database.string());
  const server::ServerOptions defaults;
  server::ServerOptions::Visit(defaults, [&text](const Field& field, const auto& value) {
    text += fmt::format("\n# {}\n#{} = {}\n", field.help, field.name, value);
  });
  return text;
}

}  // namespace inlier::packaging

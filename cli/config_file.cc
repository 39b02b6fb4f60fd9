#include "cli/config_file.h"

#include <fstream>

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

namespace inlier::cli {

namespace po = boost::program_options;

Result<std::vector<std::pair<std::string, std::string>>> ReadConfigFile(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kNotFound, path + ": the file cannot be read");
  std::vector<std::pair<std::string, std::string>> lines;
  try {
    // The caller knows which names there are, so the parser accepts any.
    const auto parsed = po::parse_config_file(in, po::options_description(), true);
    for (const auto& option : parsed.options)
      for (const std::string& value : option.value) lines.emplace_back(option.string_key, value);
  } catch (const po::error& e) {
    return Fail(ErrorCode::kInvalidArgument, path + ": " + e.what());
  }
  return lines;
}

}  // namespace inlier::cli

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "core/result.h"

namespace inlier {

/// The options that all benchmark programs have.
struct CommonOptions {
  std::filesystem::path data;  // the folder of the data sets
  std::filesystem::path out;   // the folder for results; it exists when the program runs
  bool json = false;           // print results as lines of JSON
};

/// Parses the command line with `flags`, to which it adds --help, --data, --out and --json, and
/// then calls `run`. Returns the exit code of the program: 0 for success, 1 when `run` fails, and 2
/// for a wrong command line. Messages begin with `name`.
int RunProgram(const std::string& name, int argc, char** argv,
               boost::program_options::options_description& flags, CommonOptions& common,
               const std::function<Status()>& run);

/// Lists the data sets below a folder that have photos, in a fixed order.
std::vector<std::filesystem::path> DataSetsIn(const std::filesystem::path& data);

/// Splits a list at its commas.
std::vector<std::string> SplitAtCommas(const std::string& list);

/// Prints an object as one line of JSON or, for people, with one member on each line.
void PrintResult(const nlohmann::ordered_json& result, bool json);

/// Writes a result to a file that tables.py reads. Errors: kIo.
Status WriteResult(const std::filesystem::path& path, const nlohmann::ordered_json& result);

}  // namespace inlier

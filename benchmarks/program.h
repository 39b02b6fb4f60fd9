#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "core/result.h"

namespace inlier {

/// What the benchmark programs have in common: the folders, how a result is printed, and how errors
/// end the program.
struct CommonOptions {
  std::filesystem::path data;  // the folder of the data sets
  std::filesystem::path out;   // the folder for results; it exists when the program runs
  bool json = false;           // print results as lines of JSON
};

/// Parses the command line by `flags`, to which --help, --data, --out and --json are added, and
/// calls `run`. Returns the exit code of the program: 0 when it is done, 1 when `run` failed, 2 for
/// a wrong command line. Messages begin with `name`.
int RunProgram(const std::string& name, int argc, char** argv,
               boost::program_options::options_description& flags, CommonOptions& common,
               const std::function<Status()>& run);

/// The data sets with photos that are below a folder, in a fixed order.
std::vector<std::filesystem::path> DataSetsIn(const std::filesystem::path& data);

/// The parts of a list that are separated by commas.
std::vector<std::string> SplitAtCommas(const std::string& list);

/// Prints an object as one line of JSON or, for people, with one member on each line.
void PrintResult(const nlohmann::ordered_json& result, bool json);

/// Writes a result to a file that tables.py reads. Errors: kIo.
Status WriteResult(const std::filesystem::path& path, const nlohmann::ordered_json& result);

}  // namespace inlier

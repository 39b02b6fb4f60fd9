#include "benchmarks/program.h"

#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include "core/file.h"

namespace inlier {

namespace fs = std::filesystem;
namespace po = boost::program_options;

int RunProgram(const std::string& name, int argc, char** argv, po::options_description& flags,
               CommonOptions& common, const std::function<Status()>& run) {
  std::string data, out;
  auto add = flags.add_options();
  add("help", "print this text");
  add("data", po::value(&data)->default_value("../shared/data"), "folder of the data sets");
  add("out", po::value(&out)->default_value("build/bench"), "folder for results");
  add("json", po::bool_switch(&common.json), "print results as lines of JSON");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    po::notify(values);
    if (values.count("help")) {
      std::cout << flags;
      return 0;
    }
    common.data = data;
    common.out = out;
    std::error_code ec;
    fs::create_directories(common.out, ec);
    const Status status = run();
    if (!status) std::cerr << name << ": " << status.error().message << '\n';
    return status ? 0 : 1;
  } catch (const po::error& e) {
    std::cerr << name << ": " << e.what() << '\n';
    return 2;
  } catch (const std::exception& e) {
    std::cerr << name << ": " << e.what() << '\n';
    return 1;
  }
}

std::vector<fs::path> DataSetsIn(const fs::path& data) {
  std::vector<fs::path> sets;
  for (const char* name :
       {"smvs-dvd", "smvs-book", "smvs-museum", "smvs-landmark", "grocery", "fashion"}) {
    if (fs::exists(data / name / "queries.csv")) sets.push_back(data / name);
  }
  return sets;
}

std::vector<std::string> SplitAtCommas(const std::string& list) {
  std::vector<std::string> parts{""};
  for (const char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

void PrintResult(const nlohmann::ordered_json& result, bool json) {
  if (json) {
    fmt::print("{}\n", result.dump());
  } else {
    for (const auto& [name, value] : result.items()) fmt::print("{:<20}{}\n", name, value.dump());
  }
  std::fflush(stdout);
}

Status WriteResult(const fs::path& path, const nlohmann::ordered_json& result) {
  return PublishFile(path, result.dump(2) + "\n");
}

}  // namespace inlier

// Reads the #include lines of every folder and fails on an arrow that the tables do not have.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Folder → what of the house it may include: a folder, or one header.
const std::map<std::string, Names> kMayInclude = {
    {"core", {"core"}},
    {"extractor", {"extractor", "core"}},
    {"index", {"index", "core"}},
    {"matcher", {"matcher", "core"}},
    {"deep", {"deep", "extractor/extractor.h", "core"}},
    {"engine", {"engine", "extractor", "index/collection.h", "matcher", "deep", "core"}},
    {"benchmarks",
     {"benchmarks", "engine", "deep/deep_model.h", "deep/network_input.h", "index/collection.h",
      "index/snapshot.h", "index/voting.h", "core", "extractor/binary_features.h",
      "extractor/corner_measures.h", "extractor/extractor.h", "extractor/random.h"}},
    {"cli", {"cli", "engine", "index/collection.h", "core", "benchmarks/bench.h"}},
};

// File, without its ending, or folder → libraries it may include. The longest name that fits
// counts.
const std::map<std::string, Names> kMayUse = {
    {"core", {}},
    {"core/blob", {"xxhash.h"}},
    {"core/image", {"opencv2/", "webp/"}},
    {"core/json", {"nlohmann/"}},
    {"extractor", {"opencv2/", "hwy/"}},
    {"index", {"hwy/"}},
    {"index/store", {"rocksdb/"}},
    {"index/store_open", {"rocksdb/"}},
    {"index/store_state", {"rocksdb/"}},
    {"index/segment", {"faiss/"}},
    {"index/vocabulary", {"faiss/", "cblas.h"}},
    {"index/embedding_index", {"faiss/"}},
    {"index/single_thread", {"omp.h"}},
    {"matcher", {"opencv2/", "hwy/"}},
    {"deep", {}},
    {"deep/onnx_model", {"onnxruntime_cxx_api.h"}},
    {"deep/model_config", {"dlfcn.h"}},
    {"deep/network_input", {"opencv2/"}},
    {"deep/views", {"opencv2/"}},
    {"deep/projection_fit", {"Eigen/"}},
    {"deep/calibrate", {"Eigen/"}},
    {"engine", {"opencv2/core", "nlohmann/"}},
    {"engine/threads", {"opencv2/core", "malloc.h"}},
    {"engine/table", {"csv.h"}},
    {"engine/draw", {"opencv2/"}},
    {"cli", {"nlohmann/"}},
    {"cli/arguments", {"boost/program_options"}},
    {"benchmarks", {"nlohmann/", "opencv2/"}},
    {"benchmarks/peak_memory", {"malloc.h"}},
    {"benchmarks/report", {"spawn.h"}},
    {"benchmarks/extract_bench", {"boost/program_options", "nlohmann/"}},
    {"benchmarks/deep_bench", {"boost/program_options", "nlohmann/"}},
    {"benchmarks/live_bench", {"boost/program_options", "nlohmann/"}},
    {"benchmarks/scale_bench", {"boost/program_options", "nlohmann/"}},
    {"benchmarks/oracle_dlib", {"dlib/"}},
};
const Names kEverybodyMayUse = {"fmt/"};

// Others compile these, so they show no library but the one that Result is.
const Names kPublicHeaders = {
    "core/features.h",    "core/image.h",      "core/options.h",  "core/result.h",
    "engine/catalogue.h", "engine/decision.h", "engine/draw.h",   "engine/engine.h",
    "engine/options.h",   "engine/plan.h",     "engine/report.h", "extractor/extractor.h",
    "index/collection.h", "matcher/matcher.h",
};
const Names kPublicHeadersMayUse = {"tl/expected.hpp"};

struct Include {
  std::string file;  // relative to the sources
  int line = 0;
  std::string target;
  bool is_ours = false;  // in quotes
};

bool StartsWithOne(const std::string& text, const Names& beginnings) {
  return std::ranges::any_of(beginnings, [&](const auto& b) { return text.starts_with(b); });
}

bool IsCxx(const fs::path& path) { return path.extension() == ".h" || path.extension() == ".cc"; }

// <vector>, <cstdint> and the system's <unistd.h>, <sys/file.h>.
bool IsStandard(const std::string& target) {
  static const std::set<std::string> kSystem = {"unistd.h", "fcntl.h", "signal.h", "dirent.h"};
  return target.find('.') == std::string::npos || target.starts_with("sys/") ||
         kSystem.contains(target);
}

std::vector<Include> ReadIncludes() {
  const fs::path root = INLIER_SOURCE_DIR;
  std::vector<Include> includes;
  for (const auto& [folder, unused] : kMayInclude) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!IsCxx(entry.path())) continue;
      std::ifstream in(entry.path());
      std::string text;
      for (int line = 1; std::getline(in, text); ++line) {
        const auto hash = text.find_first_not_of(" \t");
        if (hash == std::string::npos || text[hash] != '#') continue;
        const auto word = text.find("include", hash);
        const auto open = text.find_first_of("<\"", hash);
        if (word == std::string::npos || open == std::string::npos || word > open) continue;
        const auto close = text.find_first_of(">\"", open + 1);
        includes.push_back({fs::relative(entry.path(), root).generic_string(), line,
                            text.substr(open + 1, close - open - 1), text[open] == '"'});
      }
    }
  }
  return includes;
}

const std::vector<Include>& AllIncludes() {
  static const std::vector<Include> includes = ReadIncludes();
  return includes;
}

std::string Folder(const std::string& path) { return path.substr(0, path.find('/')); }

const Names& LibrariesOf(const std::string& file) {
  const auto stem = fs::path(file).replace_extension().generic_string();
  const auto own = kMayUse.find(stem);
  return own != kMayUse.end() ? own->second : kMayUse.at(Folder(file));
}

TEST(Layers, TheSourcesAreRead) { EXPECT_GT(AllIncludes().size(), 100u); }

TEST(Layers, EveryArrowIsInTheTable) {
  for (const Include& include : AllIncludes()) {
    if (!include.is_ours) continue;
    EXPECT_TRUE(fs::exists(fs::path(INLIER_SOURCE_DIR) / include.target))
        << include.file << ":" << include.line << ": \"" << include.target
        << "\" is not a path from the top folder";
    const bool allowed = std::ranges::any_of(
        kMayInclude.at(Folder(include.file)),
        [&](const auto& name) { return name == include.target || name == Folder(include.target); });
    EXPECT_TRUE(allowed) << include.file << ":" << include.line << " may not include "
                         << include.target;
  }
}

TEST(Layers, LibrariesStayWhereTheyAreCalled) {
  for (const Include& include : AllIncludes()) {
    if (include.is_ours || IsStandard(include.target)) continue;
    const bool is_public = std::ranges::find(kPublicHeaders, include.file) != kPublicHeaders.end();
    const bool allowed = StartsWithOne(include.target, kPublicHeadersMayUse) ||
                         (!is_public && (StartsWithOne(include.target, kEverybodyMayUse) ||
                                         StartsWithOne(include.target, LibrariesOf(include.file))));
    EXPECT_TRUE(allowed) << include.file << ":" << include.line << " may not include <"
                         << include.target << ">";
  }
}

TEST(Layers, PublicHeadersIncludePublicHeaders) {
  for (const Include& include : AllIncludes()) {
    if (!include.is_ours ||
        std::ranges::find(kPublicHeaders, include.file) == kPublicHeaders.end()) {
      continue;
    }
    EXPECT_TRUE(std::ranges::find(kPublicHeaders, include.target) != kPublicHeaders.end())
        << include.file << ":" << include.line << ": " << include.target << " is not installed";
  }
}

TEST(Layers, NoCirclesAmongFolders) {
  std::map<std::string, std::set<std::string>> arrows;
  for (const Include& include : AllIncludes()) {
    if (include.is_ours && Folder(include.file) != Folder(include.target)) {
      arrows[Folder(include.file)].insert(Folder(include.target));
    }
  }
  // Take away folders that point nowhere until none is left.
  while (!arrows.empty()) {
    const auto bottom = std::ranges::find_if(arrows, [&](const auto& arrow) {
      return std::ranges::none_of(arrow.second,
                                  [&](const auto& to) { return arrows.contains(to); });
    });
    ASSERT_NE(bottom, arrows.end()) << arrows.size() << " folders lead into a circle";
    arrows.erase(bottom);
  }
}

}  // namespace

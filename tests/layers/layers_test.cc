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

// Folder → what of the house it may include: a folder, or one header. "inlier" is the public face,
// include/inlier/. Its small value headers (an error, an image, an item, options) are the lowest
// layer, which every room shares; its upper headers (the engine, a catalogue, a plan) are the
// highest.
const std::map<std::string, Names> kMayInclude = {
    {"inlier", {"inlier"}},
    {"core", {"core", "inlier/error.h", "inlier/features.h", "inlier/image.h", "inlier/options.h"}},
    {"extractor", {"extractor", "core", "inlier/options.h"}},
    {"index",
     {"index", "core", "inlier/database.h", "inlier/item.h", "inlier/options.h",
      "inlier/progress.h"}},
    {"matcher", {"matcher", "core", "inlier/options.h"}},
    {"deep", {"deep", "extractor/extractor.h", "extractor/methods.h", "core", "inlier/options.h"}},
    {"engine",
     {"engine",
      "extractor",
      "index/ballot.h",
      "index/candidate.h",
      "index/codec.h",
      "index/collection.h",
      "index/condition.h",
      "index/embedding_rows.h",
      "index/face_bytes.h",
      "index/feature_counts.h",
      "index/index_size.h",
      "index/item.h",
      "index/photo_codes.h",
      "index/vocabulary.h",
      "index/vocabulary_file.h",
      "index/vote_index.h",
      "index/voting.h",
      "matcher",
      "deep",
      "core",
      "inlier"}},
    {"render", {"render", "core"}},
    {"bench",
     {"bench", "render", "engine", "core", "extractor/extractor.h", "extractor/methods.h",
      "inlier"}},
    {"wire", {"wire", "inlier"}},
    {"web", {"web"}},
    {"server", {"server", "web", "wire", "inlier"}},
    {"python", {"python", "wire/service.h", "wire/writer.h", "inlier"}},
    {"cli",
     {"cli", "wire", "engine", "core", "bench/bench.h", "bench/compare_runs.h", "server/options.h",
      "server/restore.h", "server/server.h", "inlier"}},
    {"packaging",
     {"packaging", "cli/command.h", "cli/help_parts.h", "server/options.h", "engine/all_methods.h",
      "extractor/methods.h", "inlier"}},
};

// File, without its ending, or folder → libraries it may include. The longest name that fits
// counts.
const std::map<std::string, Names> kMayUse = {
    {"core", {}},
    {"core/blob", {"xxhash.h"}},
    {"core/image", {"opencv2/"}},
    {"core/integer_map", {"hwy/"}},
    {"core/decode/colour", {"lcms2.h"}},
    {"core/decode/picture", {"opencv2/core"}},
    {"core/decode/source_profile", {"lcms2.h"}},
    {"core/decode/jpeg_session", {"jpeglib.h", "jerror.h"}},
    {"core/decode/jpeg_encoder", {"jpeglib.h"}},
    {"core/decode/bmp_decoder", {"stb/stb_image.h"}},
    {"core/decode/gif_decoder", {"gif_lib.h"}},
    {"core/decode/png_colour", {"zlib.h"}},
    {"core/decode/png_decoder", {"zlib.h"}},
    {"core/decode/png_library", {"png.h"}},
    {"core/decode/heif_decoder", {"libheif/"}},
    {"core/decode/heif_library", {"libheif/"}},
    {"core/decode/tiff_library", {"tiffio.h"}},
    {"core/decode/opened_library", {"dlfcn.h"}},
    {"core/decode/webp_decoder", {"webp/"}},
    {"core/peak_memory", {"malloc.h"}},
    {"core/json", {"nlohmann/"}},
    {"core/mat", {"opencv2/"}},
    {"extractor", {"opencv2/", "hwy/"}},
    {"index", {"hwy/"}},
    {"index/field_check", {"rocksdb/"}},
    {"index/field_index", {"rocksdb/"}},
    {"index/store", {"rocksdb/"}},
    {"index/store_copy", {"rocksdb/"}},
    {"index/store_edit", {"rocksdb/"}},
    {"index/store_files", {"rocksdb/"}},
    {"index/store_open", {"rocksdb/"}},
    {"index/store_state", {"rocksdb/"}},
    {"index/table_files", {"rocksdb/"}},
    {"index/projection_train", {"Eigen/"}},
    {"index/vocabulary_train", {"faiss/"}},
    {"index/single_thread", {"omp.h"}},
    {"matcher", {"opencv2/", "hwy/"}},
    {"deep", {}},
    {"deep/onnx_model", {"onnxruntime_cxx_api.h"}},
    {"deep/onnx_library", {"dlfcn.h"}},
    {"deep/own_folder", {"dlfcn.h", "link.h"}},
    {"deep/network_input", {"opencv2/"}},
    {"deep/views", {"opencv2/"}},
    {"deep/xfeat_network", {"opencv2/"}},
    {"deep/projection_fit", {"Eigen/"}},
    {"deep/calibrate", {"Eigen/"}},
    {"engine", {"opencv2/core", "nlohmann/"}},
    {"engine/threads", {"opencv2/core", "malloc.h"}},
    {"engine/tables/converted_text", {"iconv.h"}},
    {"engine/tables/delimited", {"csv.h"}},
    {"engine/tables/xml_feed", {"expat.h"}},
    {"engine/utf8", {"utf8proc.h"}},
    {"engine/report/draw", {"opencv2/"}},
    {"web", {}},
    {"wire", {"nlohmann/"}},
    {"server", {}},
    {"server/access_log", {"spdlog/"}},
    {"server/archive", {"archive.h", "archive_entry.h"}},
    {"server/http_client", {"boost/asio"}},
    {"server/http_exchange", {"boost/asio", "boost/beast"}},
    {"server/listener", {"boost/asio"}},
    {"server/metrics", {"prometheus/"}},
    {"server/options", {"arpa/inet.h"}},
    {"server/server", {"boost/asio"}},
    {"server/session", {"boost/asio"}},
    {"server/session_read", {"boost/asio"}},
    {"server/session_state", {"boost/asio", "boost/beast"}},
    {"server/session_write", {"boost/asio"}},
    {"server/shard_metrics", {"prometheus/"}},
    {"cli", {}},
    {"cli/config_file", {"boost/program_options"}},
    {"cli/arguments", {"boost/program_options"}},
    {"python", {"nanobind/"}},
    {"render", {"opencv2/"}},
    {"bench", {}},
    {"bench/compare_runs", {"nlohmann/"}},
    {"bench/figures_json", {"nlohmann/"}},
    {"bench/given_answers", {"nlohmann/"}},
    {"bench/json_file", {"nlohmann/"}},
    {"bench/kept_files", {"nlohmann/"}},
    {"bench/metrics", {"opencv2/imgproc"}},
    {"bench/opencv_extractors", {"opencv2/"}},
    {"bench/pictures", {"opencv2/imgproc"}},
    {"bench/results_json", {"nlohmann/"}},
    {"bench/tutorial_method", {"opencv2/"}},
    {"bench/report", {"spawn.h"}},
    {"packaging", {}},
    {"inlier", {}},
};
const Names kEverybodyMayUse = {"fmt/"};

// Other programs compile the public face, so it shows no library but the one that Result is.
const Names kPublicHeadersMayUse = {"tl/expected.hpp"};

// A name as an #include says it: include/inlier/engine.h is "inlier/engine.h".
std::string Named(const fs::path& path) {
  const auto name = fs::relative(path, INLIER_SOURCE_DIR).generic_string();
  return name.starts_with("include/") ? name.substr(8) : name;
}

fs::path FolderOf(const std::string& room) {
  return fs::path(INLIER_SOURCE_DIR) / (room == "inlier" ? "include/inlier" : room);
}

struct Include {
  std::string file;  // as Named
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
  std::vector<Include> includes;
  for (const auto& [folder, unused] : kMayInclude) {
    if (!fs::exists(FolderOf(folder))) continue;
    for (const auto& entry : fs::recursive_directory_iterator(FolderOf(folder))) {
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
        includes.push_back({Named(entry.path()), line, text.substr(open + 1, close - open - 1),
                            text[open] == '"'});
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
    EXPECT_TRUE(fs::exists(fs::path(INLIER_SOURCE_DIR) / include.target) ||
                fs::exists(fs::path(INLIER_SOURCE_DIR) / "include" / include.target))
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
    const bool is_public = Folder(include.file) == "inlier";
    const bool allowed = StartsWithOne(include.target, kPublicHeadersMayUse) ||
                         (!is_public && (StartsWithOne(include.target, kEverybodyMayUse) ||
                                         StartsWithOne(include.target, LibrariesOf(include.file))));
    EXPECT_TRUE(allowed) << include.file << ":" << include.line << " may not include <"
                         << include.target << ">";
  }
}

using Arrows = std::map<std::string, std::set<std::string>>;

// What is left when names that lead nowhere, and names that nothing leads to, have been taken away
// again and again: the circles, and what lies between two of them.
std::string NamesInACircle(Arrows arrows) {
  for (bool changed = true; changed;) {
    std::set<std::string> pointed_to;
    for (const auto& [name, targets] : arrows) pointed_to.insert(targets.begin(), targets.end());
    changed = std::erase_if(arrows, [&](const auto& arrow) {
                return !pointed_to.contains(arrow.first) ||
                       std::ranges::none_of(arrow.second,
                                            [&](const auto& to) { return arrows.contains(to); });
              }) > 0;
  }
  std::string names;
  for (const auto& [name, unused] : arrows) names += name + " ";
  return names;
}

TEST(Layers, NoCirclesAmongFolders) {
  Arrows arrows;
  for (const Include& include : AllIncludes()) {
    if (!include.is_ours || Folder(include.file) == Folder(include.target)) continue;
    // The value headers of the public face lie below all rooms, its other headers above them.
    if (Folder(include.target) == "inlier") continue;
    arrows[Folder(include.file)].insert(Folder(include.target));
  }
  EXPECT_EQ(NamesInACircle(arrows), "");
}

// A header and its .cc are one: neither may need, by any way, what needs them.
TEST(Layers, NoCirclesAmongFiles) {
  const auto stem = [](const std::string& name) {
    return fs::path(name).replace_extension().generic_string();
  };
  Arrows arrows;
  for (const Include& include : AllIncludes()) {
    if (!include.is_ours || stem(include.file) == stem(include.target)) continue;
    arrows[stem(include.file)].insert(stem(include.target));
  }
  EXPECT_EQ(NamesInACircle(arrows), "");
}

}  // namespace

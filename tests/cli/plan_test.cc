// These tests run 'inlier plan', and check what 'inlier stats' and --index-memory do with the
// index.
#include <algorithm>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

std::vector<std::string> Names(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

class CliPlan : public Shop {};

TEST_F(CliPlan, JsonHasItsFieldsInOrder) {
  const Outcome run = Inlier({"plan", "--items", "1000", "--threads", "2", "--format", "jsonl"});
  ASSERT_EQ(run.exit, 0) << run.err;
  ASSERT_EQ(run.lines().size(), 1u);
  const Json plan = Json::parse(run.out);
  EXPECT_THAT(Names(plan),
              testing::ElementsAre("items", "features_per_item", "extract_ms_per_item", "sampled",
                                   "cells", "code_bits", "memory_bytes", "build_memory_bytes",
                                   "disk_bytes", "build_disk_bytes", "open_files", "build_s"));
  EXPECT_EQ(plan["items"], 1000);
  EXPECT_EQ(plan["sampled"], false);
  EXPECT_EQ(plan["code_bits"], 64);
  EXPECT_GT(plan["memory_bytes"], 1000 * 12 * 590.0);
}

TEST_F(CliPlan, ACatalogueIsSampled) {
  const Json own = Json::parse(Inlier({"plan", "items", "--format", "jsonl"}).out);
  EXPECT_EQ(own["items"], 3);
  EXPECT_EQ(own["sampled"], true);
  const Json more =
      Json::parse(Inlier({"plan", "items", "--items", "3000", "--format", "jsonl"}).out);
  EXPECT_EQ(more["items"], 3000);
  EXPECT_EQ(more["features_per_item"], own["features_per_item"]);
}

TEST_F(CliPlan, TextIsForPeople) {
  const Outcome run = Inlier({"plan", "--items", "1000000", "--features", "orb", "--threads", "1"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.lines().size(), 8u);
  EXPECT_THAT(run.out, testing::StartsWith("1000000 items with "));
  EXPECT_THAT(run.lines()[0],
              testing::AllOf(HasSubstr("orb features"), HasSubstr("the usual number")));
  EXPECT_THAT(run.lines()[1], testing::ContainsRegex("in memory to answer +[0-9]+\\.[0-9] GB$"));
  EXPECT_THAT(run.lines()[5], testing::ContainsRegex("held open +about [0-9]+$"));
  EXPECT_THAT(run.lines()[6], testing::ContainsRegex("on 1 thread +about [0-9.]+ h$"));
  EXPECT_THAT(run.lines()[7], testing::ContainsRegex("65536, 128$"));
}

TEST_F(CliPlan, AClusterIsPlannedWhenItsNodesOrTheirMemoryAreGiven) {
  const Outcome text = Inlier({"plan", "--items", "20000000", "--node-memory-gb", "64"});
  ASSERT_EQ(text.exit, 0) << text.err;
  ASSERT_EQ(text.lines().size(), 15u);
  EXPECT_THAT(text.lines()[8],
              testing::ContainsRegex("^on [0-9]+ nodes, [0-9]+ shards with 2 repl"));
  EXPECT_THAT(text.lines()[9], testing::ContainsRegex("memory of a node +[0-9.]+ GB$"));
  EXPECT_THAT(text.lines()[12], testing::ContainsRegex("nodes of 64 GB of memory +[0-9]+$"));
  EXPECT_THAT(text.lines()[14], testing::ContainsRegex("each candidate +[0-9]+ kB$"));
  const Json plan = Json::parse(Inlier({"plan", "--items", "20000000", "--nodes", "12",
                                        "--replicas", "3", "--format", "jsonl"})
                                    .out);
  EXPECT_THAT(Names(plan["cluster"]),
              testing::ElementsAre("nodes", "replicas", "shards", "nodes_needed", "shards_per_node",
                                   "cells", "shard_memory_bytes", "node_memory_bytes",
                                   "node_disk_bytes", "candidate_bytes", "query_network_bytes"));
  EXPECT_EQ(plan["cluster"]["nodes"], 12);
  EXPECT_EQ(plan["cluster"]["shards_per_node"], 16);
  EXPECT_TRUE(plan["cluster"]["nodes_needed"].is_null());
}

TEST_F(CliPlan, BadArgumentsExit2) {
  for (const auto& [arguments, words] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"plan"}, "--items"},
           {{"plan", "--items", "0"}, "--items is '0'"},
           {{"plan", "--items", "2000000001"}, "--items"},
           {{"plan", "--items", "10", "--set", "extract.max_features=0"}, "max_features"},
           {{"plan", "--items", "10", "--replicas", "2"}, "--nodes"},
           {{"plan", "--items", "10", "--nodes", "0"}, "--nodes is '0'"},
           {{"plan", "--items", "10", "--nodes", "1"}, "fewer nodes"},
           {{"plan", "--items", "10", "--format", "csv"}, "not one of text, jsonl"}}) {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 2) << words;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr(words));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
  EXPECT_EQ(Inlier({"plan", "nowhere"}).exit, 1);
}

TEST_F(CliPlan, AMethodThatItCannotPlanIsRefusedWithTheReason) {
  const Outcome run = Inlier({"plan", "--items", "10", "--features", "deep"});
  // A build without ONNX Runtime or models lacks the method altogether, and reports that first.
  const bool has_deep = run.exit == 2;
  EXPECT_NE(run.exit, 0);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr(has_deep ? "needs a catalogue" : "scripts/setup-deep"));
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
}

TEST_F(CliPlan, IndexMemoryMapsWhatDoesNotFit) {
  Index();
  const auto stats = [this](const std::string& mb) {
    return Json::parse(
        Inlier({"stats", "--db", "shop.db", "--format", "jsonl", "--index-memory", mb}).out);
  };
  const Json mapped = stats("0"), whole = stats("1000");
  EXPECT_THAT(Names(whole), testing::ElementsAre(
                                "items", "features", "method", "cells", "code_bits", "postings",
                                "removed_postings", "segments", "embeddings", "index_bytes",
                                "mapped_bytes", "disk_bytes", "generation", "last_change",
                                "covered_change", "items_without_features", "pictures", "faces"));
  EXPECT_EQ(whole["mapped_bytes"], 0);
  EXPECT_GE(mapped["mapped_bytes"], 12 * mapped["postings"].get<std::uint64_t>());
  EXPECT_EQ(
      mapped["index_bytes"].get<std::uint64_t>() + mapped["mapped_bytes"].get<std::uint64_t>(),
      whole["index_bytes"]);
  EXPECT_EQ(whole["segments"], 1);
  EXPECT_EQ(whole["removed_postings"], 0);
  EXPECT_EQ(whole["features"], 3 * 1'500);
  EXPECT_EQ(whole["postings"], 3 * 600);  // the strongest of each item
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "shop.db", "--index-memory", "0"}).out,
              HasSubstr("shows mug"));
  ASSERT_EQ(Inlier({"remove", "tea", "--db", "shop.db"}).exit, 0);
  const Json less = stats("1000");
  EXPECT_EQ(less["postings"].get<std::uint64_t>() - less["removed_postings"].get<std::uint64_t>(),
            2 * 600);
  for (const char* mb : {"-1", "half", "1000000001"}) {
    const Outcome run = Inlier({"query", "mug_photo.jpg", "--db", "shop.db", "--index-memory", mb});
    EXPECT_EQ(run.exit, 2) << mb;
    EXPECT_THAT(run.err, HasSubstr("--index-memory"));
  }
}

}  // namespace
}  // namespace inlier::test

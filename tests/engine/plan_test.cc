// Compares plans with the databases that they are plans of.
#include "inlier/plan.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// The difference from `found`, in per cent of it.
double OffBy(std::uint64_t planned, std::uint64_t found) {
  return 100 * std::abs(static_cast<double>(planned) - static_cast<double>(found)) /
         static_cast<double>(found);
}

class PlanTest : public testing::TestWithParam<std::pair<const char*, unsigned>> {  // method, items
 public:
  static constexpr unsigned kMaxItems = 200;

 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    catalogue_ = {};
    for (unsigned i = 0; i < kMaxItems; ++i) {
      const auto path = *folder_ / ("items/" + std::to_string(i) + ".png");
      test::WriteImage(path, test::DrawTexture(i, 240, 180));
      catalogue_.entries.push_back({std::to_string(i), {path}, {}});
    }
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::unique_ptr<test::TempFolder> folder_;
  static Catalogue catalogue_;
};

std::unique_ptr<test::TempFolder> PlanTest::folder_;
Catalogue PlanTest::catalogue_;

TEST_P(PlanTest, SaysWhatTheDatabaseThenTakes) {
  const auto [method, items] = GetParam();
  Catalogue catalogue = catalogue_;
  catalogue.entries.resize(items);
  EngineOptions options;
  options.extract.method = method;
  options.extract.min_side_px = 240;
  const auto database = *folder_ / (std::string(method) + ".db");
  const auto plan = MakePlan(items, options.extract, 1, catalogue);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->sampled);
  EXPECT_GT(plan->extract_ms_per_item, 0);
  {
    const auto engine = Engine::Open(database, OpenMode::kCreate, {.options = options});
    ASSERT_TRUE(engine) << engine.error().message;
    ASSERT_TRUE((*engine)->IndexCatalogue(catalogue, {.threads = 2}));
  }
  const auto reader = Engine::Open(database, OpenMode::kRead);
  ASSERT_TRUE(reader);
  const CollectionStats stats = *(*reader)->Stats();
  ASSERT_EQ(stats.items, items);
  EXPECT_EQ(plan->code_bits, stats.code_bits);
  EXPECT_LT(OffBy(plan->memory_bytes, stats.index_bytes), 5);
  EXPECT_LT(OffBy(plan->disk_bytes, stats.disk_bytes), 10);
  EXPECT_GT(plan->build_memory_bytes, plan->memory_bytes);
  EXPECT_GT(plan->build_disk_bytes, plan->disk_bytes);
}

TEST_P(PlanTest, SaysWhatTheShardsOfANodeThenTake) {
  const auto [method, items] = GetParam();
  constexpr unsigned kShards = 4, kNodes = 2;
  Catalogue catalogue = catalogue_;
  catalogue.entries.resize(items);
  EngineOptions options;
  options.extract.method = method;
  options.extract.min_side_px = 240;
  const auto plan =
      MakePlan(items, options.extract, 1, catalogue,
               ClusterShape{.nodes = kNodes, .replicas = 1, .shards = static_cast<int>(kShards)});
  ASSERT_TRUE(plan && plan->cluster) << plan.error().message;
  EXPECT_EQ(plan->cluster->shards_per_node, 2);
  const auto name = *folder_ / (std::string(method) + ".cluster");
  const auto make = [&](const std::string& database, const Catalogue& of,
                        const std::filesystem::path& vocabulary) {
    auto engine = Engine::Open(name / database, OpenMode::kCreate,
                               {.options = options, .vocabulary = vocabulary});
    EXPECT_TRUE(engine) << engine.error().message;
    EXPECT_TRUE((*engine)->IndexCatalogue(of, {.threads = 2}));
    return *std::move(engine);
  };
  std::filesystem::create_directories(name);
  ASSERT_TRUE(make("sample", catalogue, {})->WriteVocabulary(name / "vocabulary"));
  std::uint64_t memory = 0, disk = 0;
  for (unsigned shard = 0; shard < kShards; ++shard) {
    Catalogue part;
    for (unsigned i = shard; i < items; i += kShards) part.entries.push_back(catalogue.entries[i]);
    const std::string database = std::to_string(shard);
    make(database, part, name / "vocabulary");
    const auto reader = Engine::Open(name / database, OpenMode::kRead);
    ASSERT_TRUE(reader);
    const CollectionStats stats = *(*reader)->Stats();
    EXPECT_EQ(stats.cells, plan->cluster->cells);
    memory += stats.index_bytes;
    disk += stats.disk_bytes;
  }
  EXPECT_LT(OffBy(kNodes * plan->cluster->memory_bytes, memory), 5);
  EXPECT_LT(OffBy(kNodes * plan->cluster->disk_bytes, disk), 15);
}

INSTANTIATE_TEST_SUITE_P(Methods, PlanTest,
                         testing::Values(std::pair{"sift", PlanTest::kMaxItems},
                                         std::pair{"orb", 60u}));

TEST(Plan, GrowsWithTheItems) {
  const auto small = MakePlan(1'000, {}, 1), large = MakePlan(1'000'000, {}, 1),
             quick = MakePlan(1'000'000, {}, 8);
  ASSERT_TRUE(small && large && quick);
  EXPECT_FALSE(small->sampled);
  EXPECT_LT(small->cells, large->cells);
  EXPECT_EQ(large->cells, 65'536u);
  EXPECT_GT(large->memory_bytes, 500 * small->memory_bytes);
  EXPECT_GT(large->open_files, 100 * small->open_files);
  EXPECT_GT(large->disk_bytes, 900 * small->disk_bytes);
  EXPECT_LT(quick->build_s, large->build_s / 2);
  EXPECT_EQ(quick->memory_bytes, large->memory_bytes);
  ExtractorOptions few;
  few.max_features = 200;
  EXPECT_EQ(MakePlan(1'000, few, 1)->features_per_item, 200);
}

TEST(Plan, BitsTakeMoreIndex) {
  ExtractorOptions bits;
  bits.method = "orb";
  const auto orb = MakePlan(10'000, bits, 1), sift = MakePlan(10'000, {}, 1);
  ASSERT_TRUE(orb && sift);
  EXPECT_EQ(orb->code_bits, 128u);
  EXPECT_EQ(sift->code_bits, 64u);
  EXPECT_GT(orb->memory_bytes, sift->memory_bytes);
}

TEST(Plan, SaysHowManyNodesTheMemoryOfANodeAsksFor) {
  constexpr std::uint64_t kMemory_bytes = 32'000'000'000;
  for (const std::uint64_t items : {1'000'000u, 20'000'000u, 100'000'000u}) {
    for (const int replicas : {1, 2, 3}) {
      const ClusterShape shape{.replicas = replicas, .node_memory_bytes = kMemory_bytes};
      const auto plan = MakePlan(items, {}, 1, std::nullopt, shape);
      ASSERT_TRUE(plan && plan->cluster) << plan.error().message;
      const ClusterPlan& cluster = *plan->cluster;
      // The first number of nodes at which the node with most shards has room for them.
      int nodes = replicas;
      const auto at_a_node = [&] { return (cluster.shards * replicas + nodes - 1) / nodes; };
      while (static_cast<double>(at_a_node()) * static_cast<double>(cluster.shard_memory_bytes) >
             0.8 * static_cast<double>(kMemory_bytes))
        ++nodes;
      EXPECT_EQ(cluster.nodes_needed, nodes);
      EXPECT_EQ(cluster.nodes, nodes);
      EXPECT_EQ(cluster.shards_per_node, at_a_node());
      EXPECT_EQ(cluster.memory_bytes,
                static_cast<std::uint64_t>(cluster.shards_per_node) * cluster.shard_memory_bytes);
    }
  }
  const auto both = MakePlan(20'000'000, {}, 1, std::nullopt,
                             ClusterShape{.nodes = 12, .node_memory_bytes = kMemory_bytes});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->cluster->nodes, 12);
  EXPECT_GT(both->cluster->nodes_needed, 0);
  // 58 kB a candidate: docs/adr/0023-shards.md.
  EXPECT_NEAR(static_cast<double>(both->cluster->candidate_bytes), 58e3, 4e3);
}

TEST(Plan, RefusesClustersThatCannotBe) {
  for (const auto& [shape, reason] : std::vector<std::pair<ClusterShape, std::string>>{
           {{}, "give the nodes"},
           {{.nodes = 1, .replicas = 2}, "fewer nodes"},
           {{.nodes = 4, .replicas = 0}, "at least one replica"},
           {{.nodes = 4, .shards = 257}, "256 shards"},
           {{.nodes = -1}, "100,000 nodes"},
           {{.shards = 1, .node_memory_bytes = 1'000'000'000}, "more than a node has"}}) {
    const auto plan = MakePlan(100'000'000, {}, 1, std::nullopt, shape);
    ASSERT_FALSE(plan) << reason;
    EXPECT_EQ(plan.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(plan.error().message, testing::HasSubstr(reason));
  }
}

TEST(Plan, RefusesWhatItCannotPlan) {
  const auto code = [](const Result<Plan>& plan) {
    EXPECT_FALSE(plan);
    return plan ? ErrorCode::kIo : plan.error().code;
  };
  EXPECT_EQ(code(MakePlan(0, {}, 1)), ErrorCode::kInvalidArgument);
  // The same answer whether or not the build has ONNX Runtime.
  ExtractorOptions unmeasured, unknown;
  unmeasured.method = "deep";
  const auto plan_of_unmeasured = MakePlan(5, unmeasured, 1);
  EXPECT_EQ(code(plan_of_unmeasured), ErrorCode::kInvalidArgument);
  EXPECT_THAT(plan_of_unmeasured.error().message, testing::HasSubstr("needs a catalogue"));
  unknown.method = "hog";
  const auto plan_of_unknown = MakePlan(5, unknown, 1);
  EXPECT_EQ(code(plan_of_unknown), ErrorCode::kInvalidArgument);
  EXPECT_THAT(plan_of_unknown.error().message, testing::HasSubstr("this build has sift"));
  const test::TempFolder folder;
  test::WriteBytes(folder / "bad.jpg", "no picture");
  Catalogue catalogue;
  EXPECT_EQ(code(MakePlan(5, {}, 1, catalogue)), ErrorCode::kBadImage);
  catalogue.entries = {{"bad", {folder / "bad.jpg"}, {}}};
  EXPECT_EQ(code(MakePlan(5, {}, 1, catalogue)), ErrorCode::kBadImage);
  test::WriteImage(folder / "good.png", test::DrawTexture(1, 200, 200));
  catalogue.entries.push_back({"good", {folder / "good.png"}, {}});
  EXPECT_TRUE(MakePlan(5, {}, 1, catalogue));  // pictures that cannot be read are passed over
}

}  // namespace
}  // namespace inlier

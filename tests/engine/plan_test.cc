// Compares plans with the databases that they are plans of.
#include "inlier/plan.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>

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
  static constexpr unsigned kMostItems = 200;

 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    catalogue_ = {};
    for (unsigned i = 0; i < kMostItems; ++i) {
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

INSTANTIATE_TEST_SUITE_P(Methods, PlanTest,
                         testing::Values(std::pair{"sift", PlanTest::kMostItems},
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

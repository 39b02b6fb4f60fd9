// These tests run the whole bench on a small drawn catalogue.
#include "bench/bench.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench/compare_runs.h"
#include "bench/methods.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

class Bench : public testing::Test {
 protected:
  static constexpr int kItems = 6;

  Bench() {
    std::string catalogue = "id,image\n", queries = "image,id,tag\n";
    for (int i = 0; i < kItems; ++i) {
      const std::string id = std::to_string(i);
      const Image item = DrawTexture(static_cast<unsigned>(i + 1), 300, 220);
      WriteImage(set() / ("item" + id + ".png"), item);
      WriteImage(set() / ("photo" + id + ".jpg"),
                 Warp(item, Similarity(300, 220, 0.8, 0.3, {240, 180}), 480, 360,
                      90u + static_cast<unsigned>(i)));
      catalogue += id + ",item" + id + ".png\n";
      queries += "photo" + id + ".jpg," + id + ",\n";
    }
    WriteImage(set() / "nothing.jpg", DrawTexture(77, 480, 360));
    WriteBytes(set() / "catalogue.csv", catalogue);
    WriteBytes(set() / "queries.csv", queries + "nothing.jpg,,\n");
    WriteBytes(folder_ / "more" / "catalogue.csv", "id,image\nx,x.png\ny,y.png\n");
    WriteImage(folder_ / "more" / "x.png", DrawTexture(50, 400, 300));
    WriteImage(folder_ / "more" / "y.png", DrawTexture(51, 400, 300));
  }

  std::filesystem::path set() const { return folder_ / "shop"; }
  BenchOptions Options() {
    BenchOptions options{.datasets = {set()},
                         .distractors = {folder_ / "more"},
                         .methods = {"sift", "opencv-tutorial"},
                         .out = folder_ / "out"};
    options.reference_photos = 2;
    options.threads = 2;
    options.report = false;
    options.notice = [this](const std::string& line) { notices_ += line + "\n"; };
    return options;
  }
  Json Results() const {
    std::ifstream in(folder_ / "out" / "results.json");
    return Json::parse(in);
  }

  TempFolder folder_;
  std::string notices_;
};

TEST_F(Bench, WritesWhatItsSchemaSays) {
  const auto table = RunBench(Options());
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_THAT(*table, HasSubstr("sift"));
  const Json results = Results();
  EXPECT_EQ(results["schema"], "inlier-bench 1");
  const Json& shop = results["methods"]["sift"]["shop"];
  EXPECT_EQ(shop["photos"], kItems);  // the photo that shows no item is not counted
  EXPECT_EQ(shop["first_hit"], 1.0);
  EXPECT_EQ(shop["recall_at_10"], 1.0);
  EXPECT_EQ(shop["map"], 1.0);
  EXPECT_GT(shop["query_ms"], 0.0);
  EXPECT_EQ(shop["nothing_photos"], kItems + 1);
  EXPECT_EQ(shop["own_gallery"]["first_hit"], 1.0);
  EXPECT_EQ(shop["gallery"], "joint");
  EXPECT_EQ(results["methods"]["opencv-tutorial"]["shop"]["gallery"], "own");
  EXPECT_EQ(results["methods"]["opencv-tutorial"]["shop"]["photos"], 2);
  EXPECT_EQ(results["gallery"]["items"], kItems + 2);
  EXPECT_GT(results["costs"]["sift"]["build"]["cpu_ms_per_item"], 0.0);
  EXPECT_GT(results["costs"]["sift"]["index"]["disk_bytes_per_item"], 0);
  EXPECT_EQ(results["run"]["data_hash"].get<std::string>().size(), 16u);
}

TEST_F(Bench, ContinuesWhereItWas) {
  ASSERT_TRUE(RunBench(Options()));
  const Json before = Results();
  std::filesystem::remove(folder_ / "out" / "answers-opencv-tutorial.json");
  notices_.clear();
  ASSERT_TRUE(RunBench(Options()));
  EXPECT_THAT(notices_, HasSubstr("sift: answered before"));
  EXPECT_THAT(notices_, testing::Not(HasSubstr("opencv-tutorial: answered before")));
  // The times are the same too, because sift was not run again.
  EXPECT_EQ(Results()["methods"]["sift"], before["methods"]["sift"]);
  EXPECT_EQ(Results()["costs"]["sift"]["build"], before["costs"]["sift"]["build"]);
  const auto same = CompareRuns(folder_ / "out", folder_ / "out" / "results.json");
  ASSERT_TRUE(same);
  EXPECT_THAT(*same, HasSubstr("All figures are the same."));
}

TEST_F(Bench, OtherOptionsOrDataAreAskedAgain) {
  ASSERT_TRUE(RunBench(Options()));
  BenchOptions other = Options();
  other.set = {{"decide.rematched", "3"}};
  notices_.clear();
  ASSERT_TRUE(RunBench(other));
  EXPECT_THAT(notices_, testing::Not(HasSubstr("sift: answered before")));
  WriteImage(set() / "photo0.jpg", DrawTexture(60, 480, 360));  // it no longer shows item 0
  ASSERT_TRUE(RunBench(other));
  EXPECT_NEAR(Results()["methods"]["sift"]["shop"]["first_hit"].get<double>(), 5.0 / 6, 1e-9);
}

TEST_F(Bench, CorruptionsAreAskedAtEverySeverity) {
  BenchOptions options = Options();
  options.methods = {"sift"};
  options.corrupted_datasets = {"shop"};
  options.corruptions = {"rotation", "items"};
  options.corruption_scenes = 1;
  const auto table = RunBench(options);
  ASSERT_TRUE(table) << table.error().message;
  const Json stress = Results()["stress"]["shop"];
  ASSERT_EQ(stress.size(), 2u);
  const Json& rotation = stress["rotation"];
  EXPECT_EQ(rotation["scenes_a_level"], 3);
  EXPECT_EQ(rotation["methods"]["sift"]["first_hit"].size(), rotation["levels"].size());
  EXPECT_EQ(rotation["methods"]["sift"]["found"][0], 1.0);
  EXPECT_GT(rotation["methods"]["sift"]["iou"][0], 0.9);
  for (const Json& picture : rotation["pictures"])
    EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / picture.get<std::string>()));
}

TEST_F(Bench, AHybridIsComparedWithItsPartsAndAskedAboutCorruptedPhotos) {
  BenchOptions options = Options();
  options.methods = {"sift", "hybrid"};
  options.set = {{"extract.deep_projection", ""}};  // two items are too few to learn one from
  if (!CheckMethod(options, "hybrid")) GTEST_SKIP() << "needs the network of scripts/setup-deep";
  options.corrupted_datasets = {"shop"};
  options.corruptions = {"light"};
  options.corruption_scenes = 1;
  const auto table = RunBench(options);
  ASSERT_TRUE(table) << table.error().message;
  const Json methods = Results()["stress"]["shop"]["light"]["methods"];
  EXPECT_TRUE(methods.contains("hybrid"));
  EXPECT_EQ(Results()["hybrid"]["joint"]["better_part"], "sift");
}

TEST_F(Bench, MistakesAreReported) {
  const auto error_of = [](const BenchOptions& options) {
    const auto run = RunBench(options);
    return run ? std::string("went well") : run.error().message;
  };
  BenchOptions options = Options();
  options.methods = {"sift", "shift"};
  EXPECT_THAT(error_of(options), HasSubstr("there is no method 'shift'"));
  options = Options();
  options.datasets = {folder_ / "more"};
  options.distractors.clear();
  EXPECT_THAT(error_of(options), HasSubstr("no dataset has photos"));
  options = Options();
  options.corrupted_datasets = {"shopp"};
  EXPECT_THAT(error_of(options), HasSubstr("'shopp'"));
  options = Options();
  options.corruptions = {"weather"};
  EXPECT_THAT(error_of(options), HasSubstr("'weather'"));
  options = Options();
  WriteBytes(folder_ / "visible.csv", "shop/photo0.jpg,shop/1,visible\nonly one field\n");
  options.visible = folder_ / "visible.csv";
  EXPECT_THAT(error_of(options), HasSubstr("line 2"));
  EXPECT_EQ(CompareRuns(folder_ / "none", folder_ / "none").error().code, ErrorCode::kNotFound);
  WriteBytes(folder_ / "results.json", "{}");
  EXPECT_EQ(CompareRuns(folder_ / "results.json", folder_ / "results.json").error().code,
            ErrorCode::kCorrupt);
}

TEST_F(Bench, AnswersOfAnotherProgramAreAMethod) {
  BenchOptions options = Options();
  options.gallery = folder_ / "gallery.jsonl";
  const auto written = RunBench(options);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out" / "results.json"));
  std::ifstream in(options.gallery);
  std::string line, answers;
  std::getline(in, line);
  const Json head = Json::parse(line);
  EXPECT_EQ(head["items"], kItems + 2);
  EXPECT_EQ(head["photos"], kItems + 1);
  int items = 0;
  while (std::getline(in, line)) {
    const Json row = Json::parse(line);
    items += row.contains("item");
    if (!row.contains("photo")) continue;
    // Right for all but the last two: a wrong one, and the photo that shows nothing.
    const int number = row["photo"];
    const std::string right = "shop/" + std::to_string(number);
    Json hits = Json::array();
    if (number == kItems - 1) hits = {{{"id", "more/x"}}, {{"id", right}}};
    if (number < kItems - 1) hits = {{{"id", right}, {"accepted", true}, {"probability", 0.9}}};
    answers += Json{{"photo", number}, {"hits", hits}, {"ms", 5}}.dump() + "\n";
  }
  EXPECT_EQ(items, kItems + 2);

  options.gallery.clear();
  options.methods = {"mine"};
  options.answers = {{"mine", folder_ / "answers.jsonl"}};
  const std::string first = Json{{"gallery", head["gallery"]}}.dump() + "\n";
  WriteBytes(folder_ / "answers.jsonl", first + answers);
  const auto table = RunBench(options);
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_THAT(*table, HasSubstr("mine"));
  EXPECT_THAT(*table, HasSubstr("0.833"));  // 5 of 6 first hits

  const auto refused = [&](const std::string& text) {
    WriteBytes(folder_ / "answers.jsonl", text);
    const auto run = RunBench(options);
    return run ? std::string() : run.error().message;
  };
  EXPECT_THAT(refused("{\"gallery\":\"other\"}\n"),
              HasSubstr("line 1: the answers are about other"));
  EXPECT_THAT(refused(first), HasSubstr("0 answers to 7 photos"));
  EXPECT_THAT(refused(first + "{\"photo\":99,\"hits\":[]}\n"), HasSubstr("no such photo"));
  EXPECT_THAT(refused(first + "{\"photo\":0,\"hits\":[{\"id\":\"shop/99\"}]}\n"),
              HasSubstr("there is no item 'shop/99'"));
  EXPECT_THAT(refused(first + "{\"photo\":0}\n"), HasSubstr("no list of hits"));
  EXPECT_THAT(refused(first + "no json\n"), HasSubstr("line 2"));
  options.answers = {{"sift", folder_ / "answers.jsonl"}};
  options.methods = {"sift"};
  EXPECT_THAT(refused(first), HasSubstr("'sift' is a method already"));
}

}  // namespace
}  // namespace inlier::test

// These tests run the commands that fill a database and maintain it.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class CliCatalogue : public Shop {
 protected:
  std::string Answer(const std::string& photo) const {
    return Inlier({"query", photo, "--db", "shop.db"}).out;
  }
  Outcome Db(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--db", "shop.db"});
    return Inlier(arguments);
  }
};

TEST_F(CliCatalogue, AddRemoveListShow) {
  const Outcome added =
      Db({"add", "items/mug.png", "items/tea.png", "--set-metadata", "category=kitchen"});
  ASSERT_EQ(added.exit, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("added mug ("));
  EXPECT_THAT(added.out, HasSubstr("added tea ("));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("shows tea"));
  EXPECT_THAT(Db({"add", "items/map.png", "--id", "mug"}).out, HasSubstr("updated mug ("));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("not in the catalogue"));

  EXPECT_EQ(Db({"list"}).lines().size(), 2u);
  EXPECT_EQ(Db({"list", "--where", "category=kitchen"}).lines().size(), 1u);
  // The replaced mug keeps its place before the tea.
  const Json item = Json::parse(Db({"list", "--format", "jsonl"}).lines()[1]);
  EXPECT_EQ(item["id"], "tea");
  EXPECT_EQ(item["metadata"]["category"], "kitchen");
  EXPECT_EQ(item["width"], 240);

  const Outcome shown = Db({"show", "tea", "sofa"});
  EXPECT_EQ(shown.exit, 1);
  EXPECT_THAT(shown.out, HasSubstr(File("items/tea.png")));
  EXPECT_THAT(shown.err, HasSubstr("'sofa'"));

  const Outcome removed = Db({"remove", "sofa", "tea"});
  EXPECT_EQ(removed.exit, 1);
  EXPECT_EQ(removed.out, "removed tea\n");
  EXPECT_THAT(removed.err, HasSubstr("'sofa'"));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("not in the catalogue"));
}

TEST_F(CliCatalogue, AddRefusesIdsThatClashAndGoesOnPastBadImages) {
  WriteImage(File("more/mug.png"), tea_);
  EXPECT_EQ(Db({"add", "items/mug.png", "more/mug.png"}).exit, 2);
  WriteBytes(File("bad.jpg"), "no picture");
  const Outcome run = Db({"add", "bad.jpg", "items/tea.png"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("bad.jpg"));
  EXPECT_THAT(run.out, HasSubstr("added tea"));
}

TEST_F(CliCatalogue, OddIdsAreOneLineEach) {
  const std::string id = "a\tb\n\x1b[2J\"茶\"";
  ASSERT_EQ(Db({"add", "items/mug.png", "--id", id}).exit, 0);
  EXPECT_EQ(Db({"list"}).lines().size(), 1u);
  EXPECT_EQ(Db({"list"}).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(Json::parse(Db({"list", "--format", "jsonl"}).out)["id"], id);
  EXPECT_EQ(Db({"remove", id}).exit, 0);
}

TEST_F(CliCatalogue, TwinsAreListedAndDrawn) {
  Index();
  EXPECT_EQ(Inlier({"twins", "--db", "shop.db"}).out, "");
  WriteImage(File("mug-again.jpg"), mug_);
  ASSERT_EQ(Inlier({"add", "mug-again.jpg", "--db", "shop.db"}).exit, 0);
  const Outcome twins = Inlier({"twins", "--db", "shop.db", "--report", "twins.html"});
  EXPECT_EQ(twins.exit, 0) << twins.err;
  ASSERT_EQ(twins.lines().size(), 1u);
  EXPECT_TRUE(twins.out.starts_with("twins\t")) << twins.out;
  EXPECT_TRUE(twins.out.ends_with("\tmug\tmug-again\n")) << twins.out;
  const std::string page = ReadText(File("twins.html"));
  EXPECT_NE(page.find("mug and mug-again"), std::string::npos);
  EXPECT_NE(page.find("data:image/jpeg"), std::string::npos);
}

TEST_F(CliCatalogue, StatsCheckRebuild) {
  Index();
  EXPECT_EQ(Json::parse(Db({"stats", "--format", "jsonl"}).out)["items"], 3);
  EXPECT_THAT(Db({"stats"}).out, HasSubstr("sift"));
  const Outcome check = Db({"check"});
  EXPECT_EQ(check.exit, 0);
  EXPECT_EQ(check.out, "3 items checked, 0 problems\n");
  const Outcome rebuilt = Db({"rebuild"});
  EXPECT_EQ(rebuilt.exit, 0) << rebuilt.err;
  EXPECT_THAT(rebuilt.out, HasSubstr("3 items"));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
}

TEST_F(CliCatalogue, TheStoredFeaturesAreUsed) {
  ASSERT_EQ(Db({"index", "items", "--features", "orb", "--set", "extract.max_features=500"}).exit,
            0);
  EXPECT_EQ(Json::parse(Db({"stats", "--format", "jsonl"}).out)["method"], "orb");
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
  EXPECT_EQ(Db({"index", "items"}).exit, 0);
  EXPECT_EQ(Db({"index", "items", "--features", "orb"}).exit, 0);
  EXPECT_EQ(Db({"query", "mug_photo.jpg", "--set", "match.ratio=0.8"}).exit, 0);
}

}  // namespace
}  // namespace inlier::test

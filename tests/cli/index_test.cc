// These tests run 'inlier index' and look at what it says about each picture and at its end.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

class CliIndex : public Shop {
 protected:
  Outcome Db(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--db", "shop.db"});
    return Inlier(arguments);
  }
  std::string Answer(const std::string& photo) const {
    return Inlier({"query", photo, "--db", "shop.db"}).out;
  }
  // The items as a folder without a table, with a picture that has no features.
  void MakeFolder() const {
    fs::remove(File("items/catalogue.csv"));
    Image plain{.width_px = 64, .height_px = 64, .channels = 3};
    plain.pixels.assign(3 * 64 * 64, 255);
    WriteImage(File("items/plain.png"), plain);
  }
};

TEST_F(CliIndex, IndexTouchesOnlyWhatChanged) {
  Index();
  EXPECT_EQ(Db({"index", "items"}).out, "0 added, 0 updated, 3 unchanged, 0 removed, 0 failed\n");
  WriteImage(File("items/tea.png"), DrawTexture(5, 240, 240));
  WriteBytes(File("items/catalogue.csv"),
             "id,image,category\nmug,mug.png,gift\ntea,tea.png,kitchen\n");
  EXPECT_EQ(Db({"index", "items"}).out, "0 added, 2 updated, 0 unchanged, 0 removed, 0 failed\n");
  EXPECT_THAT(Db({"show", "mug"}).out, HasSubstr("gift"));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("not in the catalogue"));
  EXPECT_EQ(Db({"index", "items", "--prune"}).out,
            "0 added, 0 updated, 2 unchanged, 1 removed, 0 failed\n");
}

TEST_F(CliIndex, IndexGoesOnPastBadRows) {
  WriteBytes(File("items/bad.jpg"), "no picture");
  WriteBytes(
      File("items/catalogue.csv"),
      "id,image\nmug,mug.png\nbad,bad.jpg\nmug,tea.png\n,tea.png\ngone,gone.png\nmap,map.png\n");
  const Outcome run = Db({"index", "items"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(run.out,
            "2 added, 0 updated, 0 unchanged, 0 removed, 3 failed\n"
            "failed: not a picture 1, not there 1, unusable entry 1\n");
  EXPECT_THAT(run.err, HasSubstr("inlier: bad (" + File("items/bad.jpg") + "): "));
  EXPECT_THAT(run.err, HasSubstr("line 5: no id"));
  EXPECT_THAT(run.err, HasSubstr("gone.png"));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
}

TEST_F(CliIndex, ATableWithoutItsColumnsIsBadInput) {
  WriteBytes(File("items/catalogue.csv"), "name,file\nmug,mug.png\n");
  const Outcome run = Db({"index", "items"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("catalogue.csv"));
  EXPECT_EQ(Db({"index", "nowhere"}).exit, 1);
}

TEST_F(CliIndex, FilesThatAreLeftOutAreCountedAtTheEnd) {
  fs::remove(File("items/catalogue.csv"));
  fs::rename(File("items/mug.png"), File("items/mug"));
  fs::rename(File("items/tea.png"), File("items/tea.jpg_large"));
  for (const char* name : {"items/b.txt", "items/deep/a.TXT", "items/c.pdf", "items/sums"}) {
    WriteBytes(File(name), "no picture");
  }
  const Outcome run = Db({"index", "items"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.out, "3 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n");
  EXPECT_EQ(run.err,
            "inlier: 4 files left out: 2 .txt, 1 .pdf, 1 without an ending (not pictures)\n");
  EXPECT_EQ(Db({"index", "items", "--quiet"}).err, "");
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
}

TEST_F(CliIndex, PruningSaysWhatItLeavesAlone) {
  MakeFolder();
  ASSERT_EQ(Db({"index", "items"}).exit, 0);
  fs::rename(File("items/mug.png"), File("items/mug.jfif"));
  fs::remove(File("items/map.png"));
  fs::remove(File("items/tea.png"));
  WriteBytes(File("items/tea.psd"), "8BPS");
  const Outcome run = Db({"index", "items", "--prune"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.out, "0 added, 1 updated, 1 unchanged, 1 removed, 0 failed\nwithout features: 1\n");
  EXPECT_THAT(run.err, AllOf(HasSubstr("inlier: tea: not removed, since the file tea.psd was left"),
                             EndsWith("inlier: 1 file left out: 1 .psd\n")));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("shows tea"));
}

TEST_F(CliIndex, ItemsWithoutFeaturesAreNamedCountedAndListed) {
  MakeFolder();
  const Outcome run = Db({"index", "items"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.out, "4 added, 0 updated, 0 unchanged, 0 removed, 0 failed\nwithout features: 1\n");
  EXPECT_EQ(run.err, "inlier: plain (" + File("items/plain.png") +
                         "): no features were found in its image, so no photo can find it\n");
  EXPECT_EQ(Db({"list", "--without-features"}).out, "plain\t64x64\t0 features\t\n");
  EXPECT_EQ(Json::parse(Db({"stats", "--format", "jsonl"}).out)["items_without_features"], 1);
  EXPECT_THAT(Db({"stats"}).out, HasSubstr("items_without_features  1\n"));
}

TEST_F(CliIndex, EachPictureIsALineOfJson) {
  MakeFolder();
  WriteBytes(File("items/text.jpg"), "no picture");
  WriteBytes(File("items/notes.txt"), "no picture");
  WriteImage(File("items/mug.jpg"), mug_);
  const Outcome run = Db({"index", "items", "--format", "jsonl"});
  EXPECT_EQ(run.exit, 1);
  ASSERT_EQ(run.lines().size(), 7u);
  std::string ids, outcomes;
  for (std::size_t i = 0; i < 6; ++i) {
    const Json line = Json::parse(run.lines()[i]);
    ids += line["id"].is_null() ? "? " : line["id"].get<std::string>() + " ";
    outcomes += line["outcome"].get<std::string>() + " ";
  }
  EXPECT_EQ(ids, "? map mug plain tea text ");
  EXPECT_EQ(outcomes, "failed added added added added failed ");
  EXPECT_EQ(Json::parse(run.lines()[5])["cause"], "not a picture");
  const Json totals = Json::parse(run.lines()[6]);
  EXPECT_EQ(totals["added"], 4);
  EXPECT_EQ(totals["failed"], 2);
  EXPECT_EQ(totals["causes"], Json::parse(R"({"not a picture": 1, "unusable entry": 1})"));
  EXPECT_EQ(totals["without_features"], 1);
  EXPECT_EQ(totals["left_out"], Json::parse(R"([{"kind": ".txt", "files": 1}])"));
  EXPECT_THAT(run.err, AllOf(HasSubstr("mug.png"), HasSubstr("text (" + File("items/text.jpg"))));
}

}  // namespace
}  // namespace inlier::test

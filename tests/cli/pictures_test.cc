// These tests run the commands on items with several pictures, and on pictures that several items
// share or that are twins.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class CliPictures : public Shop {
 protected:
  Outcome Db(std::vector<std::string> arguments) const {
    // Quiet, since a small database has no file of its index yet and says so.
    arguments.insert(arguments.end(), {"--db", "shop.db", "--quiet"});
    return Inlier(arguments);
  }
  std::string Answer(const std::string& photo) const { return Db({"query", photo}).out; }
  std::vector<std::string> Shown(const std::string& id) const {
    const Json item = Json::parse(Db({"show", id, "--format", "jsonl"}).out);
    std::vector<std::string> names;
    for (const Json& picture : item["pictures"])
      names.push_back(std::filesystem::path(picture["picture"].get<std::string>()).filename());
    return names;
  }
  static void ExpectRefused(const Outcome& run, int exit, const std::string& words) {
    EXPECT_EQ(run.exit, exit) << words;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr(words));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
};

TEST_F(CliPictures, AddMakesOneItemOfSeveralImages) {
  const Outcome added = Db({"add", "items/mug.png", "items/tea.png", "--id", "set"});
  ASSERT_EQ(added.exit, 0) << added.err;
  EXPECT_THAT(added.out, MatchesRegex("added set \\(2 pictures, [0-9]+ features\\)\n"));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows set"));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("shows set"));
  EXPECT_EQ(Db({"list"}).lines().size(), 1u);
  ExpectRefused(Db({"add", "items/mug.png", "./items/mug.png", "--id", "set"}), 2, "named twice");
  ExpectRefused(Db({"add", "items/mug.png", "gone.png", "--id", "set"}), 1, "gone.png");
  EXPECT_THAT(Shown("set"), ElementsAre("mug.png", "tea.png"));  // as it was
}

TEST_F(CliPictures, AddToGivesAnItemFurtherPictures) {
  ASSERT_EQ(Db({"add", "items/mug.png", "--set-metadata", "price=12"}).exit, 0);
  WriteBytes(File("bad.jpg"), "no picture");
  const Outcome added = Db({"add", "bad.jpg", "items/tea.png", "--to", "mug"});
  EXPECT_EQ(added.exit, 1);
  EXPECT_THAT(added.err, HasSubstr("inlier: mug: bad.jpg"));
  EXPECT_THAT(added.out, MatchesRegex("added to mug: .*items/tea.png \\([0-9]+ features; 2 "
                                      "pictures\\)\n"));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
  EXPECT_THAT(Answer("tea_photo.jpg"), AllOf(HasSubstr("shows mug"), HasSubstr("price=12")));
  EXPECT_THAT(Db({"add", "items/tea.png", "--to", "mug"}).out,
              AllOf(HasSubstr("updated mug: "), HasSubstr("; 2 pictures)")));
}

TEST_F(CliPictures, AddToNeedsAnItemThatIsThere) {
  ExpectRefused(Db({"add", "items/tea.png", "--to", "mug"}), 1, "inlier index");
  EXPECT_FALSE(std::filesystem::exists(File("shop.db")));
  ASSERT_EQ(Db({"add", "items/mug.png"}).exit, 0);
  ExpectRefused(Db({"add", "items/tea.png", "--to", "cup"}), 1, "there is no item 'cup' to add to");
  ExpectRefused(Db({"add", "items/tea.png", "--to", "mug", "--id", "mug"}), 2, "--id");
  ExpectRefused(Db({"add", "items/tea.png", "--to", "mug", "--set-metadata", "a=b"}), 2,
                "--set-metadata");
  ExpectRefused(Db({"add", "items/tea.png", "--to", ""}), 2, "--to is empty");
  EXPECT_THAT(Shown("mug"), ElementsAre("mug.png"));
}

TEST_F(CliPictures, RemoveTakesOnePictureByItsNameOrItsPath) {
  ASSERT_EQ(Db({"add", "items/mug.png", "items/tea.png", "items/map.png", "--id", "set"}).exit, 0);
  const Outcome removed = Db({"remove", "set", "--picture", "items/../items/tea.png"});
  EXPECT_EQ(removed.exit, 0) << removed.err;
  EXPECT_THAT(removed.out,
              MatchesRegex("removed from set: .*items/tea.png \\(2 pictures left\\)\n"));
  EXPECT_THAT(Answer("tea_photo.jpg"), HasSubstr("not in the catalogue"));
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows set"));
  ExpectRefused(Db({"remove", "set", "--picture", "items/tea.png"}), 1, "set has no picture");
  ExpectRefused(Db({"remove", "sofa", "--picture", "items/tea.png"}), 1, "no item 'sofa'");
  ExpectRefused(Db({"remove", "set", "mug", "--picture", "items/tea.png"}), 2, "several ids");
  std::filesystem::remove(File("items/map.png"));  // its file need not be there any more
  EXPECT_EQ(Db({"remove", "set", "--picture", "items/map.png"}).exit, 0);
  ExpectRefused(Db({"remove", "set", "--picture", File("items/mug.png")}), 1,
                "only picture of set");
  EXPECT_THAT(Shown("set"), ElementsAre("mug.png"));
}

TEST_F(CliPictures, ShowNumbersSeveralPictures) {
  ASSERT_EQ(Db({"add", "items/mug.png", "items/tea.png", "--id", "set"}).exit, 0);
  EXPECT_THAT(Db({"show", "set"}).out,
              AllOf(HasSubstr("\npictures    2\n"),
                    HasSubstr("\nimage 1     " + File("items/mug.png") + "\n"),
                    HasSubstr("\nimage 2     " + File("items/tea.png") + "\n")));
  ASSERT_EQ(Db({"add", "items/map.png"}).exit, 0);
  EXPECT_THAT(Db({"show", "map"}).out,
              AllOf(HasSubstr("\nimage       " + File("items/map.png") + "\n"),
                    Not(HasSubstr("pictures"))));
}

TEST_F(CliPictures, CopiesAndTwinsAreCountedListedAndAnswered) {
  std::filesystem::remove(File("items/catalogue.csv"));
  for (const char* copy : {"items/mug-a.png", "items/mug-b.png"})
    std::filesystem::copy_file(File("items/mug.png"), File(copy));
  WriteImage(File("items/tea-again.jpg"), tea_);  // other pixels of the same picture
  const Outcome indexed = Db({"index", "items"});
  EXPECT_EQ(indexed.exit, 0) << indexed.err;
  EXPECT_EQ(indexed.out,
            "6 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"
            "1 picture stands under 3 ids; 2 items are twins: inlier twins --db shop.db\n");
  const auto groups = Db({"twins"}).lines();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0], "copies\t100.0 %\tmug\tmug-a\tmug-b");
  EXPECT_THAT(groups[1], MatchesRegex("twins\t.*\ttea\ttea-again"));

  const Outcome asked = Db({"query", "mug_photo.jpg", "tea_photo.jpg", "--format", "jsonl"});
  ASSERT_EQ(asked.lines().size(), 2u);
  const Json mug = Json::parse(asked.lines()[0])["hits"],
             tea = Json::parse(asked.lines()[1])["hits"];
  ASSERT_EQ(mug.size(), 1u);
  EXPECT_EQ(mug[0]["id"], "mug");
  EXPECT_EQ(mug[0]["twins"], Json::parse(R"(["mug-a", "mug-b"])"));
  ASSERT_EQ(tea.size(), 1u);
  EXPECT_EQ(tea[0]["twins"].size(), 1u);
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("\n      cannot be told from: mug-a and mug-b\n"));
}

TEST_F(CliPictures, TheReportNamesThePictureAndTheTwins) {
  std::string table = "id,image\nset,map.png\nset,mug.png\n";
  for (int i = 0; i < 12; ++i) table += "<" + std::to_string(i) + ">,mug.png\n";
  WriteBytes(File("items/catalogue.csv"), table);
  ASSERT_EQ(Db({"index", "items"}).out,
            "13 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"
            "1 picture stands under 13 ids: inlier twins --db shop.db\n");
  ASSERT_EQ(Db({"query", "mug_photo.jpg", "--report", "r.html"}).exit, 0);
  const std::string html = ReadText(File("r.html"));
  // A failing HasSubstr would print the whole page, so the text is searched for by hand.
  for (const std::string text :
       {"Item's picture: <span class=\"folder\">", "items/</span>mug.png</figcaption>",
        "cannot be told from: &lt;0&gt;, &lt;10&gt;, ", "&lt;7&gt; and 2 more</div>"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(html.find("map.png</figcaption>"), std::string::npos);
}

}  // namespace
}  // namespace inlier::test

// These tests check the output of 'inlier query' and 'inlier match' that scripts read, and the
// report.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

class CliQuery : public Shop {
 protected:
  CliQuery() { Index(); }

  std::vector<Json> Jsonl(std::vector<std::string> arguments, int exit = 0) const {
    arguments.insert(arguments.begin(), "query");
    arguments.insert(arguments.end(), {"--db", "shop.db", "--format", "jsonl"});
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, exit) << run.err;
    std::vector<Json> parsed;
    for (const std::string& line : run.lines()) parsed.push_back(Json::parse(line));
    return parsed;
  }
};

TEST_F(CliQuery, JsonlHasExactlyTheFieldsOfTheContractInOrder) {
  const auto answers = Jsonl({"mug_photo.jpg", "other.jpg"});
  ASSERT_EQ(answers.size(), 2u);
  const Json& answer = answers[0];
  EXPECT_THAT(Keys(answer), ElementsAre("photo", "features", "hits", "timings_ms"));
  EXPECT_EQ(answer["photo"], "mug_photo.jpg");
  EXPECT_THAT(Keys(answer["timings_ms"]),
              ElementsAre("decode", "extract", "shortlist", "verify", "second_look", "total"));
  ASSERT_EQ(answer["hits"].size(), 1u);
  const Json& hit = answer["hits"][0];
  EXPECT_THAT(Keys(hit), ElementsAre("rank", "id", "accepted", "probability", "score", "inliers",
                                     "polygon", "metadata", "picture", "reason"));
  EXPECT_EQ(hit["rank"], 1);
  EXPECT_EQ(hit["id"], "mug");
  EXPECT_EQ(hit["accepted"], true);
  EXPECT_GT(hit["probability"], 0.5);
  EXPECT_GT(hit["inliers"], 20);
  EXPECT_EQ(hit["metadata"].dump(), R"({"category":"kitchen","price":"12"})");
  const Homography truth = Similarity(mug_.width_px, mug_.height_px, 0.9, 0.3, {220, 170});
  const float right = static_cast<float>(mug_.width_px),
              bottom = static_cast<float>(mug_.height_px);
  const std::array<Point, 4> corners{Point{0, 0}, Point{right, 0}, Point{right, bottom},
                                     Point{0, bottom}};
  for (std::size_t i = 0; i < 4; ++i) {
    const Point corner = Transform(truth, corners[i]);
    EXPECT_NEAR(hit["polygon"][i][0].get<double>(), corner.x_px, 3);
    EXPECT_NEAR(hit["polygon"][i][1].get<double>(), corner.y_px, 3);
  }
  EXPECT_EQ(answers[1]["hits"], Json::array());
}

TEST_F(CliQuery, ABadPhotoIsReportedAndTheOthersAreAnswered) {
  WriteBytes(File("text.jpg"), "this is no picture");
  WriteBytes(File("empty.jpg"), "");
  const Outcome run = Inlier({"query", "text.jpg", "mug_photo.jpg", "gone.jpg", "empty.jpg",
                              "tea_photo.jpg", "--db", "shop.db", "--format", "jsonl"});
  EXPECT_EQ(run.exit, 1);
  const auto lines = run.lines();
  ASSERT_EQ(lines.size(), 5u);
  for (const std::size_t bad : {0, 2, 3}) {
    const Json error = Json::parse(lines[bad]);
    EXPECT_THAT(Keys(error), ElementsAre("photo", "error"));
    EXPECT_THAT(run.err, HasSubstr("inlier: " + error["photo"].get<std::string>() + ": "));
  }
  EXPECT_EQ(Json::parse(lines[1])["hits"][0]["id"], "mug");
  EXPECT_EQ(Json::parse(lines[4])["hits"][0]["id"], "tea");
}

TEST_F(CliQuery, EvidenceIsForJson) {
  const Json hit = Jsonl({"mug_photo.jpg", "--evidence"}).at(0)["hits"].at(0);
  EXPECT_EQ(hit["evidence"]["inliers"], hit["inliers"]);
  const Outcome text = Inlier({"query", "mug_photo.jpg", "--db", "shop.db", "--evidence"});
  EXPECT_EQ(text.exit, 2);
  EXPECT_THAT(text.err, HasSubstr("--evidence needs --format jsonl"));
}

TEST_F(CliQuery, WhereLeavesOthersOut) {
  EXPECT_EQ(Jsonl({"mug_photo.jpg", "--where", "category=travel"}).at(0)["hits"].size(), 0u);
  EXPECT_EQ(Jsonl({"mug_photo.jpg", "--where", "category=kitchen"}).at(0)["hits"].size(), 1u);
  EXPECT_EQ(Jsonl({"mug_photo.jpg", "--where", "category=kitchen", "--where", "price=3"})
                .at(0)["hits"]
                .size(),
            0u);
}

TEST_F(CliQuery, WhereTakesListsPrefixesAndRanges) {
  const auto matched = [this](std::vector<std::string> where) {
    std::vector<std::string> arguments{"mug_photo.jpg"};
    for (std::string& condition : where) {
      arguments.push_back("--where");
      arguments.push_back(std::move(condition));
    }
    const Json answer = Jsonl(arguments).at(0);
    EXPECT_EQ(answer["hits"].size(), answer["where_matched"] == 1 ? 0u : 1u);
    return answer["where_matched"].get<int>();
  };
  EXPECT_EQ(matched({"category=kitchen|travel"}), 3);
  EXPECT_EQ(matched({"category=k*"}), 2);
  EXPECT_EQ(matched({"price=9..12"}), 2);
  EXPECT_EQ(matched({"price=9..12", "category=tr*"}), 1);
}

TEST_F(CliQuery, AFieldThatNoItemHasIsAUsageError) {
  for (const std::string command : {"query", "list"}) {
    std::vector<std::string> arguments{command, "--db", "shop.db", "--where", "categry=kitchen"};
    if (command == "query") arguments.insert(arguments.begin() + 1, "mug_photo.jpg");
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("no item has a field 'categry'; there is 'category'"));
  }
  const Outcome reversed =
      Inlier({"query", "gone.jpg", "--db", "shop.db", "--where", "price=9..3"});
  EXPECT_EQ(reversed.exit, 2);
  EXPECT_THAT(reversed.err, HasSubstr("from the larger to the smaller"));
}

TEST_F(CliQuery, AFilterThatNothingPassesIsSaid) {
  const auto run = [this](std::vector<std::string> where) {
    where.insert(where.begin(), {"query", "mug_photo.jpg", "--db", "shop.db", "--format", "jsonl"});
    return Inlier(where);
  };
  const Outcome mistyped = run({"--where", "price=12", "--where", "category=kitchn"});
  EXPECT_EQ(mistyped.exit, 0);
  EXPECT_EQ(mistyped.err, "inlier: warning: no item has category=kitchn\n");
  EXPECT_EQ(Json::parse(mistyped.out)["where_matched"], 0);
  EXPECT_EQ(run({"--where", "price=12", "--where", "category=travel"}).err,
            "inlier: warning: no item satisfies all of --where at once\n");
  EXPECT_EQ(Jsonl({"mug_photo.jpg"}).at(0).count("where_matched"), 0u);
}

TEST_F(CliQuery, AFolderStandsForThePicturesInIt) {
  std::filesystem::create_directories(File("shots/monday"));
  std::filesystem::rename(File("tea_photo.jpg"), File("shots/b.jpg"));
  std::filesystem::rename(File("mug_photo.jpg"), File("shots/monday/1.JPG"));
  std::filesystem::rename(File("other.jpg"), File("shots/no ending"));
  WriteBytes(File("shots/notes.txt"), "not a picture");
  WriteBytes(File("shots/.hidden.jpg"), "not a picture");
  const Outcome run =
      Inlier({"query", "shots/", "items/mug.png", "--db", "shop.db", "--format", "jsonl"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.err, "inlier: shots/: 2 files left out: 1 .txt, 1 hidden\n");
  std::vector<std::string> photos;
  for (const std::string& line : run.lines()) photos.push_back(Json::parse(line)["photo"]);
  EXPECT_THAT(photos,
              ElementsAre("shots/b.jpg", "shots/monday/1.JPG", "shots/no ending", "items/mug.png"));
}

TEST_F(CliQuery, AFolderWithoutPicturesIsSaid) {
  std::filesystem::create_directories(File("empty"));
  const Outcome run = Inlier({"query", "empty", "mug_photo.jpg", "--db", "shop.db"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.out, HasSubstr("shows mug"));
  EXPECT_EQ(run.err, "inlier: empty: there is no picture in this folder\n");
}

TEST_F(CliQuery, AllAndTopSayWhichHits) {
  const Json all = Jsonl({"mug_photo.jpg", "--all"}).at(0)["hits"];
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["id"], "mug");
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i]["rank"], i + 1);
    EXPECT_EQ(all[i]["accepted"], i == 0);
    EXPECT_TRUE(all[i]["polygon"].is_null() || all[i]["polygon"].size() == 4);
  }
  EXPECT_EQ(Jsonl({"mug_photo.jpg", "--all", "--top", "2"}).at(0)["hits"].size(), 2u);
}

TEST_F(CliQuery, SeveralItemsInOnePhotoHaveAnOutlineEach) {
  const Image one = Warp(mug_, Similarity(240, 240, 0.9, 0.2, {160, 160}), 640, 340, 9);
  WriteImage(File("both.jpg"), WarpOnto(one, map_, Similarity(240, 240, 0.8, -0.3, {470, 180})));
  const Json hits = Jsonl({"both.jpg"}).at(0)["hits"];
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_NE(hits[0]["id"], hits[1]["id"]);
  for (const Json& hit : hits) {
    EXPECT_EQ(hit["accepted"], true);
    const double x = (hit["polygon"][0][0].get<double>() + hit["polygon"][2][0].get<double>()) / 2;
    EXPECT_NEAR(x, hit["id"] == "mug" ? 160 : 470, 5);
  }
  EXPECT_THAT(Inlier({"query", "both.jpg", "--db", "shop.db"}).out, HasSubstr(", and 1 more ("));
}

TEST_F(CliQuery, HowOftenAnItemIsThereIsCounted) {
  Image photo = Warp(mug_, Similarity(240, 240, 0.9, 0.2, {160, 160}), 640, 640, 9);
  photo = WarpOnto(photo, mug_, Similarity(240, 240, 0.9, 0.2, {470, 160}));
  photo = WarpOnto(photo, map_, Similarity(240, 240, 0.8, -0.3, {320, 470}));
  WriteImage(File("shelf.jpg"), photo);
  const Json hits = Jsonl({"shelf.jpg"}).at(0)["hits"];
  ASSERT_EQ(hits.size(), 3u);
  const std::string& first = hits[0]["id"].get_ref<const std::string&>();
  const auto outcome =
      Inlier({"query", "shelf.jpg", "--db", "shop.db", "--report", File("shelf.html")});
  EXPECT_THAT(outcome.out,
              HasSubstr(first == "mug" ? ", 2 times, and 1 more (" : ", and 2 more ("));
  EXPECT_THAT(ReadText(File("shelf.html")), HasSubstr("mug (2 times)"));
}

TEST_F(CliQuery, SetChangesTheDecision) {
  EXPECT_EQ(Jsonl({"mug_photo.jpg", "--set", "decide.accept_probability=1"}).at(0)["hits"].size(),
            0u);
}

TEST_F(CliQuery, TextForPeople) {
  const Outcome run = Inlier({"query", "mug_photo.jpg", "other.jpg", "--db", "shop.db"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("mug_photo.jpg: shows mug ("));
  EXPECT_THAT(run.out, HasSubstr("other.jpg: not in the catalogue ("));
}

TEST_F(CliQuery, CsvIsQuoted) {
  WritePhotoOf(mug_, "a \"b\",\nc.jpg");
  const Outcome run =
      Inlier({"query", "a \"b\",\nc.jpg", "gone.jpg", "--db", "shop.db", "--format", "csv"});
  EXPECT_EQ(run.exit, 1);
  const auto lines = run.lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0],
            "photo,rank,id,accepted,probability,score,inliers,x1,y1,x2,y2,x3,y3,x4,y4,error,"
            "picture,twins");
  EXPECT_EQ(lines[1], "\"a \"\"b\"\",");
  EXPECT_THAT(lines[2], testing::StartsWith("c.jpg\",1,mug,true,"));
  EXPECT_EQ(lines[3], "gone.jpg,,,,,,,,,,,,,,,no such file,,");
}

TEST_F(CliQuery, OddNamesComeThrough) {
  for (const std::string name : {"two words.jpg", "it's \"quoted\".jpg", "new\nline.jpg",
                                 "tee-blätter-茶.jpg", "\x1b[31mred.jpg", "-dash.jpg"}) {
    WritePhotoOf(mug_, name);
    const std::string argument = name.starts_with("-") ? "./" + name : name;
    const auto answers = Jsonl({argument});
    ASSERT_EQ(answers.size(), 1u) << name;
    EXPECT_EQ(answers[0]["photo"], argument);
    EXPECT_EQ(answers[0]["hits"][0]["id"], "mug");
    const std::string text = Inlier({"query", argument, "--db", "shop.db"}).out;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  }
  const std::string latin1 = "caf\xe9.jpg";
  WritePhotoOf(mug_, latin1);
  EXPECT_EQ(Jsonl({latin1}).at(0)["photo"], "caf\uFFFD.jpg");
}

TEST_F(CliQuery, StdinNamesPhotos) {
  const Outcome run = Inlier({"query", "-", "--db", "shop.db", "--format", "jsonl"},
                             "mug_photo.jpg\ntea_photo.jpg\n");
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.lines().size(), 2u);
}

TEST_F(CliQuery, ThreadsChangeNothingButTime) {
  std::vector<std::string> photos;
  for (int i = 0; i < 6; ++i)
    photos.insert(photos.end(), {"mug_photo.jpg", "gone.jpg", "tea_photo.jpg", "other.jpg"});
  photos.push_back("--all");
  const auto untimed = [&](const std::string& threads) {
    auto arguments = photos;
    arguments.insert(arguments.end(), {"--threads", threads});
    std::string text;
    for (Json answer : Jsonl(arguments, 1)) {
      answer.erase("timings_ms");
      text += answer.dump() + "\n";
    }
    return text;
  };
  EXPECT_EQ(untimed("1"), untimed("2"));
}

TEST_F(CliQuery, TheReportNeedsNoOtherFile) {
  WritePhotoOf(tea_, "<b>&.jpg");
  std::filesystem::remove(File("items/tea.png"));
  const Outcome run = Inlier({"query", "mug_photo.jpg", "<b>&.jpg", "other.jpg", "gone.jpg", "--db",
                              "shop.db", "--report", "r.html"});
  EXPECT_EQ(run.exit, 1);
  const std::string html = ReadText(File("r.html"));
  // A failing HasSubstr would print the whole page, so the text is searched for by hand.
  const auto holds = [&html](const std::string& text) {
    return html.find(text) != std::string::npos;
  };
  EXPECT_TRUE(html.starts_with("<!doctype html>"));
  for (const std::string text :
       {"Shows mug, ", "Not in the catalogue", "Could not be read: no such file",
        "&lt;b&gt;&amp;.jpg", "The item's image is gone", "<polygon"}) {
    EXPECT_TRUE(holds(text)) << text;
  }
  for (const std::string outside :
       {"http:", "https:", "src=", "<script", "<link", "@import", "<b>&.jpg"}) {
    EXPECT_FALSE(holds(outside)) << outside;
  }
  for (std::size_t at = html.find("href=\""); at != std::string::npos;
       at = html.find("href=\"", at + 1)) {
    const std::string target = html.substr(at + 6, 11);
    EXPECT_TRUE(target.starts_with("#") || target == "data:image/") << target;
  }
}

TEST_F(CliQuery, AReportThatCannotBeWrittenIsAnError) {
  const Outcome run =
      Inlier({"query", "mug_photo.jpg", "--db", "shop.db", "--report", "no/such/folder/r.html"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.out, HasSubstr("shows mug"));
  EXPECT_THAT(run.err, HasSubstr("no/such/folder/r.html"));
}

TEST_F(CliQuery, MatchComparesTwoImages) {
  const Outcome found =
      Inlier({"match", "mug_photo.jpg", "items/mug.png", "--draw", "m.png", "--format", "jsonl"});
  ASSERT_EQ(found.exit, 0) << found.err;
  const Json json = Json::parse(found.out);
  EXPECT_EQ(json["accepted"], true);
  EXPECT_EQ(json["polygon"].size(), 4u);
  const auto drawing = ReadImage(File("m.png"));
  ASSERT_TRUE(drawing);
  EXPECT_GT(drawing->width_px, 440 + mug_.width_px);
  EXPECT_EQ(drawing->height_px, 340);
  EXPECT_THAT(Inlier({"match", "other.jpg", "items/mug.png"}).out, HasSubstr("no match"));
  EXPECT_EQ(Inlier({"match", "gone.jpg", "items/mug.png"}).exit, 1);
}

}  // namespace
}  // namespace inlier::test

// Databases that share a vocabulary.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class CliVocabulary : public Shop {
 protected:
  // Enough pictures for a shortlist that needs a vocabulary.
  void SetUp() override {
    Shop::SetUp();
    for (unsigned i = 0; i < 40; ++i)
      WriteImage(File("many/" + std::to_string(i) + ".png"), DrawTexture(i + 100, 240, 200));
    ASSERT_EQ(Inlier({"index", "many", "--db", "many.db"}).exit, 0);
    ASSERT_EQ(Inlier({"vocabulary", "--db", "many.db", "--out", "vocabulary"}).exit, 0);
  }
  int Cells(const std::string& database) const {
    return Json::parse(Inlier({"stats", "--db", database, "--format", "jsonl"}).out)["cells"];
  }
};

TEST_F(CliVocabulary, IsKeptHoweverTheCatalogueGrows) {
  const int cells = Cells("many.db");
  ASSERT_EQ(Inlier({"index", "items", "--db", "few.db", "--vocabulary", "vocabulary"}).exit, 0);
  EXPECT_EQ(Cells("few.db"), cells) << "three pictures alone train none";
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "few.db"}).out, HasSubstr("shows mug"));
  ASSERT_EQ(Inlier({"rebuild", "--db", "few.db"}).exit, 0);
  for (const auto& entry : std::filesystem::directory_iterator(File("few.db"))) {
    if (entry.path().extension() == ".inlier") std::filesystem::remove(entry.path());
  }
  ASSERT_EQ(Inlier({"index", "items", "--db", "few.db"}).exit, 0) << "it need not be named again";
  ASSERT_EQ(Inlier({"vocabulary", "--db", "few.db", "--out", "again"}).exit, 0);
  EXPECT_EQ(ReadText(File("again")), ReadText(File("vocabulary")));
}

TEST_F(CliVocabulary, AnotherOneIsRefused) {
  ASSERT_EQ(Inlier({"index", "items", "--db", "few.db", "--vocabulary", "vocabulary"}).exit, 0);
  const Outcome same = Inlier({"index", "items", "--db", "few.db", "--vocabulary", "vocabulary"});
  EXPECT_EQ(same.exit, 0) << same.err;
  const Outcome trained =
      Inlier({"index", "many", "--db", "many.db", "--vocabulary", "vocabulary"});
  EXPECT_EQ(trained.exit, 3);
  EXPECT_THAT(trained.err, HasSubstr("made without a given vocabulary"));
  const Outcome of_bits = Inlier(
      {"index", "items", "--db", "bits.db", "--features", "orb", "--vocabulary", "vocabulary"});
  EXPECT_NE(of_bits.exit, 0) << "cells of other descriptors";
  WriteBytes(File("damaged"), ReadText(File("vocabulary")).substr(0, 1000));
  const Outcome damaged = Inlier({"index", "items", "--db", "new.db", "--vocabulary", "damaged"});
  EXPECT_EQ(damaged.exit, 3);
  EXPECT_THAT(damaged.err, HasSubstr("damaged"));
  EXPECT_FALSE(std::filesystem::exists(File("new.db")));
  const Outcome none = Inlier({"index", "items", "--db", "new.db", "--vocabulary", "nowhere"});
  EXPECT_EQ(none.exit, 1);
}

TEST_F(CliVocabulary, IsNotThereForFewPicturesAndEmbeddings) {
  ASSERT_EQ(Inlier({"index", "items", "--db", "look.db", "--features", "look"}).exit, 0);
  const Outcome none = Inlier({"vocabulary", "--db", "look.db", "--out", "vocabulary"});
  EXPECT_NE(none.exit, 0);
  EXPECT_THAT(none.err, HasSubstr("it has no vocabulary"));
}

}  // namespace
}  // namespace inlier::test

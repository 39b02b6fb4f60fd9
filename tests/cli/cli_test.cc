// These tests cover the help texts, usage errors and exit codes.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Cli : public Shop {
 protected:
  void ExpectUsageError(const std::vector<std::string>& arguments, const std::string& words) const {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 2) << words;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, StartsWith("inlier: "));
    EXPECT_THAT(run.err, HasSubstr(words));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
};

TEST_F(Cli, HelpIsOnStdout) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"help"}, {"-h"}}) {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 0);
    EXPECT_EQ(run.err, "");
    for (const char* word :
         {"QUICK START", "EXIT STATUS", "130", "inlier index", "rebuild", "bench"}) {
      EXPECT_THAT(run.out, HasSubstr(word));
    }
  }
}

TEST_F(Cli, EveryCommandHasAPageWithExamples) {
  for (const char* command : {"index", "add", "remove", "list", "show", "stats", "check", "rebuild",
                              "plan", "query", "match", "bench", "compare", "help", "version"}) {
    const Outcome page = Inlier({command, "--help"});
    EXPECT_EQ(page.exit, 0) << command;
    EXPECT_EQ(page.out, Inlier({"help", command}).out);
    for (const char* heading : {"SYNOPSIS", "DESCRIPTION", "EXAMPLES"})
      EXPECT_THAT(page.out, HasSubstr(heading));
    for (const std::string& line : page.lines()) {
      const bool example = line.starts_with("    inlier") || line.starts_with("    find");
      EXPECT_TRUE(example || line.size() <= 90) << line;
    }
  }
}

TEST_F(Cli, HelpOptionsListsWhatSetTakes) {
  EXPECT_THAT(Inlier({"help", "options"}).out, HasSubstr("decide.accept_probability"));
}

TEST_F(Cli, Version) {
  EXPECT_THAT(Inlier({"--version"}).out,
              testing::MatchesRegex("inlier [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(Inlier({"version"}).out, Inlier({"--version"}).out);
}

TEST_F(Cli, UsageErrorsAreOneLineAndExit2) {
  ExpectUsageError({}, "--help");
  ExpectUsageError({"qurey", "p.jpg"}, "did you mean query?");
  ExpectUsageError({"help", "nothing-like-it"}, "there is no command");
  ExpectUsageError({"query", "p.jpg"}, "--db DIR is missing");
  ExpectUsageError({"query", "p.jpg", "--db"}, "--db needs a value");
  ExpectUsageError({"query", "p.jpg", "--db", ""}, "--db is empty");
  ExpectUsageError({"query", "--db", "shop.db"}, "PHOTO… is missing");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--tpo", "1"}, "did you mean --top?");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--top", "many"}, "--top is 'many'");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--format", "xml"},
                   "not one of text, jsonl, csv");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--where", "kitchen"}, "name=value");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--threads", "0"}, "--threads is '0'");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--set", "no.such=1"}, "no.such");
  ExpectUsageError({"query", "p.jpg", "--db", "shop.db", "--all=1"}, "--all");
  ExpectUsageError({"index", "items", "--db", "shop.db", "--features", "surfboard"},
                   "this build has sift, ");
  ExpectUsageError({"index", "items", "more", "--db", "shop.db"}, "'more'");
  ExpectUsageError({"bench", "items", "--out", "out", "--methods", "sift,deeper"},
                   "there is no method 'deeper'; there are sift, ");
  ExpectUsageError({"match", "mug_photo.jpg", "items/mug.png", "--draw", "out.gif"}, ".png");
  EXPECT_FALSE(std::filesystem::exists(File("shop.db")));
}

TEST_F(Cli, AMissingDatabaseSaysHowToMakeOne) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"query", "mug_photo.jpg", "--db", "none.db"},
           {"list", "--db", "none.db"},
           {"remove", "mug", "--db", "none.db"},
           {"check", "--db", "none.db"},
           {"query", "mug_photo.jpg", "--db", "none.db", "--set", "match.ratio=0.8"}}) {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("inlier index"));
  }
  EXPECT_FALSE(std::filesystem::exists(File("none.db")));
}

TEST_F(Cli, OtherFeaturesExit3) {
  Index();
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"index", "items", "--db", "shop.db", "--features", "orb"},
           {"query", "mug_photo.jpg", "--db", "shop.db", "--set", "extract.max_features=7"}}) {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 3);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("shop.db"));
  }
  EXPECT_EQ(Inlier({"query", "mug_photo.jpg", "--db", "shop.db"}).exit, 0);
}

TEST_F(Cli, ADamagedDatabaseExits3) {
  Index();
  for (const auto& entry : std::filesystem::directory_iterator(File("shop.db"))) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file << "damaged";
  }
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"query", "mug_photo.jpg", "--db", "shop.db"}, {"check", "--db", "shop.db"}}) {
    const Outcome run = Inlier(arguments);
    EXPECT_EQ(run.exit, 3) << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("shop.db"));
  }
}

TEST_F(Cli, AFolderWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  Index();
  std::filesystem::permissions(File("shop.db"), std::filesystem::perms::none);
  const Outcome run = Inlier({"query", "mug_photo.jpg", "--db", "shop.db"});
  std::filesystem::permissions(File("shop.db"), std::filesystem::perms::owner_all);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("ermission denied"));
}

TEST_F(Cli, AFullDiskUnderStdoutIsNoSuccess) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  Index();
  EXPECT_NE(std::system((std::string(INLIER_BINARY) + " list --db " + File("shop.db") +
                         " >/dev/full 2>/dev/null")
                            .c_str()),
            0);
}

}  // namespace
}  // namespace inlier::test

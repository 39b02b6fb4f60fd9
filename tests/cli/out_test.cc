// 'inlier query --out': a file of answers that a killed run leaves, and that the next one goes on
// with.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class CliOut : public Shop {
 protected:
  // Photos of one item, of two, of none, with an odd name, and one that cannot be read.
  CliOut() {
    Index();
    const Image one = Warp(mug_, Similarity(240, 240, 0.9, 0.2, {160, 160}), 640, 340, 9);
    WriteImage(File("shots/both.jpg"),
               WarpOnto(one, map_, Similarity(240, 240, 0.8, -0.3, {470, 180})));
    fs::rename(File("mug_photo.jpg"), File("shots/a \"b\",\nc.jpg"));
    fs::rename(File("tea_photo.jpg"), File("shots/tea.jpg"));
    fs::rename(File("other.jpg"), File("shots/other.jpg"));
    WriteBytes(File("shots/text.jpg"), "not a picture");
  }

  static std::vector<std::string> Query(const std::string& out,
                                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"query", "shots", "--db", "shop.db", "--all", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Outcome Run(const std::string& out, const std::vector<std::string>& more = {}) const {
    return Inlier(Query(out, more));
  }
  std::string Untimed(const std::string& name) const {
    std::stringstream lines(ReadText(File(name)));
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      Json json = Json::parse(line);
      json.erase("timings_ms");
      text += json.dump() + "\n";
    }
    return text;
  }
};

TEST_F(CliOut, HoldsWhatWouldBePrinted) {
  const Outcome printed = Inlier({"query", "shots", "--db", "shop.db", "--all", "--format", "csv"});
  const Outcome first = Run("a.csv");
  EXPECT_EQ(first.exit, 1);  // text.jpg
  EXPECT_EQ(first.out, "5 answered, 0 already in a.csv, 1 failed\n");
  EXPECT_EQ(ReadText(File("a.csv")), printed.out);
  const Outcome second = Run("a.csv");
  EXPECT_EQ(second.exit, 1);
  EXPECT_EQ(second.out, "0 answered, 5 already in a.csv, 1 failed\n");
  EXPECT_EQ(ReadText(File("a.csv")), printed.out);
  EXPECT_EQ(Run("a.jsonl", {"--threads", "2"}).exit, 1);
  EXPECT_EQ(Run("b.txt", {"--format", "jsonl"}).exit, 1);
  EXPECT_EQ(Untimed("a.jsonl"), Untimed("b.txt"));
  EXPECT_EQ(Json::parse(
                ReadText(File("a.jsonl")).substr(0, ReadText(File("a.jsonl")).find('\n')))["photo"],
            "shots/a \"b\",\nc.jpg");
}

// Wherever a run was cut off, the next one completes the file as if nothing had happened.
TEST_F(CliOut, WhatIsTornIsWrittenAgain) {
  fs::remove(File("shots/text.jpg"));
  ASSERT_EQ(Run("whole.csv").exit, 0);
  ASSERT_EQ(Run("whole.jsonl").exit, 0);
  const std::string csv = ReadText(File("whole.csv")), jsonl = ReadText(File("whole.jsonl"));
  const std::size_t header = csv.find('\n') + 1, both = csv.find("shots/both.jpg,2"),
                    quoted = csv.find(",\nc.jpg") + 2;
  ASSERT_NE(both, std::string::npos);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{7}, header - 1, header, header + 9,
                                quoted, both, both + 4, csv.size() - 1}) {
    WriteBytes(File("cut.csv"), csv.substr(0, cut));
    const Outcome run = Run("cut.csv");
    EXPECT_EQ(run.exit, 0) << run.err;
    ASSERT_EQ(ReadText(File("cut.csv")), csv) << cut;
  }
  for (const std::size_t cut :
       {std::size_t{0}, std::size_t{4}, jsonl.find('\n'), jsonl.find('\n') + 1, jsonl.size() - 1}) {
    WriteBytes(File("cut.jsonl"), jsonl.substr(0, cut));
    EXPECT_EQ(Run("cut.jsonl").exit, 0);
    ASSERT_EQ(Untimed("cut.jsonl"), Untimed("whole.jsonl")) << cut;
  }
}

TEST_F(CliOut, ARunThatIsKilledGoesOn) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = "shots/copy" + std::to_string(i) + ".jpg";
    fs::copy_file(File(i % 3 == 0 ? "shots/both.jpg" : "shots/tea.jpg"), File(name));
  }
  for (const std::string out : {"killed.csv", "killed.jsonl"}) {
    const std::string whole = "whole" + fs::path(out).extension().string();
    ASSERT_EQ(Run(whole, {"--threads", "2"}).exit, 1);
    int killed = 0;
    for (std::uintmax_t most = 400;; most += 600) {
      const pid_t process = Start(Query(out));
      std::error_code ignored;
      bool done = false;
      // The first is there soon; a run that is done before it can be killed ends the test.
      while (!done && (!fs::exists(File(out)) || fs::file_size(File(out), ignored) < most)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        siginfo_t about{};
        waitid(P_PID, static_cast<id_t>(process), &about, WEXITED | WNOHANG | WNOWAIT);
        done = about.si_pid == process;
      }
      if (!done) kill(process, SIGKILL);
      const Outcome run = Finish(process);
      if (run.exit != 128 + SIGKILL) break;
      ++killed;
    }
    EXPECT_GE(killed, 2);
    if (out.ends_with(".csv")) {
      EXPECT_EQ(ReadText(File(out)), ReadText(File(whole)));
    } else {
      EXPECT_EQ(Untimed(out), Untimed(whole));
    }
  }
}

TEST_F(CliOut, AnotherFormatIsRefusedAndTheFileIsLeftAlone) {
  ASSERT_EQ(Run("a.csv").exit, 1);
  ASSERT_EQ(Run("a.jsonl").exit, 1);
  WriteBytes(File("notes.csv"), "a,b\n1,2");
  WriteBytes(File("notes.jsonl"), "remember the milk");
  WriteBytes(File("old.csv"), "photo,rank,id\nshots/tea.jpg,1,tea\n");
  WriteBytes(File("mixed.jsonl"), "{\"photo\":\"p.jpg\",\"hits\":[]}\n[]\n");
  struct Case {
    std::string out, format, message;
  };
  for (const auto& [out, format, message] : std::vector<Case>{
           {"a.csv", "jsonl", "a.csv holds answers as CSV"},
           {"a.jsonl", "csv", "a.jsonl holds answers as JSON lines"},
           {"notes.csv", "csv", "notes.csv holds something else than answers"},
           {"notes.jsonl", "jsonl", "notes.jsonl holds something else than answers"},
           {"old.csv", "csv", "old.csv has another header"},
           {"mixed.jsonl", "jsonl", "mixed.jsonl, line 2: this is no answer of a photo"}}) {
    const std::string before = ReadText(File(out));
    const Outcome run = Run(out, {"--format", format});
    EXPECT_EQ(run.exit, 2) << out;
    EXPECT_THAT(run.err, HasSubstr(message));
    EXPECT_EQ(ReadText(File(out)), before) << out;
  }
  EXPECT_THAT(Run("answers.txt").err, HasSubstr("name it .csv or .jsonl, or give --format"));
  EXPECT_EQ(Run("answers.txt").exit, 2);
  EXPECT_EQ(Run("a.csv", {"--format", "text"}).exit, 2);
  EXPECT_EQ(Run("no/such/folder/a.csv").exit, 1);
}

TEST_F(CliOut, NewPhotosAreAddedAndOldAnswersStay) {
  ASSERT_EQ(Run("a.csv").exit, 1);
  const std::string before = ReadText(File("a.csv"));
  fs::remove(File("shots/text.jpg"));  // the last one, and then the one with several rows is last
  fs::rename(File("shots/tea.jpg"), File("shots/a new name.jpg"));
  const Outcome run = Run("a.csv");
  EXPECT_EQ(run.out, "1 answered, 5 already in a.csv, 1 failed\n");
  const std::string after = ReadText(File("a.csv"));
  EXPECT_TRUE(after.starts_with(before));
  EXPECT_THAT(after.substr(before.size()), HasSubstr("shots/a new name.jpg,1,tea,true,"));
  // Nobody asks for the last photo of the file any more, so what is there of it stays.
  fs::remove(File("shots/a new name.jpg"));
  EXPECT_EQ(Run("a.csv").out, "0 answered, 6 already in a.csv, 1 failed\n");
  EXPECT_EQ(ReadText(File("a.csv")), after);
}

TEST_F(CliOut, APhotoThatIsNamedTwiceIsAnsweredTwice) {
  const std::string latin1 = "shots/caf\xe9.jpg";
  fs::copy_file(File("shots/tea.jpg"), File(latin1));
  for (const std::string out : {"twice.csv", "twice.jsonl"}) {
    const auto run = [&](const std::vector<std::string>& photos) {
      std::vector<std::string> words{"query", "--db", "shop.db", "--out", out};
      words.insert(words.end(), photos.begin(), photos.end());
      return Inlier(words).out;
    };
    const std::string tea = "shots/tea.jpg", other = "shots/other.jpg";
    EXPECT_EQ(run({tea, latin1, other}), "3 answered, 0 already in " + out + ", 0 failed\n");
    EXPECT_EQ(run({tea, tea, latin1, latin1, other}),
              "2 answered, 3 already in " + out + ", 0 failed\n");
    const std::string text = ReadText(File(out));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), out == "twice.csv" ? 6 : 5);
  }
}

TEST_F(CliOut, TwoRunsDoNotShareAFile) {
  ASSERT_EQ(Run("a.csv").exit, 1);
  const int file = open(File("a.csv").c_str(), O_RDONLY);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  const Outcome run = Run("a.csv");
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("another process is writing answers to it"));
  close(file);
  fs::create_directories(File("folder.csv"));
  EXPECT_EQ(Run("folder.csv").exit, 1);
  EXPECT_EQ(mkfifo(File("pipe.csv").c_str(), 0600), 0);
  EXPECT_EQ(Run("pipe.csv").exit, 2);
}

}  // namespace
}  // namespace inlier::test

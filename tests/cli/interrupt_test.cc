// These tests send signals to a running 'inlier index', and start a second writer at the same
// time.
#include <csignal>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

constexpr std::size_t kItems = 320;

class CliInterrupt : public Shop {
 protected:
  CliInterrupt() {
    WriteImage(File("many/0.png"), mug_);
    for (std::size_t i = 1; i < kItems; ++i) {
      std::filesystem::copy_file(File("many/0.png"), File(fmt::format("many/{}.png", i)));
    }
  }

  const std::vector<std::string> index_{"index",      "many", "--db",      "shop.db",
                                        "--features", "orb",  "--threads", "1"};

  std::size_t Items() const { return Inlier({"list", "--db", "shop.db"}).lines().size(); }

  // Starts 'inlier index' and waits until a reader sees that some items are stored.
  pid_t StartIndex() const {
    const pid_t process = Start(index_);
    for (int i = 0; i < 2000 && Items() == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return process;
  }
};

TEST_F(CliInterrupt, WhatWasAcknowledgedStaysAndTheNextRunGoesOn) {
  const pid_t process = StartIndex();
  kill(process, SIGINT);
  const Outcome run = Finish(process);
  EXPECT_EQ(run.exit, 130);
  EXPECT_EQ(run.out, "");
  const std::size_t kept = Items();
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, kItems);
  EXPECT_THAT(run.err, HasSubstr(fmt::format("{} items", kept)));
  EXPECT_EQ(Inlier({"check", "--db", "shop.db"}).exit, 0);
  const Outcome again = Inlier(index_);
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.out,
              HasSubstr(fmt::format("{} added, 0 updated, {} unchanged", kItems - kept, kept)));
}

TEST_F(CliInterrupt, ASecondWriterIsToldWhy) {
  const pid_t process = StartIndex();
  const Outcome second = Inlier({"add", "items/tea.png", "--db", "shop.db"});
  kill(process, SIGTERM);
  EXPECT_EQ(Finish(process).exit, 130);
  EXPECT_EQ(second.exit, 1);
  EXPECT_THAT(second.err, HasSubstr("another process is writing"));
  EXPECT_EQ(Inlier({"add", "items/tea.png", "--db", "shop.db"}).exit, 0);
}

TEST_F(CliInterrupt, KilledOutrightItKeepsWhatWasAcknowledged) {
  const pid_t process = StartIndex();
  const std::size_t seen = Items();
  kill(process, SIGKILL);
  EXPECT_EQ(Finish(process).exit, 128 + SIGKILL);
  EXPECT_GE(Items(), seen);
  EXPECT_GT(seen, 0u);
  const Outcome check = Inlier({"check", "--db", "shop.db"});
  EXPECT_EQ(check.exit, 0) << check.out << check.err;
}

}  // namespace
}  // namespace inlier::test

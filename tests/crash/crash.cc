// Kills a process that changes a database, in every way in which a process can end, and checks
// what is left.
//   inlier_crash [--kills N] [--seconds N] [--seed N] [--only WAY]
//   WAY: kill|step|power|commands|faults|served|served-power]
// Exits with 0 when every acknowledged change was there each time, and prints a line about what was
// tried. Otherwise it exits with 1 and prints what was lost. The same seed tries the same changes,
// but the moment at which a signal arrives depends on the machine.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "engine/threads.h"
#include "tests/crash/commands.h"
#include "tests/crash/disk_image.h"
#include "tests/crash/model.h"
#include "tests/crash/process.h"
#include "tests/crash/served.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

using std::chrono::microseconds;
constexpr auto kNever = std::chrono::hours(1);
constexpr int kFailed = 2;  // the exit status after an error that was printed
constexpr int kChangesPerChild = 40;
constexpr std::size_t kItemsPerDatabase = 110;
constexpr int kRoundsPerDatabase = 25;
constexpr std::array<std::string_view, 7> kSteps{"write",    "sync",  "rename", "sync-folder",
                                                 "manifest", "clean", "done"};

// Runs in the process that dies. It opens the database and changes it over and over; it prints each
// change before it makes it, and "ok" afterwards.
int Change(const std::filesystem::path& folder, unsigned seed, std::string_view dies_at, int nth) {
  const auto opened = Collection::Open(
      folder, {.mode = OpenMode::kCreate, .recipe = "test", .step = [&](std::string_view step) {
                 if (step == dies_at && --nth == 0) kill(getpid(), SIGKILL);
               }});
  if (!opened) return Say("failed " + opened.error().message), kFailed;
  if (!Say("opened")) return 3;
  auto model = ReadModel(**opened);
  if (!model) return Say("failed " + model.error().message), kFailed;
  std::mt19937 random(seed);
  for (int i = 0; i < kChangesPerChild; ++i) {
    const std::string change = MakeChange(*model, random);
    if (!Say(change)) return 3;
    const Status changed = Apply(change, **opened);
    if (!changed) return Say("failed " + changed.error().message), kFailed;
    Apply(change, *model);
    if (!Say("ok")) return 3;
  }
  return 0;
}

enum class Way { kKill, kStep, kPower, kCommands, kFaults, kServed, kServedPower };
constexpr std::array<std::string_view, 7> kWays{"kill",   "step",   "power",       "commands",
                                                "faults", "served", "served-power"};
// The kind of call that fails, and the errno with which it fails.
constexpr std::array<std::pair<std::string_view, int>, 5> kFaults{
    {{"write", ENOSPC}, {"write", EIO}, {"sync", EIO}, {"rename", EIO}, {"read", EIO}}};

class Crashes {
 public:
  explicit Crashes(unsigned seed) : random_(seed) { Renew(); }

  // Returns a description of what was lost, or nothing if all is well.
  std::optional<std::string> Round(Way way) {
    if (way == Way::kCommands) {
      auto problem = commands_.Round(random_);
      killed_ += commands_.last_was_killed();
      return problem;
    }
    if (way == Way::kServed || way == Way::kServedPower) {
      what_ = kWays[static_cast<std::size_t>(way)];
      auto problem = served_.Round(random_, way == Way::kServedPower);
      killed_ += served_.last_was_killed();
      return problem;
    }
    if (++rounds_ % kRoundsPerDatabase == 0 || model_.items.size() > kItemsPerDatabase) Renew();
    DiskImage disk(*folder_ / "disk", *folder_ / "state");
    microseconds kill_after = kNever;
    bool when_open = false;
    std::string step, fails;
    int nth = 0;
    std::uint64_t event = 0;
    what_ = kWays[static_cast<std::size_t>(way)];
    if (way == Way::kKill) {
      when_open = random_() % 4 != 0;  // otherwise it may die while it opens
      kill_after = microseconds(random_() % 200'000);
    } else if (way == Way::kStep) {
      step = kSteps[random_() % kSteps.size()];
      nth = static_cast<int>(1 + random_() % 5);
      what_ += fmt::format(" {} {}", step, nth);
    } else if (way == Way::kFaults) {
      disk.Begin();
      const auto& [kind, error] = kFaults[random_() % kFaults.size()];
      fails = fmt::format("{}:{}:{}{}", kind, 1 + random_() % (kind == "rename" ? 12 : 120), error,
                          random_() % 2 == 0 ? ":once" : "");
      what_ += " " + fails;
    } else {
      disk.Begin();
      event = 1 + random_() % 700;
      what_ += fmt::format(" at change {}", event);
    }
    const unsigned seed = static_cast<unsigned>(random_());
    const Ended ended = RunForked(
        [&] {
          if ((way == Way::kPower || way == Way::kFaults) && !disk.Watch(event, fails)) return 4;
          return Change(*folder_ / "disk/db", seed, step, nth);
        },
        kill_after, when_open);
    if (ended.timed_out) return "it hung";
    const bool killed = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;
    killed_ += killed;
    const bool failed =
        way == Way::kFaults && WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == kFailed;
    if (failed && ended.lines.back().size() < 20) return "no clear error: " + ended.lines.back();
    failed_ += failed;
    if (!killed && !failed && !(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0)) {
      return fmt::format("it ended by itself (wait status {:x}): {}", ended.status,
                         ended.lines.empty() ? "" : ended.lines.back());
    }
    if (way == Way::kPower) disk.FailPower(random_);
    return Look(ended.lines);
  }

  const std::string& what() const { return what_; }
  int killed() const { return killed_; }
  int failed() const { return failed_; }
  std::size_t changes() const { return changes_ + served_.changes(); }

 private:
  void Renew() {
    folder_.emplace();
    std::filesystem::create_directories(*folder_ / "disk");
    model_ = {};
    exists_ = false;
    rounds_ = 0;
  }

  std::optional<std::string> Look(const std::vector<std::string>& lines) {
    std::optional<std::string> in_flight;
    for (const std::string& line : lines) {
      if (line == "opened") {
        exists_ = true;
      } else if (line == "ok") {
        Apply(*in_flight, model_);
        in_flight.reset();
        ++changes_;
      } else if (!line.starts_with("failed")) {
        in_flight = line;
      }
    }
    // Now and then a reader looks first, because a reader must not repair anything.
    if (exists_ && random_() % 2 == 0) {
      if (auto problem = LookAs(OpenMode::kRead, in_flight)) return "to a reader: " + *problem;
    }
    auto problem = LookAs(exists_ ? OpenMode::kWrite : OpenMode::kCreate, in_flight);
    exists_ = true;
    return problem;
  }

  // Looks in a separate process, because this one must not start a thread.
  std::optional<std::string> LookAs(OpenMode mode, const std::optional<std::string>& in_flight) {
    Model after = model_;
    if (in_flight) Apply(*in_flight, after);
    const Ended ended = RunForked(
        [&] {
          bool alarm = false;  // a false notice of a missing change
          const auto opened = Collection::Open(
              *folder_ / "disk/db",
              {.mode = mode, .recipe = "test", .notice = [&](const std::string& line) {
                 alarm |= line.find("acknowledged") != std::string::npos;
               }});
          if (alarm) return Say("said that acknowledged changes are missing"), 1;
          if (!opened) return Say(opened.error().message), 1;
          const auto found = ReadModel(**opened);
          if (!found) return Say(found.error().message), 1;
          const bool made = *found == after;  // a change is there as a whole or not at all
          const auto problem = Differs(**opened, made ? after : model_);
          if (problem) return Say(*problem), 1;
          return Say(made ? "after" : "before"), 0;
        },
        kNever);
    if (ended.timed_out) return "opening hung";
    if (ended.status != 0)
      return ended.lines.empty() ? fmt::format("opening crashed ({:x})", ended.status)
                                 : ended.lines.back();
    if (ended.lines.back() == "after") model_ = after;
    return std::nullopt;
  }

  std::mt19937 random_;
  std::optional<TempFolder> folder_;
  Commands commands_;
  Served served_;
  Model model_;
  bool exists_ = false;
  int rounds_ = 0, killed_ = 0, failed_ = 0;
  std::size_t changes_ = 0;
  std::string what_;
};

int Main(int argc, char** argv) {
  int kills = 1000;
  long seconds = 3600;
  unsigned seed = 1;
  std::optional<Way> only;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--kills") kills = std::stoi(value);
    if (name == "--seconds") seconds = std::stol(value);
    if (name == "--seed") seed = static_cast<unsigned>(std::stoul(value));
    for (std::size_t way = 0; name == "--only" && way < kWays.size(); ++way) {
      if (kWays[way] == value) only = static_cast<Way>(way);
    }
  }
  // Every process of this program is a fork of it, so that only the first one has to be loaded.
  if (std::getenv("INLIER_CRASH_PREPARED") == nullptr) {
    ::setenv("INLIER_CRASH_PREPARED", "1", 1);
    ::setenv("OMP_NUM_THREADS", "1", 1);
#ifndef INLIER_SANITIZED
    ::setenv("LD_PRELOAD", WatchedDiskLibrary(), 1);
#endif
    ::execv("/proc/self/exe", argv);
  }
  // Memory-backed files survive the death of a process just as files on disk do, and syncing them
  // takes no time.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  UseSingleThreadedLibraries();
  Crashes crashes(seed);
  std::array<int, kWays.size()> rounds{};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const auto tried = [&] {
    return fmt::format(
        "{} kills in {} + {} + {} + {} + {} + {} rounds (at any moment, at a step, power cuts, "
        "commands, the server at any moment, its power cuts), {} errors in {} rounds of faults, {} "
        "changes acknowledged, seed {}",
        crashes.killed(), rounds[0], rounds[1], rounds[2], rounds[3], rounds[5], rounds[6],
        crashes.failed(), rounds[4], crashes.changes(), seed);
  };
  // Commands start a whole program, so there are fewer of them.
  constexpr std::array<Way, 14> kOrder{Way::kKill,   Way::kPower,      Way::kStep,  Way::kPower,
                                       Way::kFaults, Way::kKill,       Way::kPower, Way::kStep,
                                       Way::kPower,  Way::kFaults,     Way::kKill,  Way::kCommands,
                                       Way::kServed, Way::kServedPower};
  for (std::size_t i = 0; crashes.killed() < kills && std::chrono::steady_clock::now() < end; ++i) {
    Way way = only.value_or(kOrder[i % kOrder.size()]);
#ifdef INLIER_SANITIZED
    if (way == Way::kServedPower) way = Way::kServed;
    if (way == Way::kPower || way == Way::kFaults)
      way = Way::kKill;  // a sanitizer must be the first library, so nothing else can be preloaded
#endif
    ++rounds[static_cast<std::size_t>(way)];
    if (const auto problem = crashes.Round(way)) {
      fmt::print("crash: LOST after {}: {}; {}\n", crashes.what(), *problem, tried());
      return 1;
    }
  }
  fmt::print("crash: held; {}\n", tried());
  return 0;
}

}  // namespace
}  // namespace inlier::test

int main(int argc, char** argv) { return inlier::test::Main(argc, argv); }

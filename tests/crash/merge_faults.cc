// Lets RocksDB merge the small tables of a store while one write of it fails, once for each write
// of the merges. The process must go on or end with an error, and lose nothing. A rebuild starts
// the merges. It covers every change, so the merge of these leaves nothing behind.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "engine/threads.h"
#include "index/index_size.h"
#include "tests/crash/disk_image.h"
#include "tests/crash/model.h"
#include "tests/crash/process.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

constexpr auto kNever = std::chrono::hours(1);
constexpr int kFailed = 2;  // the exit status after an error that was printed
constexpr unsigned kItems = kTablesMerged - 1;
constexpr std::chrono::milliseconds kMerging(50);
// The rebuild makes some 70 writes before the merges, and these some 30.
constexpr int kFirstWrite = 60, kLastWrite = 110;

// Makes a database of so many tables in every family that the next one starts a merge.
int Make(const std::filesystem::path& folder) {
  const auto opened = Collection::Open(folder, {.mode = OpenMode::kCreate, .recipe = "test"});
  if (!opened) return Say(opened.error().message), 1;
  for (unsigned number = 0; number < kItems; ++number) {
    for (const std::string& change :
         {fmt::format("put {}:{}", number, number), std::string("checkpoint")}) {
      if (const Status changed = Apply(change, **opened); !changed)
        return Say(changed.error().message), 1;
    }
  }
  return 0;
}

// Starts the merge, and gives it the time to end.
int Merge(const std::filesystem::path& folder) {
  const auto opened = Collection::Open(folder, {.mode = OpenMode::kWrite, .recipe = "test"});
  if (!opened) return Say("failed " + opened.error().message), kFailed;
  if (const Status rebuilt = (*opened)->Rebuild(); !rebuilt)
    return Say("failed " + rebuilt.error().message), kFailed;
  std::this_thread::sleep_for(kMerging);
  return 0;
}

// Returns a description of what is wrong, or nothing.
std::optional<std::string> LookAt(const std::filesystem::path& folder) {
  Model expected;
  for (unsigned number = 0; number < kItems; ++number)
    expected.items[number] = Held{.pictures = {number}, .note = 0};
  const Ended ended = RunForked(
      [&] {
        const auto opened = Collection::Open(folder, {.mode = OpenMode::kWrite, .recipe = "test"});
        if (!opened) return Say(opened.error().message), 1;
        const auto problem = Differs(**opened, expected);
        return problem ? (Say(*problem), 1) : 0;
      },
      kNever);
  if (ended.status == 0) return std::nullopt;
  return ended.lines.empty() ? fmt::format("opening crashed ({:x})", ended.status)
                             : ended.lines.back();
}

int Main(char** argv) {
  if (std::getenv("INLIER_CRASH_PREPARED") == nullptr) {
    ::setenv("INLIER_CRASH_PREPARED", "1", 1);
    ::setenv("OMP_NUM_THREADS", "1", 1);
    ::setenv("LD_PRELOAD", WatchedDiskLibrary(), 1);
    ::execv("/proc/self/exe", argv);
  }
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  UseSingleThreadedLibraries();
  const TempFolder folder;
  const auto before = folder / "before", disk = folder / "disk";
  std::filesystem::create_directories(before);
  if (RunForked([&] { return Make(before / "db"); }, kNever).status != 0) {
    fmt::print("merge faults: the database could not be made\n");
    return 1;
  }
  int errors = 0;
  for (int write = kFirstWrite; write <= kLastWrite; ++write) {
    std::filesystem::remove_all(disk);
    std::filesystem::copy(before, disk, std::filesystem::copy_options::recursive);
    DiskImage image(disk, folder / "state");
    image.Begin();
    const std::string fails = fmt::format("write:{}:{}:once", write, EIO);
    const Ended ended =
        RunForked([&] { return image.Watch(0, fails) ? Merge(disk / "db") : 4; }, kNever);
    const bool failed = WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == kFailed;
    errors += failed;
    const auto problem = ended.status != 0 && !failed
                             ? fmt::format("it ended with wait status {:x}", ended.status)
                             : LookAt(disk / "db");
    if (problem) {
      fmt::print("merge faults: after {}: {}\n", fails, *problem);
      return 1;
    }
  }
  fmt::print("merge faults: held; each of {} writes failed, {} ended with an error\n",
             kLastWrite - kFirstWrite + 1, errors);
  return 0;
}

}  // namespace
}  // namespace inlier::test

int main(int, char** argv) { return inlier::test::Main(argv); }

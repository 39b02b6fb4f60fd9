// What the crash tests run in a separate program, because RocksDB's threads do not survive a fork.
//   child die FOLDER STEP BEGIN END   adds items, then dies by SIGKILL at a step of its checkpoint
//   child fill FOLDER                 fills a small disk, enlarges it and checks what is left
#include <csignal>
#include <cstdio>
#include <string>

#include <unistd.h>

#include "index/collection.h"
#include "tests/index/child.h"
#include "tests/index/made_items.h"
#include "tests/support/small_disk.h"

namespace inlier::test {
namespace {

int Die(const std::filesystem::path& folder, const std::string& dies_at, unsigned begin,
        unsigned end) {
  const auto die = [] { kill(getpid(), SIGKILL); };
  auto collection = Collection::Open(
      folder, {.mode = OpenMode::kCreate, .recipe = "test", .step = [&](std::string_view step) {
                 if (step == dies_at) die();
               }});
  if (!collection || !(*collection)->Put(MakeItems(begin, end))) return 2;
  if (dies_at == "acknowledged") die();
  if (!(*collection)->Remove({"item-" + std::to_string(begin)})) return 3;
  if (!(*collection)->Checkpoint()) return 4;
  return 5;  // the step was never reached
}

int Fill(const std::filesystem::path& folder) {
  if (!MountSmallDisk(folder, "size=6m")) return kCannotMount;
  unsigned acknowledged = 0;
  {
    auto collection =
        Collection::Open(folder / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
    if (!collection) return kNotReopened;
    for (;; ++acknowledged) {
      if (acknowledged == 500) return kNeverFull;
      std::vector<ItemUpdate> items;
      items.push_back(MakeItem(acknowledged, 300));
      const Status added = (*collection)->Put(items);
      if (added) continue;
      if (added.error().code != ErrorCode::kDiskFull ||
          added.error().message.find("disk is full") == std::string::npos) {
        std::fprintf(stderr, "%s\n", added.error().message.c_str());
        return kWrongError;
      }
      break;
    }
  }
  if (!ResizeSmallDisk(folder, "size=64m")) return kCannotMount;
  auto collection = Collection::Open(folder / "db", {.mode = OpenMode::kWrite});
  if (!collection) {
    std::fprintf(stderr, "%s\n", collection.error().message.c_str());
    return kNotReopened;
  }
  for (unsigned i = 0; i < acknowledged; ++i) {
    const auto found = (*collection)->Find("item-" + std::to_string(i));
    if (!found || !*found) return kLost;
  }
  const auto report = (*collection)->Check();
  return acknowledged > 3 && report && report->problems.empty() && (*collection)->Checkpoint()
             ? kHeld
             : kLost;
}

}  // namespace
}  // namespace inlier::test

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "fill") return inlier::test::Fill(argv[2]);
  if (mode != "die" || argc != 6) return 64;
  return inlier::test::Die(argv[2], argv[3], static_cast<unsigned>(std::stoul(argv[4])),
                           static_cast<unsigned>(std::stoul(argv[5])));
}

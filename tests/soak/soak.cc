// Runs a writer and readers of one database side by side for a given time.
//   inlier_soak [--seconds N] [--readers N] [--seed N]
// One thread changes the database as the crash harness does (items, single pictures, notes,
// twins, checkpoint, rebuild). Meanwhile readers search and fetch keypoints and descriptors, and
// one of them reopens the database over and over. Items that the writer leaves alone must be found
// each time. The program exits with 0 when they were, the database is intact at the end and memory
// did not grow; it prints a line about what was tried.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/crash/model.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kStable = 48;        // items that nobody changes
constexpr unsigned kFirstOther = 1000;  // the first number of the items that come and go
constexpr std::size_t kMaxOthers = 200;
constexpr double kMaxGrowth_mb = 32;  // from the first third of the time to the end

double Resident_mb() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

class Soak {
 public:
  Soak(int seconds, int readers, unsigned seed)
      : end_(Clock::now() + std::chrono::seconds(seconds)), readers_(readers), seed_(seed) {}

  int Run() {
    auto opened = Collection::Open(
        folder_ / "db",
        {.mode = OpenMode::kCreate, .recipe = "test", .threads = 2, .memory_bytes = 0});
    if (!opened) return Wrong(opened.error().message), Report(0, 0);
    collection_ = std::move(*opened);
    std::vector<ItemUpdate> items;
    for (unsigned i = 0; i < kStable; ++i) items.push_back(MakeHeld(i, {.pictures = {i}}));
    if (const Status added = collection_->Put(items); !added) Wrong(added.error().message);
    if (const Status written = collection_->Checkpoint(); !written) Wrong(written.error().message);
    const auto warm = Clock::now() + (end_ - Clock::now()) / 3;
    double early_mb = 0;
    {
      std::vector<std::jthread> threads;
      threads.emplace_back([this] { Write(); });
      threads.emplace_back([this] { Reopen(); });
      for (int i = 0; i < readers_; ++i)
        threads.emplace_back([this, i] { Read(static_cast<unsigned>(i)); });
      while (Clock::now() < warm && !Done())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      early_mb = Resident_mb();
    }
    const double late_mb = Resident_mb();
    if (late_mb > early_mb + kMaxGrowth_mb)
      Wrong(fmt::format("memory grew from {:.0f} MB to {:.0f} MB", early_mb, late_mb));
    const auto report = collection_->Check();
    if (!report)
      Wrong(report.error().message);
    else if (!report->problems.empty())
      Wrong(report->problems.front());
    return Report(early_mb, late_mb);
  }

 private:
  bool Done() const { return Clock::now() >= end_ || wrong_; }

  void Wrong(const std::string& what) {
    std::lock_guard lock(mutex_);
    if (!wrong_) what_ = what;
    wrong_ = true;
  }

  // Changes only items with numbers from kFirstOther on.
  void Write() {
    std::mt19937 random(seed_);
    Model model;
    if (const Status put = Apply(fmt::format("put {0}:{0}", kFirstOther), *collection_); !put)
      return Wrong(put.error().message);
    model.items[kFirstOther] = {.pictures = {kFirstOther}};
    while (!Done()) {
      std::string change = MakeChange(model, random);
      if (model.items.size() > kMaxOthers)
        change = fmt::format("drop {}", model.items.begin()->first);
      const Status changed = Apply(change, *collection_);
      if (!changed) return Wrong(change + ": " + changed.error().message);
      Apply(change, model);
      ++changes_;
    }
  }

  // Searches for a stable item and compares its stored features with the original.
  bool Look(const Collection& collection, unsigned number, unsigned seed) {
    const ItemUpdate item = MakeHeld(number, {.pictures = {number}});
    const auto found = collection.Search(MakePhoto(item, 6, seed), 3, {});
    if (!found) return Wrong(found.error().message), false;
    if (found->empty() || found->front().number != number)
      return Wrong(item.id + " does not answer its own photo"), false;
    std::vector<FaceNumber> numbers;
    for (const Candidate& candidate : *found) numbers.push_back(candidate.number);
    auto keypoints = collection.FetchKeypoints(numbers);
    if (!keypoints) return Wrong(keypoints.error().message), false;
    const auto stored = collection.FetchDescriptors(std::move(*keypoints));
    if (!stored) return Wrong(stored.error().message), false;
    if (stored->empty() || !stored->front() ||
        stored->front()->features.descriptors != AsStored(FeaturesOf(item)).descriptors) {
      return Wrong(item.id + " has other features"), false;
    }
    return true;
  }

  void Read(unsigned number) {
    std::mt19937 random(seed_ + 1 + number);
    while (!Done()) {
      if (!Look(*collection_, static_cast<unsigned>(random() % kStable),
                static_cast<unsigned>(random())))
        return;
      ++searches_;
    }
  }

  void Reopen() {
    std::mt19937 random(seed_ + 77);
    while (!Done()) {
      const std::uint64_t memory_bytes = random() % 2 == 0 ? 0 : 1'000'000'000;
      std::string notice;
      const auto reader = Collection::Open(
          folder_ / "db", {.memory_bytes = memory_bytes,
                           .notice = [&](const std::string& line) { notice = line; }});
      if (!reader) return Wrong("a reader: " + reader.error().message);
      if (!notice.empty()) return Wrong("a reader: " + notice);
      if (!Look(**reader, static_cast<unsigned>(random() % kStable),
                static_cast<unsigned>(random())))
        return;
      ++openings_;
    }
  }

  int Report(double early_mb, double late_mb) {
    fmt::print(
        "soak: {}; {} changes beside {} searches of {} readers and {} openings; memory {:.0f} MB "
        "after a third, {:.0f} MB at the end; seed {}\n",
        wrong_ ? "WRONG: " + what_ : "held", changes_.load(), searches_.load(), readers_,
        openings_.load(), early_mb, late_mb, seed_);
    return wrong_ ? 1 : 0;
  }

  TempFolder folder_;
  std::unique_ptr<Collection> collection_;
  Clock::time_point end_;
  int readers_;
  unsigned seed_;
  std::atomic<std::size_t> changes_{0}, searches_{0}, openings_{0};
  std::atomic<bool> wrong_{false};
  std::mutex mutex_;
  std::string what_;
};

int Main(int argc, char** argv) {
  int seconds = 600, readers = 2;
  unsigned seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const int value = std::stoi(argv[i + 1]);
    if (name == "--seconds") seconds = value;
    if (name == "--readers") readers = value;
    if (name == "--seed") seed = static_cast<unsigned>(value);
  }
  return Soak(seconds, readers, seed).Run();
}

}  // namespace
}  // namespace inlier::test

int main(int argc, char** argv) { return inlier::test::Main(argc, argv); }

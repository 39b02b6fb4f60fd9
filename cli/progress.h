#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "inlier/progress.h"

namespace inlier::cli {

/// "query 120/1000 (12 %), 4.8 a second, 3 min 03 s left". When there are no steps, or only one,
/// the time spent on the stage takes the place of all that. Rate and estimate are those of the
/// whole stage; they come after its first second.
std::string ProgressText(std::string_view stage, std::size_t done, std::size_t total,
                         double spent_s);

/// Shows on stderr how far a long task has come. On a terminal this is one line that is kept up to
/// date, elsewhere a new line every two seconds. A task of under two seconds shows nothing. Update
/// may be called from many threads.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `done` of `total` steps of `stage` are done.
  void Update(std::string_view stage, std::size_t done = 0, std::size_t total = 0);
  /// A function that calls Update. It must not outlive this object.
  ProgressFunction Function();

 private:
  using Clock = std::chrono::steady_clock;
  void Run();

  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stop_ = false;
  std::string stage_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  Clock::time_point stage_start_;
  bool terminal_ = false;
  std::thread thread_;
};

}  // namespace inlier::cli

#include "cli/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <system_error>

#include <fmt/core.h>

#include "cli/console.h"

namespace inlier::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 2s;
constexpr auto kTerminalPeriod = 200ms;

std::string Duration(double seconds) {
  const long whole = std::lround(seconds);
  if (whole < 100) return fmt::format("{} s", whole);
  if (whole < 6000) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

// Steps of under one a second are counted by the minute, so that the number says something.
std::string Rate(double per_second) {
  if (per_second >= 10) return fmt::format("{:.0f} a second", per_second);
  if (per_second >= 1) return fmt::format("{:.1f} a second", per_second);
  return fmt::format("{:.1f} a minute", 60 * per_second);
}

}  // namespace

std::string ProgressText(std::string_view stage, std::size_t done, std::size_t total,
                         double spent_s) {
  if (total <= 1) return fmt::format("{}, {}", stage, Duration(spent_s));
  const double steps = static_cast<double>(done), all = static_cast<double>(total);
  std::string text =
      fmt::format("{} {}/{} ({:.0f} %)", stage, done, total, std::floor(100 * steps / all));
  if (done == 0 || spent_s <= 1) return text;
  return text + fmt::format(", {}, {} left", Rate(steps / spent_s),
                            Duration(spent_s * (all - steps) / steps));
}

ProgressLine::ProgressLine(bool quiet)
    : stage_start_(Clock::now()), terminal_(isatty(STDERR_FILENO) != 0) {
  try {
    if (!quiet) thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {  // the limit of threads is met: the work is worth more
  }
}

ProgressLine::~ProgressLine() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stop_requested_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (terminal_) ShowStatusLine("");
}

void ProgressLine::Update(std::string_view stage, std::size_t done, std::size_t total) {
  std::lock_guard lock(mutex_);
  if (stage_ != stage) {
    stage_ = stage;
    stage_start_ = Clock::now();
  }
  done_ = done;
  total_ = total;
}

ProgressFunction ProgressLine::Function() {
  return
      [this](const Progress& progress) { Update(progress.stage, progress.done, progress.total); };
}

// This runs on a thread of its own, so that the line also moves while the work is inside one long
// call that reports nothing.
void ProgressLine::Run() {
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stop_; };
  auto pause = Clock::duration(kPatience);
  while (!stop_requested_.wait_for(lock, pause, stopped)) {
    pause = terminal_ ? Clock::duration(kTerminalPeriod) : Clock::duration(kPatience);
    if (stage_.empty()) continue;
    const std::string line = ProgressText(
        stage_, done_, total_, std::chrono::duration<double>(Clock::now() - stage_start_).count());
    if (terminal_) {
      ShowStatusLine(line);
    } else {
      fmt::print(stderr, "{}\n", line);
    }
  }
}

}  // namespace inlier::cli

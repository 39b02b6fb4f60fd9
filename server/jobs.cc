#include "server/jobs.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>
#include <random>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "server/message.h"

namespace inlier::server {
namespace {

constexpr std::size_t kRemembered = 100;
constexpr std::size_t kMaxWaiting = 10;
constexpr std::size_t kMaxMessages = 20;

// An exception, for example because there is no memory, fails its job and not the server.
Status Outcome(const Jobs::Work& work, Jobs::Report& report) {
  try {
    return work(report);
  } catch (const std::exception& thrown) {
    return Fail(ErrorCode::kIo, std::string("a job: ") + thrown.what());
  }
}

}  // namespace

std::string TimeNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

void Jobs::Report::Progress(std::uint64_t done, std::uint64_t total) {
  jobs_.Change(id_, [&](wire::Job& job) { std::tie(job.done, job.total) = std::tie(done, total); });
}

void Jobs::Report::Failed(std::string message) {
  jobs_.Change(id_, [&](wire::Job& job) {
    ++job.failed;
    if (job.messages.size() < kMaxMessages) job.messages.push_back(std::move(message));
  });
}

void Jobs::Report::SetResult(std::string path) {
  jobs_.Change(id_, [&](wire::Job& job) { job.result = std::move(path); });
}

// Each run of the server gives different ids, so that nobody takes one job for another.
Jobs::Jobs() : prefix_(fmt::format("{:08x}", std::random_device()())), thread_([this] { Run(); }) {}

Jobs::~Jobs() { Stop(); }

std::optional<wire::Job> Jobs::Start(const std::string& kind, Work work) {
  wire::Job job{.id = {}, .kind = kind, .state = "waiting"};
  job.created = TimeNow();
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return std::nullopt;
    job.id = fmt::format("{}-{}", prefix_, next_++);
    jobs_.push_back(job);
    if (jobs_.size() > kRemembered) jobs_.pop_front();
    waiting_.push_back({job.id, std::move(work)});
  }
  wake_.notify_one();
  return job;
}

std::optional<wire::Job> Jobs::Find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(jobs_, id, &wire::Job::id);
  return found == jobs_.end() ? std::nullopt : std::optional(*found);
}

std::vector<wire::Job> Jobs::All() const {
  std::lock_guard lock(mutex_);
  return {jobs_.rbegin(), jobs_.rend()};
}

bool Jobs::running() const {
  std::lock_guard lock(mutex_);
  return running_ || !waiting_.empty();
}

void Jobs::Change(const std::string& id, const std::function<void(wire::Job&)>& change) {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(jobs_, id, &wire::Job::id);
  if (found != jobs_.end()) change(*found);
}

void Jobs::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    running_ = true;
    lock.unlock();
    Change(next.id, [](wire::Job& job) { job.state = "running"; });
    Report report(*this, next.id);
    const Status status = Outcome(next.work, report);
    Change(next.id, [&](wire::Job& job) {
      job.state = status ? "done" : "failed";
      if (!status) job.messages.push_back(ProblemOf(status.error()).detail);
      job.finished = TimeNow();
    });
    lock.lock();
    running_ = false;
  }
}

void Jobs::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace inlier::server

#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "inlier/error.h"
#include "wire/service.h"

namespace inlier::server {

/// What takes longer than a client should wait, one after another on a thread of its own. The last
/// hundred jobs that are done are remembered. Safe to call from many threads.
class Jobs {
 public:
  /// How a job reports its progress. It ends early when `cancelled` is set.
  class Report {
   public:
    Report(Jobs& jobs, std::string id) : jobs_(jobs), id_(std::move(id)) {}
    void Progress(std::uint64_t done, std::uint64_t total);
    /// A part of the job has failed, and the job goes on.
    void Failed(std::string message);
    void SetResult(std::string path);
    const std::atomic<bool>& cancelled() const { return jobs_.stopping_; }
    const std::string& id() const { return id_; }

   private:
    Jobs& jobs_;
    std::string id_;
  };
  using Work = std::function<Status(Report&)>;

  Jobs();
  /// As Stop.
  ~Jobs();
  /// Nothing when so many wait already that another one would be forgotten.
  std::optional<wire::Job> Start(const std::string& kind, Work work);
  std::optional<wire::Job> Find(const std::string& id) const;
  /// The newest first.
  std::vector<wire::Job> All() const;
  bool running() const;
  /// Asks the job that runs to end, waits for it, and drops those that wait.
  void Stop();

 private:
  struct Waiting {
    std::string id;
    Work work;
  };
  void Run();
  void Change(const std::string& id, const std::function<void(wire::Job&)>& change);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<wire::Job> jobs_;  // the newest last
  std::deque<Waiting> waiting_;
  std::string prefix_;
  std::uint64_t next_ = 1;
  bool running_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// The time now, as RFC 3339 has it: 2026-03-01T12:00:00Z.
std::string TimeNow();

}  // namespace inlier::server

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace inlier::server {

/// As much work at once as there are threads, and a short queue before them whose wait is bounded.
/// What would wait longer is refused at once: a client that is told so can go elsewhere, while a
/// long queue makes everybody late. How long work would wait follows from how long the last pieces
/// took.
class WorkPool {
 public:
  using Clock = std::chrono::steady_clock;
  /// Tells somebody the outcome of a piece. May be empty.
  using Completion = std::function<void()>;
  /// A piece of work is told how long it has waited, and returns the function that tells its
  /// outcome. That is called when its worker counts as free again: whoever hears the outcome and
  /// asks again at once would otherwise find the worker busy.
  using Work = std::function<Completion(double waited_ms)>;

  WorkPool(int threads, std::size_t queue, std::chrono::milliseconds longest_wait);
  /// As Stop.
  ~WorkPool();

  /// True when Submit would refuse work now.
  bool Full() const;
  /// False when the queue is full, or the wait would be too long. `expired` is called in place of
  /// `work` when it had to wait longer than it may after all, and `failed` when `work` has thrown,
  /// for example because there is no memory: that ends the piece and not the server.
  bool Submit(Work work, Completion expired, Completion failed = nullptr);
  /// For the next piece of something that was accepted already. It is never refused and never
  /// expires.
  void Continue(Work work, Completion failed = nullptr);

  std::size_t waiting() const;
  std::size_t running() const;
  /// Waits until no work waits or runs, but no longer than `until`. True when all is done.
  bool Drain(Clock::time_point until);
  /// Work that waits expires; work that runs is waited for.
  void Stop();

 private:
  struct Piece {
    Work work;
    Completion expired;  // not set: it never expires
    Completion failed;
    Clock::time_point since;
  };
  bool FullLocked() const;
  void Run();
  void Do(Piece piece, std::unique_lock<std::mutex>& lock);

  const std::size_t queue_length_;
  const double longest_wait_ms_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  std::deque<Piece> queue_;
  std::size_t running_ = 0;
  std::size_t telling_ = 0;  // workers that are as good as free
  double usual_ms_ = 0;      // of a piece, a moving average
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace inlier::server

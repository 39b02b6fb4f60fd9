#include "server/work_pool.h"

#include <exception>
#include <utility>

namespace inlier::server {
namespace {

constexpr double kNewestShare = 0.1;  // of the newest piece in the moving average

double Milliseconds(WorkPool::Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// What is to be called when a piece is done: what the work returns or, if it has thrown, `failed`.
WorkPool::Completion Outcome(const WorkPool::Work& work, const WorkPool::Completion& failed,
                             double waited_ms) {
  try {
    return work(waited_ms);
  } catch (const std::exception&) {
    return failed;
  }
}

// Calls it. False when it has thrown.
bool Called(const WorkPool::Completion& completion) {
  try {
    if (completion) completion();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

WorkPool::WorkPool(int threads, std::size_t queue, std::chrono::milliseconds longest_wait)
    : queue_length_(queue), longest_wait_ms_(Milliseconds(longest_wait)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkPool::~WorkPool() { Stop(); }

bool WorkPool::FullLocked() const {
  if (stopping_ || queue_.size() >= queue_length_ + (threads_.size() - running_)) return true;
  // Workers that are free take what waits before anything new.
  const std::size_t there = queue_.size() + running_;
  if (there < threads_.size()) return false;
  const auto before = static_cast<double>(there - threads_.size() + 1);
  return before * usual_ms_ / static_cast<double>(threads_.size()) > longest_wait_ms_;
}

bool WorkPool::Full() const {
  std::lock_guard lock(mutex_);
  return FullLocked();
}

bool WorkPool::Submit(Work work, Completion expired, Completion failed) {
  {
    std::lock_guard lock(mutex_);
    if (FullLocked()) return false;
    queue_.push_back({std::move(work), std::move(expired), std::move(failed), Clock::now()});
  }
  wake_.notify_one();
  return true;
}

void WorkPool::Continue(Work work, Completion failed) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back({std::move(work), nullptr, std::move(failed), Clock::now()});
  }
  wake_.notify_one();
}

std::size_t WorkPool::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t WorkPool::running() const {
  std::lock_guard lock(mutex_);
  return running_;
}

void WorkPool::Do(Piece piece, std::unique_lock<std::mutex>& lock) {
  const double waited_ms = Milliseconds(Clock::now() - piece.since);
  const bool late = piece.expired && (stopping_ || waited_ms > longest_wait_ms_);
  ++running_;
  lock.unlock();
  const auto begin = Clock::now();
  Completion completion =
      late ? std::move(piece.expired) : Outcome(piece.work, piece.failed, waited_ms);
  const double took_ms = Milliseconds(Clock::now() - begin);
  Completion failed = std::move(piece.failed);
  piece = {};  // what it holds goes before the lock is taken
  lock.lock();
  --running_;
  ++telling_;
  if (!late) {
    usual_ms_ = usual_ms_ == 0 ? took_ms : usual_ms_ + kNewestShare * (took_ms - usual_ms_);
  }
  lock.unlock();
  if (!Called(completion) && !late) Called(failed);
  completion = failed = nullptr;
  lock.lock();
  --telling_;
  quiet_.notify_all();
}

void WorkPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Piece piece = std::move(queue_.front());
    queue_.pop_front();
    Do(std::move(piece), lock);
  }
}

bool WorkPool::Drain(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  return quiet_.wait_until(lock, until,
                           [this] { return queue_.empty() && running_ == 0 && telling_ == 0; });
}

void WorkPool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace inlier::server

#include "python/src/call.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace inlier::python {
namespace {

namespace nb = nanobind;
using std::chrono::milliseconds;

constexpr milliseconds kSignalEvery{15};  // how often a call looks for signals
constexpr milliseconds kStopWithin{60};   // what an interrupted work has to stop by itself

unsigned long main_thread = 0;

// Threads that do the work of the main thread. Each waits for its next work, so that the memory
// which the engine keeps for a thread is used again. They are never joined: the pool outlives the
// interpreter, and a process that forked makes another one, since threads do not survive a fork.
class Workers {
 public:
  static Workers& OfThisProcess() {
    static std::mutex mutex;
    static Workers* workers = nullptr;  // leaked on purpose
    static pid_t process = 0;
    if (process != getpid()) {
      workers = new Workers;
      process = getpid();
    }
    return *workers;
  }

  void Start(std::function<void()> work) {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (idle_ >= waiting_.size()) {
      wake_.notify_one();
    } else {
      std::thread([this] { Serve(); }).detach();
    }
  }

 private:
  void Serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this] { return !waiting_.empty(); });
      --idle_;
      auto work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
};

// Where the work of another thread says that it is done.
struct Outcome {
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
  std::exception_ptr thrown;

  bool WaitFor(milliseconds time) {
    const nb::gil_scoped_release unlocked;
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, time, [this] { return done; });
  }
};

void RunElsewhere(std::atomic<bool>& cancel, std::function<void()> work) {
  const auto outcome = std::make_shared<Outcome>();
  Workers::OfThisProcess().Start([outcome, work = std::move(work)]() mutable {
    std::exception_ptr thrown;
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    // What the work owns is let go before the caller hears of its end.
    work = nullptr;
    std::lock_guard lock(outcome->mutex);
    outcome->thrown = std::move(thrown);
    outcome->done = true;
    outcome->wake.notify_all();
  });
  while (!outcome->WaitFor(kSignalEvery)) {
    if (PyErr_CheckSignals() == 0) continue;
    nb::python_error interrupt;  // holds what the signal's handler has raised
    cancel = true;
    outcome->WaitFor(kStopWithin);
    throw interrupt;
  }
  if (outcome->thrown) std::rethrow_exception(outcome->thrown);
}

}  // namespace

std::shared_ptr<Call> NewCall(std::shared_ptr<std::atomic<bool>> cancel) {
  if (!cancel) cancel = std::make_shared<std::atomic<bool>>(false);
  return std::shared_ptr<Call>(new Call(std::move(cancel)));
}

void Call::Ask(const std::function<void()>& callback) {
  if (*cancel_) return;
  const nb::gil_scoped_acquire locked;
  if (*cancel_) return;
  try {
    callback();
  } catch (...) {
    if (!raised_) raised_ = std::current_exception();
    *cancel_ = true;
  }
}

void RunCall(const std::shared_ptr<Call>& call, std::function<void()> work) {
  try {
    if (PyThread_get_thread_ident() == main_thread) {
      RunElsewhere(*call->cancel_, std::move(work));
    } else {
      const nb::gil_scoped_release unlocked;
      work();
      work = nullptr;
    }
  } catch (...) {
    if (call->raised_) std::rethrow_exception(std::exchange(call->raised_, nullptr));
    throw;
  }
  if (call->raised_) std::rethrow_exception(std::exchange(call->raised_, nullptr));
}

void RememberMainThread() {
  main_thread = nb::cast<unsigned long>(
      nb::module_::import_("threading").attr("main_thread")().attr("ident"));
}

}  // namespace inlier::python

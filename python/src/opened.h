#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <sys/types.h>

#include "inlier/engine.h"
#include "python/src/call.h"

namespace inlier::python {

/// An engine that Python has open. Calls use it from many threads; it is closed when the last of
/// them has ended, and the lock of its folder is released then.
class Opened {
 public:
  explicit Opened(std::unique_ptr<Engine> engine);
  /// In a process that was forked off, the engine is left as it is: its threads are not there, and
  /// the files belong to the parent.
  ~Opened();
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  /// Keeps the engine open for as long as it lives.
  class Use {
   public:
    explicit Use(std::shared_ptr<Opened> opened);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    Engine* operator->() const { return opened_->engine_.get(); }
    Engine& operator*() const { return *opened_->engine_; }

   private:
    std::shared_ptr<Opened> opened_;
  };

  /// Raises ClosedError or ForkedError when it cannot be used here.
  void Check() const;
  /// From now on no call may begin. Waits for those that run, and closes the engine. Raises
  /// BusyError when a callback of such a call asks for it.
  void Close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  int uses_ = 0;
  bool closed_ = false;
  std::unique_ptr<Engine> engine_;
  pid_t process_;
};

/// To be called in a process that was just forked off. RocksDB waits for its threads when a program
/// ends, and they are not there. Where a database was open, the process therefore ends without
/// that.
void AfterFork();

}  // namespace inlier::python

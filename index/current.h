#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace inlier {

/// A value that one thread replaces while others work with it. Whoever takes it keeps the value as
/// it was at that moment for as long as it is needed, so readers never wait for a change, and they
/// see all of it or nothing.
template <class T>
class Current {
 public:
  std::shared_ptr<const T> Get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }

  void Replace(T next) {
    auto shared = std::make_shared<const T>(std::move(next));
    std::lock_guard lock(mutex_);
    // The old value is freed after the lock, or by the last reader that has it.
    value_.swap(shared);
  }

 private:
  mutable std::mutex mutex_;  // held for as long as it takes to copy a pointer
  std::shared_ptr<const T> value_ = std::make_shared<const T>();
};

}  // namespace inlier

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <variant>
#include <vector>

#include "inlier/engine.h"

namespace inlier::server {

/// Bounds the bytes of the items of an import that wait to be written. One item may always wait, so
/// that an item that is larger than the bound gets through alone.
class InFlight {
 public:
  static constexpr std::uint64_t kMaxBytes = 64'000'000;

  /// Counts for as long as it lives. It lives as long as the change, whatever happens to that.
  class Share {
   public:
    Share(InFlight& of, std::uint64_t bytes) : of_(of), bytes_(bytes) { of_.Begin(bytes_); }
    ~Share() { of_.End(bytes_); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

   private:
    InFlight& of_;
    const std::uint64_t bytes_;
  };

  InFlight() = default;
  /// Waits for all shares: the changes that hold them refer to what the import has on its stack.
  ~InFlight() {
    std::unique_lock lock(mutex_);
    less_.wait(lock, [this] { return count_ == 0; });
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  void Begin(std::uint64_t bytes) {
    std::unique_lock lock(mutex_);
    less_.wait(lock, [&] { return count_ == 0 || bytes_ + bytes <= kMaxBytes; });
    ++count_;
    bytes_ += bytes;
  }
  void End(std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    --count_;
    bytes_ -= bytes;
    less_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable less_;
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

/// About what an item takes in memory.
inline std::uint64_t SizeOf(const ItemToAdd& item) {
  constexpr std::uint64_t kBesides = 1'024;
  std::uint64_t bytes = kBesides;
  for (const Picture& picture : item.pictures) {
    if (const auto* file = std::get_if<std::vector<std::uint8_t>>(&picture)) bytes += file->size();
  }
  for (const auto& [name, value] : item.metadata) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace inlier::server

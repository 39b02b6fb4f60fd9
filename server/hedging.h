#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace inlier::server {

/// When a gateway asks a second server because the first is slow (a hedge; Dean and Barroso, The
/// Tail at Scale, 2013): after the 95th percentile of the times that requests of this round took
/// lately, and at most once for twenty requests, so that a cluster that is slow as a whole gets at
/// most a twentieth more work. Safe to call from many threads.
class Hedging {
 public:
  using Duration = std::chrono::microseconds;
  static constexpr std::uint64_t kRequestsForOne = 20;
  static constexpr std::uint64_t kBurst = 32;  // hedges that may be made at once after a lull
  static constexpr std::size_t kRecent = 256;  // times of a round that are kept
  static constexpr std::size_t kLeast = 32;    // fewest times that a percentile is taken of
  static constexpr Duration kFloor = std::chrono::milliseconds(10);
  static constexpr Duration kAtFirst = std::chrono::milliseconds(100);  // without enough times
  static constexpr int kRounds = 17;  // those of queries, and lists

  struct Counts {
    std::uint64_t requests = 0, hedged = 0;
  };

  /// How long to wait for the first server. Rounds are numbers below kRounds.
  Duration Delay(int round) const;
  /// How long one server took, or how long it was given if its answer was not waited for.
  void Record(int round, Duration took);
  /// Requests are about to be sent, hedges not among them.
  void CountRequests(std::size_t count);
  /// True when there may be a hedge, which is then counted.
  bool Take();
  Counts counts() const;

 private:
  struct Times {
    std::array<Duration, kRecent> recent{};
    std::size_t count = 0;  // of all times
    Duration delay = kAtFirst;
  };
  mutable std::mutex mutex_;
  std::array<Times, kRounds> rounds_;
  std::uint64_t credit_ = 0;  // requests that no hedge has been made for
  Counts counts_;
};

}  // namespace inlier::server

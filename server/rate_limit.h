#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace inlier::server {

/// How many requests each name may make in a minute, as a bucket that fills evenly (token bucket);
/// a burst may take a tenth of a minute's at once. Safe to call from many threads.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;
  /// 0: any number.
  explicit RateLimit(int per_minute) : per_minute_(per_minute) {}
  /// False when the name has used up its share for now.
  bool Take(const std::string& name, Clock::time_point now);

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  const int per_minute_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace inlier::server

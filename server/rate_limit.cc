#include "server/rate_limit.h"

#include <algorithm>

namespace inlier::server {
namespace {

constexpr std::size_t kMaxNames = 10'000;  // then those that are full again are forgotten

}  // namespace

bool RateLimit::Take(const std::string& name, Clock::time_point now) {
  if (per_minute_ == 0) return true;
  const double most = std::max(1.0, per_minute_ / 10.0);
  const auto filled = [&](const Bucket& bucket) {
    const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
    return std::min(most, bucket.tokens + seconds * per_minute_ / 60);
  };
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMaxNames)
    std::erase_if(buckets_, [&](const auto& entry) { return filled(entry.second) >= most; });
  Bucket& bucket = buckets_.try_emplace(name, Bucket{most, now}).first->second;
  bucket = {filled(bucket), now};
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace inlier::server

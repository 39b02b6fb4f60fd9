#include "server/hedging.h"

#include <algorithm>

namespace inlier::server {
namespace {

constexpr std::size_t kBetween = 16;  // times, until the percentile is taken again

}  // namespace

Hedging::Duration Hedging::Delay(int round) const {
  std::lock_guard lock(mutex_);
  return rounds_.at(static_cast<std::size_t>(round)).delay;
}

void Hedging::Record(int round, Duration took) {
  std::lock_guard lock(mutex_);
  Times& times = rounds_.at(static_cast<std::size_t>(round));
  times.recent[times.count++ % kRecent] = took;
  if (times.count < kLeast || times.count % kBetween != 0) return;
  const std::size_t kept = std::min(times.count, kRecent);
  auto sorted = times.recent;
  const auto rank = sorted.begin() + static_cast<std::ptrdiff_t>(kept * 95 / 100);
  std::nth_element(sorted.begin(), rank, sorted.begin() + static_cast<std::ptrdiff_t>(kept));
  times.delay = std::max(*rank, kFloor);
}

void Hedging::CountRequests(std::size_t count) {
  std::lock_guard lock(mutex_);
  counts_.requests += count;
  credit_ = std::min(credit_ + count, kBurst * kRequestsForOne);
}

bool Hedging::Take() {
  std::lock_guard lock(mutex_);
  if (credit_ < kRequestsForOne) return false;
  credit_ -= kRequestsForOne;
  ++counts_.hedged;
  return true;
}

Hedging::Counts Hedging::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace inlier::server

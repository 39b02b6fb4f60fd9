#include "server/replica_order.h"

#include <algorithm>
#include <utility>

namespace inlier::server {
namespace {

constexpr auto kAvoided = std::chrono::seconds(1);  // doubled each time in a row
constexpr int kMaxDoublings = 5;
constexpr std::size_t kMaxKept = 256;
constexpr std::size_t kMaxTroubles = 4'096;  // servers that come and go have new addresses

std::size_t FirstOf(const ReplicaOrder::Replicas& replicas, std::uint64_t affinity) {
  return affinity % replicas.size();
}

}  // namespace

ReplicaOrder::Replicas ReplicaOrder::Of(std::size_t shard, const Replicas& replicas,
                                        std::uint64_t affinity) const {
  if (replicas.size() < 2) return replicas;
  Replicas order = replicas;
  const auto first = static_cast<std::ptrdiff_t>(FirstOf(order, affinity));
  std::rotate(order.begin(), order.begin() + first, order.end());
  std::lock_guard lock(mutex_);
  if (!troubles_.empty()) {
    std::ranges::stable_sort(order, {},
                             [this](const auto& replica) { return IsAvoided(replica.address()); });
  }
  const auto kept = std::ranges::find_if(kept_, [&](const Kept& one) {
    return affinity != 0 && one.affinity == affinity && one.shard == shard;
  });
  if (kept != kept_.end() && !IsAvoided(kept->address)) {
    std::stable_partition(order.begin(), order.end(), [&kept](const auto& replica) {
      return replica.address() == kept->address;
    });
  }
  return order;
}

void ReplicaOrder::Answered(std::size_t shard, const Replicas& replicas, const std::string& address,
                            std::uint64_t affinity) {
  std::lock_guard lock(mutex_);
  troubles_.erase(address);
  if (affinity == 0 || replicas.size() < 2) return;
  const bool is_first = replicas[FirstOf(replicas, affinity)].address() == address;
  const auto kept = std::ranges::find_if(
      kept_, [&](const Kept& one) { return one.affinity == affinity && one.shard == shard; });
  if (kept != kept_.end()) {
    kept->address = address;
  } else if (!is_first) {
    kept_.push_back({affinity, shard, address});
    if (kept_.size() > kMaxKept) kept_.pop_front();
  }
}

void ReplicaOrder::Failed(const std::string& address) { Note(address, 0); }
void ReplicaOrder::Overtaken(const std::string& address) { Note(address, 1); }

void ReplicaOrder::Note(const std::string& address, int forgiven) {
  std::lock_guard lock(mutex_);
  // A request that was already under way when the server was put last says nothing new.
  if (IsAvoided(address)) return;
  if (troubles_.size() >= kMaxTroubles) troubles_.clear();
  Trouble& trouble = troubles_[address];
  const int doublings = std::min(trouble.in_a_row++ - forgiven, kMaxDoublings);
  if (doublings >= 0) trouble.avoided_until = Clock::now() + kAvoided * (1 << doublings);
}

bool ReplicaOrder::IsAvoided(const std::string& address) const {
  const auto found = troubles_.find(address);
  return found != troubles_.end() && Clock::now() < found->second.avoided_until;
}

}  // namespace inlier::server

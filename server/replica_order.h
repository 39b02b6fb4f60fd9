#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "wire/placement.h"

namespace inlier::server {

/// In which order the servers of a shard are asked: those that have not answered lately come last,
/// and the one that has answered this query before comes first, since it may have kept something
/// for it. Safe to call from many threads.
class ReplicaOrder {
 public:
  using Clock = std::chrono::steady_clock;
  using Replicas = std::vector<wire::Placement::Replica>;

  /// `affinity` is the same for all requests of a query; 0: it belongs to no query.
  Replicas Of(std::size_t shard, const Replicas& replicas, std::uint64_t affinity) const;

  /// The outcome of a request to one of them. A server that was so slow that another was asked as
  /// well is put last from the second time on, since any server is slow once in a while.
  void Answered(std::size_t shard, const Replicas& replicas, const std::string& address,
                std::uint64_t affinity);
  void Failed(const std::string& address);
  void Overtaken(const std::string& address);

 private:
  struct Trouble {
    int in_a_row = 0;  // requests in a row that it has not answered
    Clock::time_point avoided_until;
  };
  struct Kept {
    std::uint64_t affinity = 0;
    std::size_t shard = 0;
    std::string address;
  };
  void Note(const std::string& address, int forgiven);
  bool IsAvoided(const std::string& address) const;

  mutable std::mutex mutex_;
  std::map<std::string, Trouble> troubles_;
  std::deque<Kept> kept_;  // of queries that a server other than their first has answered
};

}  // namespace inlier::server

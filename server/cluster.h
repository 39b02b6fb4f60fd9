#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "inlier/sharded.h"
#include "server/hedging.h"
#include "server/http_client.h"
#include "server/replica_order.h"
#include "wire/placement.h"

namespace inlier::server {

/// The shards that a gateway asks. A file says who serves them, and is read again whenever it
/// changes. When its beat has not risen for a while, whoever writes it may have lost sight of the
/// others, and the gateway answers nothing (it is fenced): elsewhere, other servers may hold its
/// shards by now.
class Cluster final : public ShardTransport {
 public:
  struct Options {
    std::filesystem::path file;
    DecodeLimits limits;
    std::chrono::milliseconds answer_timeout{10'000};  // of one round at one server
    std::chrono::milliseconds poll{200};
    std::chrono::milliseconds fence{10'000};
    std::function<void(const std::string& line)> notice;
  };
  explicit Cluster(Options options);
  ~Cluster() override;

  /// Reads the file for the first time and begins to follow it. Errors: as wire::ReadPlacement,
  /// kIo.
  Status Start();
  void Stop();

  std::size_t shards() const override;
  std::vector<Result<Reply>> Ask(std::span<const Message> messages) const override;

  /// Null until the shards have been reached.
  std::shared_ptr<const ShardedEngine> engine() const { return engine_.load(); }
  std::shared_ptr<const wire::Placement> placement() const { return placement_.load(); }
  /// Empty, or why it does not answer, as one word.
  std::string NotReady() const;

  /// The number of the last change that all servers have applied.
  static std::uint64_t AppliedBy(const wire::Placement& placement);

  /// Requests to shards, and how many of them were sent to a second server because the first was
  /// slow.
  Hedging::Counts hedges() const { return hedging_.counts(); }

  /// Requests that are not a round of a query: for an item, or for a list. Those of one kind take
  /// about equally long, as in ShardTransport::Message.
  static constexpr int kItemRound = 0, kListRound = 16;
  /// Sends a request to one server of every shard, or to the writer.
  std::vector<Result<HttpClient::Reply>> AskShards(
      const HttpClient::Request& request, int round = kItemRound,
      std::chrono::steady_clock::time_point until =
          std::chrono::steady_clock::time_point::max()) const;
  Result<HttpClient::Reply> AskWriter(HttpClient::Request request) const;

 private:
  using Clock = std::chrono::steady_clock;
  Status Read();
  void Follow();
  // Opens the engine once the shards answer, and gives it the twins that the placement names. The
  // sentence returned says what is in the way, if anything.
  std::string OpenEngine();
  Status LoadTwins(const std::string& name);
  bool IsFenced() const;
  static HttpClient::Request Addressed(HttpClient::Request request,
                                       const wire::Placement& placement,
                                       const wire::Placement::Replica& replica);
  // What all requests of a call have in common.
  struct Common {
    int round = kItemRound;
    std::uint64_t affinity = 0;
    Clock::time_point until = Clock::time_point::max();
  };
  // Sends each request to a server of its shard that answers it; a few are tried, and none while
  // the gateway is fenced.
  std::vector<Result<HttpClient::Reply>> Send(const wire::Placement& placement,
                                              std::vector<HttpClient::Request> requests,
                                              const std::vector<std::size_t>& shards,
                                              const Common& common) const;
  // Notes how the servers of a shard have done.
  void Learn(std::size_t shard, const ReplicaOrder::Replicas& replicas,
             const HttpClient::Choices& choices, const HttpClient::Outcome& outcome,
             const Common& common) const;

  const Options options_;
  mutable HttpClient client_;
  std::atomic<std::shared_ptr<const wire::Placement>> placement_;
  std::atomic<std::shared_ptr<const ShardedEngine>> engine_;
  // Used only by the thread that follows the file: its text, the engine that is given the twins,
  // and the name of the file of twins that was read last.
  std::string text_;
  std::shared_ptr<ShardedEngine> opened_;
  std::string twins_;
  std::atomic<Clock::rep> beaten_ = 0;  // when the beat rose last
  mutable Hedging hedging_;
  mutable ReplicaOrder order_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread follower_;
};

}  // namespace inlier::server

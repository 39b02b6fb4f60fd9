#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "inlier/engine.h"
#include "server/access_log.h"
#include "server/cluster.h"
#include "server/jobs.h"
#include "server/keys.h"
#include "server/metrics.h"
#include "server/options.h"
#include "server/rate_limit.h"
#include "server/work_pool.h"
#include "server/writer.h"

namespace inlier::server {

/// What one decoder may take. One runs in each worker and in each thread of the writer.
DecodeLimits LimitsOf(const ServerOptions& options);

/// What all requests share: the database, the workers and the writer. Connections come and go
/// around it (server/session.h). Until Open has returned, and from the moment that it stops, it
/// answers only the question whether it is alive.
class Service {
 public:
  Service(const ServerOptions& options, const std::filesystem::path& database, AccessLog& log);
  ~Service();

  /// Opens the database. Errors: as Engine::Open.
  Status Open();
  /// Reads the keys again. The old ones stay when the file cannot be used.
  Status LoadKeys();
  /// From now on no new work is accepted.
  void BeginStop() { stopping_ = true; }
  /// Waits for what runs, at most as long as the options say, makes a checkpoint, and ends all
  /// threads.
  void Stop();

  /// Null while the database is being opened, and in a gateway.
  Engine* engine() const { return opened_ ? engine_.get() : nullptr; }
  /// Null unless this is the gateway of a cluster.
  Cluster* cluster() const { return opened_ ? cluster_.get() : nullptr; }
  /// True when there is an engine that can be asked.
  bool loaded() const { return engine() != nullptr || (cluster() && cluster()->engine()); }
  /// Asks the database or the shards. Errors: as Engine::Query and ShardedEngine::Query.
  Result<Answer> Ask(std::span<const std::uint8_t> photo, const QueryOptions& options) const;
  /// Waits until searches see the change of this number, of the database or of the cluster. False
  /// when that takes longer than a client should wait, nobody waits any more, or half of the
  /// workers wait already.
  bool WaitForChange(std::uint64_t number, const std::atomic<bool>& cancelled) const;
  /// The options of the engine; there is one.
  EngineOptions engine_options() const {
    return cluster() ? cluster()->engine()->options() : engine()->options();
  }
  /// Null in a read-only server.
  Writer* writer() const { return opened_ ? writer_.get() : nullptr; }
  bool stopping() const { return stopping_; }
  /// Empty, or why the server is not ready, as one word.
  std::string NotReady() const;
  /// True when there is less room on the disk than there has to be.
  bool DiskIsFull() const;
  Metrics::Levels LevelsNow() const;

  /// Where uploads are kept while they are worked on. Emptied when the server starts; that of a
  /// gateway, of which there may be several beside a file, is removed when it stops.
  std::filesystem::path work_folder() const;
  std::filesystem::path snapshot_folder() const;

  const std::string started;  // when, as RFC 3339 has it
  /// Drawn at the start, and never 0. What a shard numbers keeps its numbers for as long as this
  /// stays: another server of the same items may have numbered them in another order.
  const std::uint64_t server_number;
  const ServerOptions options;
  const std::filesystem::path database;
  AccessLog& log;
  Keys keys;
  RateLimit rate;
  Metrics metrics;
  std::atomic<std::size_t> body_bytes = 0;   // of all requests that are being read or answered
  std::atomic<std::size_t> connections = 0;  // that are open
  WorkPool queries;                          // photos
  WorkPool reads;                            // what only reads the store
  Jobs jobs;

 private:
  void Follow();

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Cluster> cluster_;
  std::atomic<bool> opened_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> behind_ = false;  // the last look at what another process wrote failed
  std::mutex follow_mutex_;
  std::condition_variable follow_wake_;
  bool follow_stop_ = false;
  std::thread follower_;
  mutable std::atomic<int> waiting_for_change_{0};
};

}  // namespace inlier::server

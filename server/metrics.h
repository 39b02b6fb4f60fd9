#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "inlier/answer.h"

namespace inlier::server {

/// What Prometheus reads from /metrics. Names begin with inlier_, and docs/SERVER.md lists them.
/// Safe to call from many threads.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void CountRequest(std::string_view route, int status, double seconds);
  /// Something was refused before it was tried: "queue_full", "too_many_connections".
  void CountRejected(std::string_view cause);
  void ObserveAnswer(const Answer& answer);
  void ObserveQueue(double waited_ms);
  /// A client went away, or its deadline passed, before its answer.
  void CountAbandoned();

  /// Numbers that are counted elsewhere and read when somebody asks.
  struct Levels {
    double connections = 0, queries_waiting = 0, queries_running = 0, changes_waiting = 0;
    double body_bytes = 0, items = 0, index_bytes = 0, disk_bytes = 0, generation = 0,
           last_change = 0, free_disk_bytes = 0, ready = 0, resident_bytes = 0, write_stalls = 0;
    // Of a gateway: shards, and requests to them since it began.
    double shards = 0, shards_served = 0, shard_requests = 0, shard_hedges = 0;
  };
  /// Calls `visit(name, value)` for each level, by the names that clients know.
  static void Visit(const Levels& levels, auto&& visit) {
    visit("connections", levels.connections);
    visit("queries_waiting", levels.queries_waiting);
    visit("queries_running", levels.queries_running);
    visit("changes_waiting", levels.changes_waiting);
    visit("body_bytes", levels.body_bytes);
    visit("items", levels.items);
    visit("index_bytes", levels.index_bytes);
    visit("disk_bytes", levels.disk_bytes);
    visit("generation", levels.generation);
    visit("last_change", levels.last_change);
    visit("free_disk_bytes", levels.free_disk_bytes);
    visit("ready", levels.ready);
    visit("resident_bytes", levels.resident_bytes);
    visit("write_stalls", levels.write_stalls);
    visit("shards", levels.shards);
    visit("shards_served", levels.shards_served);
    visit("shard_requests", levels.shard_requests);
    visit("shard_hedges", levels.shard_hedges);
  }
  /// What has been counted since the server began, by cause and by what photos showed.
  struct Counts {
    std::map<std::string, std::uint64_t> rejected, answers;
  };
  Counts Counted() const;
  /// In the text format of Prometheus, version 0.0.4.
  std::string Text(const Levels& levels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier::server

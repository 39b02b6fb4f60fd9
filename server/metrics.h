#pragma once

#include <cstdint>
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

  /// What is counted elsewhere and read when somebody asks.
  struct Levels {
    double connections = 0, queries_waiting = 0, queries_running = 0, changes_waiting = 0;
    double body_bytes = 0, items = 0, index_bytes = 0, disk_bytes = 0, generation = 0,
           last_change = 0, free_disk_bytes = 0, ready = 0, resident_bytes = 0;
  };
  /// In the text format of Prometheus, version 0.0.4.
  std::string Text(const Levels& levels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier::server

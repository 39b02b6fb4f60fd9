#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "inlier/answer.h"
#include "inlier/error.h"

namespace inlier::server {

/// What is known of a request when its answer has been sent.
struct AccessRecord {
  std::string request_id, trace_id, client, key_name, method, path, route, cause;
  int status = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  int round = 0;  // of a gateway's query
  double total_ms = 0, queue_ms = 0;
  Timings timings;
};

/// One JSON line for each request, and one for each thing that an operator should know. Safe to
/// call from many threads.
class AccessLog {
 public:
  /// `where`: stderr, stdout, none, or a file that is appended to. Errors: kIo.
  static Result<std::unique_ptr<AccessLog>> Open(const std::string& where);
  ~AccessLog();

  void Write(const AccessRecord& record);
  /// `level`: "info", "warning" or "error".
  void Note(const std::string& level, const std::string& message);
  void Flush();

 private:
  struct State;
  explicit AccessLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier::server

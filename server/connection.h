#pragma once

namespace inlier::server {

/// One connection. It lives for as long as something of it is pending.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Closes it at once when it waits for a request, and otherwise after the current answer.
  virtual void StopWhenIdle() = 0;
};

}  // namespace inlier::server

#pragma once

namespace inlier::server {

/// One connection. It lives for as long as something of it is pending.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Closes it now when it waits for a request, and after the present answer otherwise.
  virtual void StopWhenIdle() = 0;
};

}  // namespace inlier::server

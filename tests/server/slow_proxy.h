#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace inlier::test {

/// Passes the bytes of connections to a port of this machine and back, and holds back what the
/// server says for as long as it is told.
class SlowProxy {
 public:
  explicit SlowProxy(int to_port);
  ~SlowProxy();
  SlowProxy(const SlowProxy&) = delete;
  SlowProxy& operator=(const SlowProxy&) = delete;

  int port() const { return port_; }
  std::atomic<int> delay_ms = 0;

 private:
  void Accept();
  void Pass(int client);

  const int to_port_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<std::thread> connections_;
};

}  // namespace inlier::test

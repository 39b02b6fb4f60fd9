#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tests/support/files.h"
#include "tests/support/http.h"

namespace inlier::test {

/// A server that runs `inlier serve` on a free port of 127.0.0.1, and is stopped with this object.
/// A gateway has no database.
class ServerProcess {
 public:
  explicit ServerProcess(const std::filesystem::path& database,
                         const std::vector<std::string>& flags = {},
                         std::vector<std::string> environment = {});
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return process_; }
  /// One request on a connection of its own. `headers` are whole lines without their end.
  HttpAnswer Ask(const std::string& method, const std::string& target, std::string_view body = {},
                 const std::vector<std::string>& headers = {}) const;
  /// Asks again and again, at most for twenty seconds, until an answer is good enough; the last
  /// one.
  HttpAnswer AskUntil(const std::string& target,
                      const std::function<bool(const HttpAnswer&)>& enough) const;
  /// Waits for /readyz, at most twenty seconds.
  bool WaitUntilReady() const;
  void Signal(int signal) const;
  /// Waits for the end; the exit status, or 128 + the signal.
  int Wait();
  std::string Log() const;
  std::string Errors() const;
  std::string Output() const;

 private:
  void Launch(std::vector<std::string> words, std::vector<std::string> environment);
  bool HasEnded() const;

  TempFolder folder_;
  pid_t process_ = -1;
  int port_ = 0;
};

}  // namespace inlier::test

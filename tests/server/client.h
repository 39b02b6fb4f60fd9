#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tests/support/files.h"

namespace inlier::test {

/// An answer as it came over the line.
struct HttpAnswer {
  int status = 0;                              // 0: the server closed without one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without its chunks

  std::string Header(const std::string& name) const;
};

/// A connection that sends any bytes, well-formed or not. Reads wait at most ten seconds.
class RawConnection {
 public:
  explicit RawConnection(int port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False when the server has closed.
  bool Send(std::string_view bytes);
  /// The next answer; `head` when it answers HEAD, and so has no body.
  HttpAnswer Receive(bool head = false);
  /// True when the server closes before it sends anything more.
  bool IsClosed();
  void Close();

 private:
  bool Fill();

  int socket_ = -1;
  std::string received_;
};

/// A server that runs `inlier serve` on a free port of 127.0.0.1, and is stopped with this object.
class ServerProcess {
 public:
  ServerProcess(const std::filesystem::path& database, std::vector<std::string> flags = {},
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
  bool HasEnded() const;

  TempFolder folder_;
  pid_t process_ = -1;
  int port_ = 0;
};

/// The text of one request.
std::string RequestText(const std::string& method, const std::string& target,
                        std::string_view body = {}, const std::vector<std::string>& headers = {});
/// A multipart body with the boundary "edge". Each part is {headers without their line ends joined
/// by "\r\n", content}.
std::string MultipartBody(const std::vector<std::pair<std::string, std::string>>& parts);
inline constexpr const char* kMultipartHeader = "Content-Type: multipart/form-data; boundary=edge";
/// {Content-Disposition of a part with this name and file name, content}.
std::pair<std::string, std::string> FilePart(const std::string& name, const std::string& filename,
                                             std::string content);

}  // namespace inlier::test

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/answer.h"
#include "server/target.h"
#include "wire/service.h"

/// A request and its answer as handlers see them, without a word of Beast.
namespace inlier::server {

/// What the holder of a key may do; each one may also do what those before it may.
enum class Role { kNobody, kRead, kWrite, kAdmin };

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct Request {
  std::string method;
  Target target;
  Headers headers;
  std::vector<std::uint8_t> body;
  std::filesystem::path body_file;    // in place of `body`, where a route asks for it
  std::string client;                 // its address, behind a trusted proxy if there is one
  std::string key_name;               // empty without keys
  Role role = Role::kAdmin;           // of the key; without keys everybody may do everything
  std::string id;                     // of this request, for the log
  std::string trace_id;               // of traceparent (W3C Trace Context)
  std::vector<std::string> captured;  // what the path has in place of each {…} of the route

  /// Empty when it is not there. `name` in lower case.
  std::string_view Header(std::string_view name) const;
  /// The media type alone, in lower case: "image/jpeg".
  std::string ContentType() const;
  std::span<const std::uint8_t> bytes() const { return body; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(body.data()), body.size()};
  }
};

/// A part of a file, sent as it is.
struct FilePart {
  std::filesystem::path path;
  std::uint64_t offset = 0, bytes = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  Headers headers{};               // besides those that every answer has
  std::optional<FilePart> file{};  // in place of `body`
  // For the log.
  std::string cause{};  // the type of a problem
  double queue_ms = 0;
  Timings timings{};
};

/// An answer that says what is wrong.
Response ProblemResponse(const wire::Problem& problem);
/// 503 with Retry-After.
Response BusyResponse(std::string type, std::string detail);
/// 503: the answer was not ready in the time that it may take.
wire::Problem LateProblem();
/// What an error of the engine means to the client. Paths and the messages of libraries are not
/// sent to the client: they go to the log alone.
wire::Problem ProblemOf(const Error& error);

/// One request while it is answered. Any thread may call it. The first of Reply and Begin counts,
/// and later ones are ignored: the deadline may have passed before.
class Call {
 public:
  virtual ~Call() = default;
  const Request& request() const { return request_; }
  Request& request() { return request_; }
  /// Set when nobody waits for the answer any more.
  const std::atomic<bool>& cancelled() const { return cancelled_; }
  /// When nobody will wait for the answer any more.
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  /// True when the answer need not be made.
  bool given_up() const { return cancelled_ || std::chrono::steady_clock::now() > deadline_; }

  virtual void Reply(Response response) = 0;
  /// An answer that comes in pieces: Begin, any number of Write, End.
  virtual void Begin(Response head) = 0;
  virtual void Write(std::string piece) = 0;
  virtual void End() = 0;

 protected:
  Request request_;
  std::atomic<bool> cancelled_ = false;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace inlier::server

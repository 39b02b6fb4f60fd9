#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "inlier/error.h"
#include "server/http_message.h"

namespace inlier::server {

/// Asks other servers, over connections that stay open. Safe to call from many threads; each call
/// waits until all of its requests are done or their time is over.
class HttpClient {
 public:
  using Clock = std::chrono::steady_clock;
  HttpClient();
  ~HttpClient();

  using Request = HttpRequest;
  using Reply = HttpReply;

  /// One request as it is sent to each server that may answer it, in the order in which they are
  /// asked. A server may be there several times.
  using Choices = std::vector<Request>;
  /// When the next server of the choices is asked: at once when one has failed, and once for each
  /// request when none has answered for a while (a hedge). The first answer counts.
  struct Rules {
    std::chrono::milliseconds at_most{};  // for one server
    Clock::time_point until = Clock::time_point::max();
    std::chrono::microseconds hedge_after = std::chrono::microseconds::max();
    /// Asked before each hedge, on the thread of the client.
    std::function<bool()> may_hedge;
    /// True for a reply that ends a request; any other counts as if there had been no reply.
    std::function<bool(const Reply&)> is_answer;
  };
  enum class Fate { kRuns, kAnswered, kFailed, kOvertaken };
  /// A server that was asked, and for how long.
  struct Try {
    std::size_t choice = 0;
    Clock::time_point began;
    std::chrono::microseconds took{};
    Fate fate = Fate::kRuns;
  };
  /// When no server has answered, the last reply or error: a server that cannot be reached, or does
  /// not answer in time, gives kUnavailable.
  struct Outcome {
    Result<Reply> reply = Reply{};
    std::vector<Try> tries;
  };
  /// All at once; the outcomes in their order. There is at least one choice for each request.
  std::vector<Outcome> SendAll(std::span<const Choices> requests, const Rules& rules);
  /// One request to one server.
  Result<Reply> Send(const Request& request, std::chrono::milliseconds at_most);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier::server

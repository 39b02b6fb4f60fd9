#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/error.h"

namespace inlier::server {

/// Asks other servers, over connections that stay open. Safe to call from many threads; each call
/// waits until all of its requests are done or their time is over.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();

  struct Request {
    std::string host, port;
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view body;  // has to live until the call returns
  };
  struct Reply {
    int status = 0;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
  };

  /// All at once; the replies in their order. A server that cannot be reached, or does not answer
  /// in time, gives kUnavailable.
  std::vector<Result<Reply>> SendAll(std::span<const Request> requests,
                                     std::chrono::milliseconds at_most);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier::server

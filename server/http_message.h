#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inlier::server {

/// A request of this process to another server, and the reply.
struct HttpRequest {
  std::string host, port;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;  // has to live until the request is done

  std::string address() const { return host + ":" + port; }
};
struct HttpReply {
  int status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

}  // namespace inlier::server

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "server/service.h"

namespace inlier::server {

/// One connection. It lives for as long as something of it is pending: server/session.cc.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Closes it now when it waits for a request, and after the present answer otherwise.
  virtual void StopWhenIdle() = 0;
};

/// Begins to serve a connection. The socket's executor is its strand. `closed` is called once, when
/// the connection is gone.
std::shared_ptr<Connection> StartSession(boost::asio::ip::tcp::socket socket, Service& service,
                                         std::function<void()> closed);

/// Sends a short 503 and closes, for a connection that is one too many.
void RefuseConnection(boost::asio::ip::tcp::socket socket);

}  // namespace inlier::server

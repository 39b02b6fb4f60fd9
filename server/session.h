#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "server/connection.h"
#include "server/service.h"

namespace inlier::server {

/// Begins to serve a connection. The socket's executor is its strand. `closed` is called once, when
/// the connection is gone.
std::shared_ptr<Connection> StartSession(boost::asio::ip::tcp::socket socket, Service& service,
                                         std::function<void()> closed);

/// Sends a short 503 and closes, for a connection that is one too many.
void RefuseConnection(boost::asio::ip::tcp::socket socket);

}  // namespace inlier::server

#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/session.h"

namespace inlier::server {

/// Accepts connections, as many in all and from one address as there may be.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::io_context& context, Service& service);

  /// Errors: kIo (the address is taken, or is not this machine's).
  Status Bind(const Endpoint& endpoint);
  /// Where it listens, "127.0.0.1:8080".
  std::string address() const;
  void Start();
  /// Accepts no more, closes connections that wait for a request, and has the others close after
  /// their answer. Any thread may call it.
  void Stop();

 private:
  void Accept();
  void Accepted(boost::asio::ip::tcp::socket socket);
  // False when there may be no further one from this address.
  bool Take(const std::string& address);
  void Release(const std::string& address);

  boost::asio::io_context& context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Service& service_;
  std::mutex mutex_;
  std::map<std::string, int> from_;  // connections by address
  std::list<std::weak_ptr<Connection>> connections_;
  bool stopped_ = false;
};

}  // namespace inlier::server

#include "server/listener.h"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "server/gate.h"

namespace inlier::server {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// After an error of accept(), such as too many open files, which does not go away at once.
constexpr auto kPause = std::chrono::milliseconds(50);

}  // namespace

Listener::Listener(asio::io_context& context, Service& service)
    : context_(context),
      acceptor_(asio::make_strand(context)),
      pause_(acceptor_.get_executor()),
      service_(service) {}

Status Listener::Bind(const Endpoint& endpoint) {
  error_code ec;
  const auto failed = [&](const char* what) {
    return Fail(ErrorCode::kIo, endpoint.address + ":" + std::to_string(endpoint.port) + ": " +
                                    what + ": " + ec.message());
  };
  const auto address = asio::ip::make_address(endpoint.address, ec);
  if (ec)
    return Fail(ErrorCode::kInvalidArgument, endpoint.address + " is no address of a network");
  const tcp::endpoint place(address, endpoint.port);
  acceptor_.open(place.protocol(), ec);
  if (ec) return failed("cannot be opened");
  acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  acceptor_.bind(place, ec);
  if (ec) return failed("cannot be taken");
  acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return failed("cannot be listened at");
  return {};
}

std::string Listener::address() const {
  error_code ec;
  const auto place = acceptor_.local_endpoint(ec);
  const std::string host = place.address().to_string();
  return (place.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(place.port());
}

void Listener::Start() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->Accept(); });
}

void Listener::Accept() {
  acceptor_.async_accept(asio::make_strand(context_),
                         [self = shared_from_this()](error_code ec, tcp::socket socket) {
                           if (!self->acceptor_.is_open()) return;
                           if (ec) {
                             self->pause_.expires_after(kPause);
                             self->pause_.async_wait([self](error_code stopped) {
                               if (!stopped) self->Accept();
                             });
                             return;
                           }
                           self->Accepted(std::move(socket));
                           self->Accept();
                         });
}

void Listener::Accepted(tcp::socket socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec) return;
  const std::string address = peer.address().to_string();
  if (!Take(address)) {
    service_.metrics.CountRejected("too_many_connections");
    return RefuseConnection(std::move(socket));
  }
  auto connection = StartSession(std::move(socket), service_, [weak = weak_from_this(), address] {
    if (const auto self = weak.lock()) self->Release(address);
  });
  std::lock_guard lock(mutex_);
  connections_.push_back(connection);
  if (stopped_) connection->StopWhenIdle();
}

bool Listener::Take(const std::string& address) {
  const ServerOptions& options = service_.options;
  std::lock_guard lock(mutex_);
  if (service_.connections >= static_cast<std::size_t>(options.max_connections)) return false;
  int& from = from_[address];
  const int most = options.max_connections_per_address;
  if (most > 0 && from >= most && !IsTrustedProxy(options, address)) return false;
  ++from;
  ++service_.connections;
  return true;
}

void Listener::Release(const std::string& address) {
  std::lock_guard lock(mutex_);
  --service_.connections;
  if (const auto found = from_.find(address); found != from_.end() && --found->second <= 0)
    from_.erase(found);
  connections_.remove_if([](const auto& connection) { return connection.expired(); });
}

void Listener::Stop() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ec;
    self->acceptor_.close(ec);
    self->pause_.cancel();
  });
  // A connection that ends here releases itself, which takes the lock again.
  std::vector<std::shared_ptr<Connection>> connections;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& weak : connections_)
      if (auto connection = weak.lock()) connections.push_back(std::move(connection));
  }
  for (const auto& connection : connections) connection->StopWhenIdle();
}

}  // namespace inlier::server

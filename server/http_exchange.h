#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "inlier/error.h"
#include "server/http_message.h"

namespace inlier::server {

/// One request at one server and its reply, for server/http_client.cc alone. All of it happens on
/// the thread of the context.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  using Clock = std::chrono::steady_clock;
  using Stream = boost::beast::tcp_stream;
  /// Connections that wait for their next request, by address.
  using Idle = std::map<std::string, std::vector<std::unique_ptr<Stream>>>;
  using Done = std::function<void(Result<HttpReply>)>;

  /// The request has to live until `done` is called, or Cancel. The server is told how much time is
  /// left, so that it does not work for somebody who has given up.
  HttpExchange(boost::asio::io_context& context, Idle& idle, const HttpRequest& request,
               Clock::time_point until, Done done);

  void Start();
  /// Closes the connection, by which the server learns that nobody waits any more. `done` is not
  /// called after that.
  void Cancel();

 private:
  using Body = boost::beast::http::span_body<const char>;
  void Connect();
  void Write();
  void Finish();
  void Fail(boost::system::error_code ec);
  void End(Result<HttpReply> reply);

  boost::asio::io_context& context_;
  Idle& idle_;
  const std::string address_, host_, port_;
  const Clock::time_point until_;
  Done done_;  // empty once it has been called, or never will be
  boost::asio::ip::tcp::resolver resolver_;
  std::unique_ptr<Stream> stream_;
  bool is_reused_ = false;
  boost::beast::http::request<Body> message_;
  std::optional<boost::beast::http::request_serializer<Body>> serializer_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::string_body>> parser_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace inlier::server

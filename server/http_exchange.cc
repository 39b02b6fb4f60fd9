// A connection that was idle may have been closed by the server just when it is used again, so a
// request that fails on one is sent once more on a new one: requests of a gateway may be repeated.
#include "server/http_exchange.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace inlier::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t kBlock = 64 << 10;  // bytes that are read at once
constexpr std::size_t kMaxIdle = 64;      // connections to one server
constexpr std::uint64_t kMaxReply_bytes = std::uint64_t{256} << 20;

std::string MillisecondsUntil(HttpExchange::Clock::time_point until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - HttpExchange::Clock::now()).count();
  return std::to_string(std::max<std::int64_t>(left, 0));
}

}  // namespace

HttpExchange::HttpExchange(asio::io_context& context, Idle& idle, const HttpRequest& request,
                           HttpExchange::Clock::time_point until, Done done)
    : context_(context),
      idle_(idle),
      address_(request.address()),
      host_(request.host),
      port_(request.port),
      until_(until),
      done_(std::move(done)),
      resolver_(context) {
  message_.method_string(request.method);
  message_.target(request.target);
  message_.set(http::field::host, address_);
  for (const auto& [name, value] : request.headers) message_.set(name, value);
  message_.set("Inlier-Deadline-Ms", MillisecondsUntil(until));
  message_.body() = {request.body.data(), request.body.size()};
  message_.prepare_payload();
  // A read takes as much as the buffer has room for, and begins with half a kilobyte.
  buffer_.reserve(kBlock);
}

void HttpExchange::Start() {
  auto& streams = idle_[address_];
  if (streams.empty()) return Connect();
  stream_ = std::move(streams.back());
  streams.pop_back();
  is_reused_ = true;
  Write();
}

void HttpExchange::Cancel() {
  done_ = nullptr;
  resolver_.cancel();
  if (stream_) stream_->close();
}

void HttpExchange::Connect() {
  is_reused_ = false;
  stream_ = std::make_unique<Stream>(context_);
  stream_->expires_at(until_);
  resolver_.async_resolve(host_, port_, [self = shared_from_this()](error_code ec, auto found) {
    if (ec || !self->done_) return self->Fail(ec);
    self->stream_->async_connect(found, [self](error_code failed, auto) {
      if (failed || !self->done_) return self->Fail(failed);
      error_code ignored;
      self->stream_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
      self->Write();
    });
  });
}

void HttpExchange::Write() {
  stream_->expires_at(until_);
  serializer_.emplace(message_);
  http::async_write(*stream_, *serializer_, [self = shared_from_this()](error_code ec, auto) {
    if (ec || !self->done_) return self->Fail(ec);
    self->parser_.emplace();
    self->parser_->body_limit(kMaxReply_bytes);
    http::async_read(*self->stream_, self->buffer_, *self->parser_,
                     [self](error_code failed, auto) {
                       if (failed || !self->done_) return self->Fail(failed);
                       self->Finish();
                     });
  });
}

void HttpExchange::Finish() {
  auto message = parser_->release();
  HttpReply reply{.status = static_cast<int>(message.result_int()),
                  .content_type = std::string(message[http::field::content_type]),
                  .headers = {},
                  .body = std::move(message.body())};
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    reply.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  auto& streams = idle_[address_];
  if (message.keep_alive() && streams.size() < kMaxIdle) {
    stream_->expires_never();
    streams.push_back(std::move(stream_));
  }
  End(std::move(reply));
}

void HttpExchange::Fail(error_code ec) {
  if (!done_) return;
  if (is_reused_ && ec != beast::error::timeout) {
    buffer_.clear();
    return Connect();
  }
  End(inlier::Fail(ErrorCode::kUnavailable, address_ + ": " + ec.message()));
}

void HttpExchange::End(Result<HttpReply> reply) { std::exchange(done_, nullptr)(std::move(reply)); }

}  // namespace inlier::server

// One thread moves the bytes of all connections. A connection that was idle may have been closed by
// the server just when it is used again, so a request that fails on one is sent once more on a new
// one: requests of a gateway may be repeated.
#include "server/http_client.h"

#include <cctype>
#include <latch>
#include <map>
#include <optional>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace inlier::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Stream = beast::tcp_stream;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostIdle = 64;  // connections to one server
constexpr std::uint64_t kMostReply_bytes = std::uint64_t{256} << 20;

}  // namespace

struct HttpClient::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::map<std::string, std::vector<std::unique_ptr<Stream>>> idle;  // of the thread alone
  std::thread thread{[this] { context.run(); }};

  ~State() {
    work.reset();
    context.stop();
    thread.join();
  }
};

namespace {

std::string AddressOf(const HttpClient::Request& request) {
  return request.host + ":" + request.port;
}

// One request and its reply.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Idle = std::map<std::string, std::vector<std::unique_ptr<Stream>>>;

  Exchange(asio::io_context& context, Idle& idle, const HttpClient::Request& request,
           Clock::time_point until, Result<HttpClient::Reply>& reply, std::latch& done)
      : context_(context),
        idle_(idle),
        address_(AddressOf(request)),
        host_(request.host),
        port_(request.port),
        until_(until),
        reply_(reply),
        done_(done),
        resolver_(context) {
    message_.method_string(request.method);
    message_.target(request.target);
    message_.set(http::field::host, address_);
    for (const auto& [name, value] : request.headers) message_.set(name, value);
    message_.body() = {request.body.data(), request.body.size()};
    message_.prepare_payload();
  }

  void Start() {
    auto& streams = idle_[address_];
    if (streams.empty()) return Connect();
    stream_ = std::move(streams.back());
    streams.pop_back();
    is_reused_ = true;
    Write();
  }

 private:
  void Connect() {
    is_reused_ = false;
    stream_ = std::make_unique<Stream>(context_);
    stream_->expires_at(until_);
    resolver_.async_resolve(host_, port_, [self = shared_from_this()](error_code ec, auto found) {
      if (ec) return self->Fail(ec);
      self->stream_->async_connect(found, [self](error_code failed, auto) {
        if (failed) return self->Fail(failed);
        error_code ignored;
        self->stream_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        self->Write();
      });
    });
  }

  void Write() {
    stream_->expires_at(until_);
    serializer_.emplace(message_);
    http::async_write(*stream_, *serializer_, [self = shared_from_this()](error_code ec, auto) {
      if (ec) return self->Fail(ec);
      self->parser_.emplace();
      self->parser_->body_limit(kMostReply_bytes);
      http::async_read(*self->stream_, self->buffer_, *self->parser_,
                       [self](error_code failed, auto) {
                         if (failed) return self->Fail(failed);
                         self->Finish();
                       });
    });
  }

  void Finish() {
    auto message = parser_->release();
    HttpClient::Reply reply{.status = static_cast<int>(message.result_int()),
                            .content_type = std::string(message[http::field::content_type]),
                            .headers = {},
                            .body = std::move(message.body())};
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      reply.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    auto& streams = idle_[address_];
    if (message.keep_alive() && streams.size() < kMostIdle) {
      stream_->expires_never();
      streams.push_back(std::move(stream_));
    }
    reply_ = std::move(reply);
    done_.count_down();
  }

  void Fail(error_code ec) {
    if (is_reused_ && ec != beast::error::timeout) {
      buffer_.clear();
      return Connect();
    }
    reply_ = inlier::Fail(ErrorCode::kUnavailable, address_ + ": " + ec.message());
    done_.count_down();
  }

  asio::io_context& context_;
  Idle& idle_;
  const std::string address_, host_, port_;
  const Clock::time_point until_;
  Result<HttpClient::Reply>& reply_;
  std::latch& done_;
  asio::ip::tcp::resolver resolver_;
  std::unique_ptr<Stream> stream_;
  bool is_reused_ = false;
  http::request<http::span_body<const char>> message_;
  std::optional<http::request_serializer<http::span_body<const char>>> serializer_;
  std::optional<http::response_parser<http::string_body>> parser_;
  beast::flat_buffer buffer_;
};

}  // namespace

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}
HttpClient::~HttpClient() = default;

std::vector<Result<HttpClient::Reply>> HttpClient::SendAll(std::span<const Request> requests,
                                                           std::chrono::milliseconds at_most) {
  std::vector<Result<Reply>> replies(requests.size(), Reply{});
  std::latch done(static_cast<std::ptrdiff_t>(requests.size()));
  const auto until = Clock::now() + at_most;
  asio::post(state_->context, [&] {
    for (std::size_t i = 0; i < requests.size(); ++i)
      std::make_shared<Exchange>(state_->context, state_->idle, requests[i], until, replies[i],
                                 done)
          ->Start();
  });
  done.wait();
  return replies;
}

}  // namespace inlier::server

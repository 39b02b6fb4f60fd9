#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "server/connection.h"
#include "server/routes.h"

/// What the three files of a connection share: session.cc, session_read.cc and session_write.cc.
namespace inlier::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

inline constexpr std::size_t kBlock = 64 << 10;  // bytes of a body that are read or sent at once
// Of a body that nobody wants, to keep the connection.
inline constexpr std::uint64_t kMaxDiscarded = 1 << 20;

class Session;

class Exchange : public Call, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::weak_ptr<Session> session, tcp::socket::executor_type strand, Service& service)
      : session_(std::move(session)), strand_(std::move(strand)), service_(service) {}
  ~Exchange() override {
    service_.body_bytes -= counted_;
    if (!request_.body_file.empty()) {
      std::error_code ec;
      std::filesystem::remove(request_.body_file, ec);
    }
  }

  void Reply(Response response) override;
  void Begin(Response head) override;
  void Write(std::string piece) override;
  void End() override;

  void Cancel() { cancelled_ = true; }
  // Call it before anybody works on the request. The client's own time limit counts if it is
  // shorter.
  std::chrono::milliseconds LimitTime(std::chrono::milliseconds at_most);
  // Called only on the strand. False when an answer has begun already.
  bool TakeAnswer() { return !std::exchange(answered_, true); }
  bool answered() const { return answered_; }
  // Counts bytes of the body among those of all requests.
  void Count(std::size_t bytes) {
    counted_ += bytes;
    service_.body_bytes += bytes;
  }

  const Route* route = nullptr;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::uint64_t bytes_in = 0, bytes_out = 0;
  int status = 0;
  std::string cause;
  double queue_ms = 0;
  Timings timings;

 private:
  template <class Do>
  void OnStrand(Do work);

  std::weak_ptr<Session> session_;
  tcp::socket::executor_type strand_;
  Service& service_;
  std::size_t counted_ = 0;
  bool answered_ = false;
};

class Session : public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Service& service, std::function<void()> closed)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        service_(service),
        closed_(std::move(closed)),
        buffer_(static_cast<std::size_t>(service.options.max_header_bytes) + 2 * kBlock) {
    error_code ec;
    const auto peer = socket_.remote_endpoint(ec);
    if (!ec) peer_ = peer.address().to_string();
    socket_.set_option(tcp::no_delay(true), ec);
    socket_.non_blocking(true, ec);
  }
  ~Session() override { closed_(); }

  void Start() {
    asio::dispatch(socket_.get_executor(),
                   [self = shared_from_this()] { self->ReadHeader(/*is_first=*/true); });
  }
  void StopWhenIdle() override {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->stopping_ = true;
      if (self->phase_ == Phase::kIdle) self->Close();
    });
  }

  void Send(const std::shared_ptr<Exchange>& exchange, Response response);
  void BeginStream(const std::shared_ptr<Exchange>& exchange, const Response& head);
  void SendPiece(const std::shared_ptr<Exchange>& exchange, std::string piece);
  void EndStream(const std::shared_ptr<Exchange>& exchange);

 private:
  enum class Phase { kIdle, kPause, kHeader, kBody, kAnswer, kWrite, kLinger };
  using Clock = std::chrono::steady_clock;

  void Arm(Phase phase, int ms);
  void StartTimer(Phase phase, int ms);
  void WakeAt(Clock::time_point time);
  void Expired(Phase phase);
  void WaitForRequest();
  void ReadHeader(bool is_first);
  void OnHeader(error_code ec);
  void RefuseHeader(error_code ec);
  void FillRequest();
  void SendAfterPause(Response refusal);
  void BeginBody();
  void RefuseLargeBody(bool keep_line);
  void ReadBody();
  void OnBody(error_code ec, std::size_t space);
  bool KeepBlock(std::span<const std::uint8_t> block);
  void Work();
  void Watch();
  void Refuse(const wire::Problem& problem, bool keep_line);
  http::response<http::string_body> Head(const Response& response);
  void WriteText(http::response<http::string_body> message);
  void WriteFileHead(const Response& response, http::response<http::string_body> message);
  void WriteFile();
  void WriteNextPiece();
  void Written(error_code ec);
  void LogExchange();
  void DiscardBody();
  void NextRequest();
  void LingerAndClose();
  void ReadUntilEnd(std::uint64_t left);
  void Close();

  tcp::socket socket_;
  asio::steady_timer timer_;
  Service& service_;
  const std::function<void()> closed_;
  std::string peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  std::array<std::uint8_t, kBlock> block_;
  std::shared_ptr<Exchange> exchange_;
  std::ofstream upload_;
  Phase phase_ = Phase::kIdle;
  Clock::time_point deadline_;                          // of the phase
  Clock::time_point wakes_ = Clock::time_point::max();  // the timer
  unsigned armed_ = 0;
  bool timed_out_ = false, stopping_ = false, watching_ = false, keep_alive_ = false;
  bool is_head_ = false;
  std::uint64_t most_body_ = 0;
  Response refusal_;  // that is held back
  // The answer that is being written.
  std::shared_ptr<http::response<http::string_body>> message_;
  std::ifstream file_;
  std::uint64_t file_left_ = 0;
  std::deque<std::string> pieces_;
  bool streaming_ = false, stream_ended_ = false, piece_on_its_way_ = false, chunked_ = false;
};

}  // namespace inlier::server

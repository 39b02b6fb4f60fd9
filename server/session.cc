// One connection: reads a request, has it answered, writes the answer, and begins again. All of it
// runs on the strand that the socket has as its executor; other threads come in by Reply, Begin,
// Write and End, which post to it. Each step has a deadline, kept by one timer: the whole header,
// the whole body, the answer, and the writing. The body is read in blocks into memory or a file and
// is counted while it comes, so that what a client declares costs nothing before it is sent. While
// a request is answered, the connection is watched: a client that goes away cancels its query.
#include "server/session.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <fstream>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "server/gate.h"
#include "server/routes.h"

namespace inlier::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using tcp = asio::ip::tcp;

constexpr std::size_t kBlock = 64 << 10;           // bytes of a body that are read or sent at once
constexpr std::uint64_t kMostDiscarded = 1 << 20;  // of a body that nobody wants, to keep the line
constexpr int kLinger_ms = 1'000;

std::string NewRequestId() {
  static const std::uint64_t seed = std::uint64_t{std::random_device()()} << 32;
  static std::atomic<std::uint32_t> next = 0;
  return fmt::format("{:016x}", seed | next++);
}

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

class Session;

// One request on a connection. It outlives the connection while something still works on it.
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
  // Only the strand: false when an answer has begun already.
  bool TakeAnswer() { return !std::exchange(answered_, true); }
  bool answered() const { return answered_; }
  // Counts bytes of the body among those of all requests.
  void Count(std::size_t bytes) {
    counted_ += bytes;
    service_.body_bytes += bytes;
  }

  const Route* route = nullptr;
  Clock::time_point began = Clock::now();
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
  void BeginStream(const std::shared_ptr<Exchange>& exchange, Response head);
  void SendPiece(const std::shared_ptr<Exchange>& exchange, std::string piece);
  void EndStream(const std::shared_ptr<Exchange>& exchange);

 private:
  enum class Phase { kIdle, kHeader, kBody, kAnswer, kWrite, kLinger };

  void Arm(Phase phase, int ms);
  void Expired(Phase phase);
  void WaitForRequest();
  void ReadHeader(bool is_first);
  void OnHeader(error_code ec);
  void RefuseHeader(error_code ec);
  void FillRequest();
  void BeginBody();
  void ReadBody();
  void OnBody(error_code ec, std::size_t space);
  bool KeepBlock(std::span<const std::uint8_t> block);
  void Work();
  void Watch();
  void Refuse(wire::Problem problem, bool keep_line);
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
  unsigned armed_ = 0;
  bool timed_out_ = false, stopping_ = false, watching_ = false, keep_alive_ = false;
  bool is_head_ = false;
  std::uint64_t most_body_ = 0;
  // The answer that is being written.
  std::shared_ptr<http::response<http::string_body>> message_;
  std::ifstream file_;
  std::uint64_t file_left_ = 0;
  std::deque<std::string> pieces_;
  bool streaming_ = false, stream_ended_ = false, piece_on_its_way_ = false, chunked_ = false;
};

// ---- The deadlines ----

void Session::Arm(Phase phase, int ms) {
  phase_ = phase;
  timed_out_ = false;
  timer_.expires_after(std::chrono::milliseconds(ms));
  timer_.async_wait([self = shared_from_this(), phase, turn = ++armed_](error_code ec) {
    if (!ec && turn == self->armed_) self->Expired(phase);
  });
}

void Session::Expired(Phase phase) {
  switch (phase) {
    case Phase::kHeader:
    case Phase::kBody: {
      timed_out_ = true;  // what is pending ends with an error and then sends 408
      error_code ec;
      socket_.cancel(ec);
      return;
    }
    case Phase::kAnswer:
      exchange_->Cancel();
      service_.metrics.CountAbandoned();
      return Send(exchange_, BusyResponse("answer_timeout", "The answer took too long."));
    case Phase::kIdle:
    case Phase::kWrite:
    case Phase::kLinger:
      Close();
  }
}

// ---- Reading ----

void Session::WaitForRequest() {
  if (stopping_ || service_.stopping()) return Close();
  if (buffer_.size() > 0) return ReadHeader(false);  // the next one was sent with the last one
  Arm(Phase::kIdle, service_.options.idle_timeout_ms);
  socket_.async_read_some(buffer_.prepare(kBlock / 16),
                          [self = shared_from_this()](error_code ec, std::size_t bytes) {
                            self->buffer_.commit(bytes);
                            if (ec) return self->Close();
                            self->ReadHeader(false);
                          });
}

void Session::ReadHeader(bool is_first) {
  parser_.emplace();
  // Before the header is read, since a Content-Length is held to it there.
  parser_->body_limit(static_cast<std::uint64_t>(service_.options.max_import_mb) * 1'000'000);
  parser_->header_limit(static_cast<std::uint32_t>(service_.options.max_header_bytes));
  exchange_ = std::make_shared<Exchange>(weak_from_this(), socket_.get_executor(), service_);
  is_head_ = keep_alive_ = false;
  Arm(Phase::kHeader, service_.options.header_timeout_ms);
  if (is_first && stopping_) return Close();
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->OnHeader(ec); });
}

void Session::RefuseHeader(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return Refuse({.status = 431,
                   .type = "header_too_large",
                   .detail = "The header of the request is too large."},
                  false);
  }
  if (ec == http::error::body_limit) {
    return Refuse({.status = 413,
                   .type = "body_too_large",
                   .detail = "The body of the request is too large."},
                  false);
  }
  Refuse({.status = 400,
          .type = "malformed_request",
          .detail = "The request is not well-formed HTTP/1.1."},
         false);
}

void Session::OnHeader(error_code ec) {
  exchange_->began = Clock::now();
  if (ec && timed_out_) {
    if (!parser_->got_some() && buffer_.size() == 0) return Close();
    return Refuse({.status = 408,
                   .type = "header_timeout",
                   .detail = "The header of the request took too long."},
                  false);
  }
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return Close();
  if (ec && ec.category() != http::make_error_code(http::error::bad_method).category())
    return Close();  // the connection failed
  if (ec) return RefuseHeader(ec);
  keep_alive_ = parser_->get().keep_alive();
  FillRequest();
  Request& request = exchange_->request();
  auto target = ParseTarget({parser_->get().target().data(), parser_->get().target().size()});
  if (!target) {
    return Refuse({.status = 400,
                   .type = "bad_target",
                   .detail = "The target is malformed: " + target.error().message + "."},
                  true);
  }
  request.target = std::move(*target);
  Found found = FindRoute(request.method, request.target);
  exchange_->route = found.route;
  request.captured = found.captured;
  if (request.method == "OPTIONS") return Send(exchange_, AnswerOptions(service_, found, request));
  if (auto refusal = Refusal(service_, found, request)) return Send(exchange_, std::move(*refusal));
  BeginBody();
}

void Session::FillRequest() {
  const auto& header = parser_->get();
  Request& request = exchange_->request();
  request.method = std::string(header.method_string());
  is_head_ = request.method == "HEAD";
  for (const auto& field : header) {
    request.headers.emplace_back(
        LowerCase({field.name_string().data(), field.name_string().size()}),
        std::string(field.value()));
  }
  request.client = ClientOf(service_.options, peer_, request.Header("x-forwarded-for"));
  request.id = NewRequestId();
  request.trace_id = TraceIdOf(request.Header("traceparent"));
}

void Session::BeginBody() {
  const Route& route = *exchange_->route;
  const Request& request = exchange_->request();
  most_body_ = MostBodyBytes(service_.options, route);
  const auto length = parser_->content_length();
  if (length && *length > most_body_) {
    return Refuse({.status = 413,
                   .type = "body_too_large",
                   .detail = fmt::format("The body is larger than {} bytes.", most_body_)},
                  *length <= kMostDiscarded);
  }
  if (route.body == Body::kFile) {
    std::error_code ec;
    std::filesystem::create_directories(service_.work_folder(), ec);
    exchange_->request().body_file = service_.work_folder() / ("upload-" + request.id);
    upload_.open(request.body_file, std::ios::binary | std::ios::trunc);
  }
  if (parser_->is_done()) return Work();
  Arm(Phase::kBody, BodyTimeout_ms(service_.options, route));
  if (!boost::beast::iequals(parser_->get()[http::field::expect], "100-continue"))
    return ReadBody();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      if (ec) return self->Close();
                      self->ReadBody();
                    });
}

void Session::ReadBody() {
  auto& body = parser_->get().body();
  body.data = block_.data();
  body.size = block_.size();
  http::async_read_some(socket_, buffer_, *parser_,
                        [self = shared_from_this()](error_code ec, std::size_t) {
                          self->OnBody(ec, self->parser_->get().body().size);
                        });
}

void Session::OnBody(error_code ec, std::size_t space) {
  if (ec == http::error::need_buffer) ec = {};
  if (ec && timed_out_) {
    return Refuse(
        {.status = 408, .type = "body_timeout", .detail = "The body of the request took too long."},
        false);
  }
  if (ec == http::error::body_limit) {
    return Refuse({.status = 413,
                   .type = "body_too_large",
                   .detail = "The body of the request is too large."},
                  false);
  }
  if (ec && ec.category() == http::make_error_code(http::error::bad_method).category() &&
      ec != http::error::partial_message && ec != http::error::end_of_stream)
    return RefuseHeader(ec);
  if (ec) return Close();
  if (!KeepBlock({block_.data(), block_.size() - space})) return;
  if (parser_->is_done()) return Work();
  ReadBody();
}

// False when the request has been refused.
bool Session::KeepBlock(std::span<const std::uint8_t> block) {
  Request& request = exchange_->request();
  exchange_->bytes_in += block.size();
  if (exchange_->bytes_in > most_body_) {
    Refuse({.status = 413,
            .type = "body_too_large",
            .detail = fmt::format("The body is larger than {} bytes.", most_body_)},
           false);
    return false;
  }
  if (exchange_->route->body == Body::kFile) {
    upload_.write(reinterpret_cast<const char*>(block.data()),
                  static_cast<std::streamsize>(block.size()));
    if (upload_) return true;
    Refuse({.status = 507, .type = "disk_full", .detail = "The upload could not be kept."}, false);
    return false;
  }
  exchange_->Count(block.size());
  const auto most = static_cast<std::size_t>(service_.options.body_memory_mb) * 1'000'000;
  if (service_.body_bytes > most) {
    service_.metrics.CountRejected("body_memory");
    Refuse({.status = 503,
            .type = "memory_full",
            .detail = "The bodies of requests take all the memory that they may."},
           false);
    return false;
  }
  request.body.insert(request.body.end(), block.begin(), block.end());
  return true;
}

// ---- Answering ----

void Session::Work() {
  if (upload_.is_open()) {
    upload_.close();
    if (!upload_)
      return Refuse({.status = 507, .type = "disk_full", .detail = "The upload could not be kept."},
                    true);
  }
  Arm(Phase::kAnswer, service_.options.answer_timeout_ms);
  Watch();
  Dispatch(service_, *exchange_->route, exchange_);
}

// Learns that the client has gone while its answer is made. What it has sent already, the next
// request, says that it is there.
void Session::Watch() {
  if (watching_) return;
  watching_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code ec) {
    self->watching_ = false;
    if (ec || self->phase_ != Phase::kAnswer) return;
    char byte = 0;
    const ssize_t got = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
    self->exchange_->Cancel();
    self->exchange_->TakeAnswer();
    self->service_.metrics.CountAbandoned();
    self->exchange_->status = 499;  // as nginx calls it; nobody reads it but the log
    self->exchange_->cause = "client_gone";
    self->LogExchange();
    self->Close();
  });
}

void Session::Refuse(wire::Problem problem, bool keep_line) {
  if (!keep_line) keep_alive_ = false;
  Send(exchange_, ProblemResponse(std::move(problem)));
}

http::response<http::string_body> Session::Head(const Response& response) {
  const Request& request = exchange_->request();
  if (stopping_ || service_.stopping()) keep_alive_ = false;
  Response with_cors{.headers = response.headers};
  AddCorsHeaders(service_, request, with_cors);
  http::response<http::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : with_cors.headers) message.insert(name, value);
  if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
  message.set("X-Request-Id", request.id);
  message.set("X-Content-Type-Options", "nosniff");
  message.set(http::field::cache_control, "no-store");
  if (!request.trace_id.empty())
    message.set("traceparent", "00-" + request.trace_id + "-" + request.id + "-01");
  message.keep_alive(keep_alive_);
  exchange_->status = response.status;
  exchange_->cause = response.cause;
  return message;
}

void Session::Send(const std::shared_ptr<Exchange>& exchange, Response response) {
  if (exchange != exchange_ || !exchange->TakeAnswer()) return;
  // A body that is not there yet is discarded behind the answer, if that is worth it.
  if (!parser_->is_done() && parser_->is_header_done()) {
    const auto left = parser_->content_length_remaining();
    const bool expects = parser_->get().find(http::field::expect) != parser_->get().end();
    if (!left || *left > kMostDiscarded || expects) keep_alive_ = false;
  }
  Arm(Phase::kWrite, service_.options.write_timeout_ms);
  auto message = Head(response);
  if (response.file) return WriteFileHead(response, std::move(message));
  exchange->bytes_out = response.body.size();
  exchange->queue_ms = response.queue_ms;
  exchange->timings = response.timings;
  message.body() = std::move(response.body);
  if (response.status != 204) message.prepare_payload();
  if (is_head_) message.body().clear();
  WriteText(std::move(message));
}

void Session::WriteText(http::response<http::string_body> message) {
  message_ = std::make_shared<http::response<http::string_body>>(std::move(message));
  http::async_write(socket_, *message_, [self = shared_from_this()](error_code ec, std::size_t) {
    self->message_ = nullptr;
    self->Written(ec);
  });
}

void Session::WriteFileHead(const Response& response, http::response<http::string_body> message) {
  file_ = std::ifstream(response.file->path, std::ios::binary);
  file_.seekg(static_cast<std::streamoff>(response.file->offset));
  file_left_ = is_head_ ? 0 : response.file->bytes;
  exchange_->bytes_out = file_left_;
  message.content_length(response.file->bytes);
  message_ = std::make_shared<http::response<http::string_body>>(std::move(message));
  // The message itself has no body, so that its serializer is done with the header.
  auto serializer = std::make_shared<http::response_serializer<http::string_body>>(*message_);
  http::async_write_header(socket_, *serializer,
                           [self = shared_from_this(), serializer](error_code ec, std::size_t) {
                             self->message_ = nullptr;
                             if (ec) return self->Written(ec);
                             self->WriteFile();
                           });
}

void Session::WriteFile() {
  if (file_left_ == 0) return Written({});
  const auto bytes = static_cast<std::streamsize>(std::min<std::uint64_t>(file_left_, kBlock));
  if (!file_.read(reinterpret_cast<char*>(block_.data()), bytes)) return Close();
  file_left_ -= static_cast<std::uint64_t>(bytes);
  Arm(Phase::kWrite, service_.options.write_timeout_ms);
  asio::async_write(socket_, asio::buffer(block_.data(), static_cast<std::size_t>(bytes)),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      if (ec) return self->Close();
                      self->WriteFile();
                    });
}

// ---- Answers that come in pieces ----

void Session::BeginStream(const std::shared_ptr<Exchange>& exchange, Response head) {
  if (exchange != exchange_ || !exchange->TakeAnswer()) return;
  streaming_ = true;
  stream_ended_ = piece_on_its_way_ = false;
  auto message = Head(head);
  chunked_ = parser_->get().version() >= 11;  // an older client reads until the line closes
  if (!chunked_) message.keep_alive(keep_alive_ = false);
  if (chunked_) message.chunked(true);
  message_ = std::make_shared<http::response<http::string_body>>(std::move(message));
  auto serializer = std::make_shared<http::response_serializer<http::string_body>>(*message_);
  piece_on_its_way_ = true;
  Arm(Phase::kWrite, service_.options.answer_timeout_ms);
  http::async_write_header(socket_, *serializer,
                           [self = shared_from_this(), serializer](error_code ec, std::size_t) {
                             self->message_ = nullptr;
                             self->piece_on_its_way_ = false;
                             if (ec) return self->Close();
                             self->WriteNextPiece();
                           });
}

void Session::SendPiece(const std::shared_ptr<Exchange>& exchange, std::string piece) {
  if (exchange != exchange_ || !streaming_ || stream_ended_) return;
  exchange->bytes_out += piece.size();
  pieces_.push_back(chunked_ ? fmt::format("{:x}\r\n{}\r\n", piece.size(), piece)
                             : std::move(piece));
  WriteNextPiece();
}

void Session::EndStream(const std::shared_ptr<Exchange>& exchange) {
  if (exchange != exchange_ || !streaming_ || stream_ended_) return;
  stream_ended_ = true;
  if (chunked_) pieces_.emplace_back("0\r\n\r\n");
  WriteNextPiece();
}

void Session::WriteNextPiece() {
  if (piece_on_its_way_) return;
  // The next piece has to be made, or to be written, within its deadline.
  Arm(Phase::kWrite, service_.options.answer_timeout_ms);
  if (pieces_.empty()) {
    if (!stream_ended_) return;
    streaming_ = false;
    return Written({});
  }
  piece_on_its_way_ = true;
  asio::async_write(socket_, asio::buffer(pieces_.front()),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      self->piece_on_its_way_ = false;
                      if (ec) return self->Close();
                      self->pieces_.pop_front();
                      self->WriteNextPiece();
                    });
}

// ---- After an answer ----

void Session::LogExchange() {
  const Request& request = exchange_->request();
  const double total_ms = MillisecondsSince(exchange_->began);
  const std::string route(exchange_->route == nullptr ? "none" : exchange_->route->pattern);
  service_.metrics.CountRequest(route, exchange_->status, total_ms / 1000);
  if (request.id.empty()) exchange_->request().id = NewRequestId();
  service_.log.Write({.request_id = request.id,
                      .trace_id = request.trace_id,
                      .client = request.client.empty() ? peer_ : request.client,
                      .key_name = request.key_name,
                      .method = request.method,
                      .path = request.target.path,
                      .route = route,
                      .cause = exchange_->cause,
                      .status = exchange_->status,
                      .bytes_in = exchange_->bytes_in,
                      .bytes_out = exchange_->bytes_out,
                      .total_ms = total_ms,
                      .queue_ms = exchange_->queue_ms,
                      .timings = exchange_->timings});
}

void Session::Written(error_code ec) {
  LogExchange();
  if (ec) return Close();
  if (!keep_alive_) return LingerAndClose();
  if (parser_->is_done()) return NextRequest();
  Arm(Phase::kBody, service_.options.body_timeout_ms);
  DiscardBody();
}

void Session::DiscardBody() {
  auto& body = parser_->get().body();
  body.data = block_.data();
  body.size = block_.size();
  http::async_read_some(socket_, buffer_, *parser_,
                        [self = shared_from_this()](error_code ec, std::size_t) {
                          if (ec && ec != http::error::need_buffer) return self->Close();
                          if (self->parser_->is_done()) return self->NextRequest();
                          self->DiscardBody();
                        });
}

void Session::NextRequest() {
  exchange_ = nullptr;
  parser_.reset();
  WaitForRequest();
}

// Closing while bytes of the client are unread would take the answer away from it: the system
// answers them with a reset. So the rest is read for a moment.
void Session::LingerAndClose() {
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  if (ec) return Close();
  Arm(Phase::kLinger, kLinger_ms);
  ReadUntilEnd(kMostDiscarded);
}

void Session::ReadUntilEnd(std::uint64_t left) {
  socket_.async_read_some(asio::buffer(block_),
                          [self = shared_from_this(), left](error_code ec, std::size_t bytes) {
                            if (ec || bytes >= left) return self->Close();
                            self->ReadUntilEnd(left - bytes);
                          });
}

void Session::Close() {
  if (exchange_ && streaming_) exchange_->Cancel();
  ++armed_;
  timer_.cancel();
  error_code ec;
  socket_.close(ec);
}

// ---- From other threads ----

template <class Do>
void Exchange::OnStrand(Do work) {
  asio::post(strand_, [self = shared_from_this(), work = std::move(work)]() mutable {
    if (const auto session = self->session_.lock()) work(*session, self);
  });
}

void Exchange::Reply(Response response) {
  OnStrand([response = std::move(response)](Session& session, const auto& self) mutable {
    session.Send(self, std::move(response));
  });
}

void Exchange::Begin(Response head) {
  OnStrand([head = std::move(head)](Session& session, const auto& self) mutable {
    session.BeginStream(self, std::move(head));
  });
}

void Exchange::Write(std::string piece) {
  OnStrand([piece = std::move(piece)](Session& session, const auto& self) mutable {
    session.SendPiece(self, std::move(piece));
  });
}

void Exchange::End() {
  OnStrand([](Session& session, const auto& self) { session.EndStream(self); });
}

}  // namespace

std::shared_ptr<Connection> StartSession(tcp::socket socket, Service& service,
                                         std::function<void()> closed) {
  auto session = std::make_shared<Session>(std::move(socket), service, std::move(closed));
  session->Start();
  return session;
}

void RefuseConnection(tcp::socket socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
      "Content-Length: 0\r\n\r\n";
  error_code ec;
  socket.non_blocking(true, ec);
  socket.send(asio::buffer(kAnswer.data(), kAnswer.size()), 0, ec);
  socket.shutdown(tcp::socket::shutdown_send, ec);
}

}  // namespace inlier::server

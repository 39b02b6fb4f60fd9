// One connection: reads a request, has it answered, writes the answer, and begins again. All of it
// runs on the strand that the socket has as its executor; other threads come in by Reply, Begin,
// Write and End, which post to it. Each step has a deadline, kept by one timer: the whole header,
// the whole body, the answer, and the writing. The body is read in blocks into memory or a file and
// is counted while it comes, so that what a client declares costs nothing before it is sent. While
// a request is answered, the connection is watched: a client that goes away cancels its query.
#include "server/session.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include <sys/socket.h>
#include <boost/asio/buffer.hpp>

#include "server/gate.h"
#include "server/session_state.h"

namespace inlier::server {
namespace {

constexpr int kLinger_ms = 1'000;
constexpr int kCancelAgain_ms = 100;

double MillisecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

// The number in a header; nothing when it is not there, or is no number.
std::optional<std::uint32_t> NumberIn(const Request& request, std::string_view header) {
  const std::string_view told = request.Header(header);
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(told.data(), told.data() + told.size(), number);
  if (told.empty() || ec != std::errc() || end != told.data() + told.size()) return std::nullopt;
  return number;
}

}  // namespace

// ---- The deadlines ----

void Session::Arm(Phase phase, int ms) {
  timed_out_ = false;
  StartTimer(phase, ms);
}

// Each phase of a request has a limit, and setting a timer costs as much as a system call. Most
// limits are later than the time at which the timer goes off anyway, and are checked then.
void Session::StartTimer(Phase phase, int ms) {
  phase_ = phase;
  deadline_ = Clock::now() + std::chrono::milliseconds(ms);
  if (deadline_ < wakes_) WakeAt(deadline_);
}

void Session::WakeAt(Clock::time_point time) {
  wakes_ = time;
  timer_.expires_at(time);
  timer_.async_wait([self = shared_from_this(), turn = ++armed_](error_code ec) {
    if (ec || turn != self->armed_) return;
    self->wakes_ = Clock::time_point::max();
    if (Clock::now() < self->deadline_) return self->WakeAt(self->deadline_);
    self->Expired(self->phase_);
  });
}

void Session::Expired(Phase phase) {
  switch (phase) {
    case Phase::kHeader:
    case Phase::kBody: {
      timed_out_ = true;  // what is pending ends with an error and then sends 408
      error_code ec;
      socket_.cancel(ec);
      // A read that had just ended was not cancelled, and the next one has begun meanwhile.
      return StartTimer(phase, kCancelAgain_ms);
    }
    case Phase::kAnswer:
      exchange_->Cancel();
      service_.metrics.CountAbandoned();
      return Send(exchange_, ProblemResponse(LateProblem()));
    case Phase::kPause:
      return Send(exchange_, std::move(refusal_));
    case Phase::kIdle:
    case Phase::kWrite:
    case Phase::kLinger:
      Close();
  }
}

// ---- Answering ----

void Session::Work() {
  if (upload_.is_open()) {
    upload_.close();
    if (!upload_)
      return Refuse({.status = 507, .type = "disk_full", .detail = "The upload could not be kept."},
                    true);
  }
  const std::chrono::milliseconds at_most(service_.options.answer_timeout_ms);
  Arm(Phase::kAnswer, static_cast<int>(exchange_->LimitTime(at_most).count()));
  Watch();
  Dispatch(service_, *exchange_->route, exchange_);
}

// Learns that the client has gone while its answer is made. If it has sent something already, its
// next request, it is still there.
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

// ---- After an answer ----

void Session::LogExchange() {
  const Request& request = exchange_->request();
  const double total_ms = MillisecondsSince(exchange_->began);
  const std::string route(exchange_->route == nullptr ? "none" : exchange_->route->pattern);
  service_.metrics.CountRequest(route, exchange_->status, total_ms / 1000);
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
                      .round = static_cast<int>(NumberIn(request, "inlier-round").value_or(0)),
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

// Closing while bytes of the client are unread would make the system answer them with a reset, and
// the client would lose the answer. So the rest is read for a moment.
void Session::LingerAndClose() {
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  if (ec) return Close();
  Arm(Phase::kLinger, kLinger_ms);
  ReadUntilEnd(kMaxDiscarded);
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

std::chrono::milliseconds Exchange::LimitTime(std::chrono::milliseconds at_most) {
  if (const auto told_ms = NumberIn(request_, "inlier-deadline-ms"))
    at_most = std::min(at_most, std::chrono::milliseconds(*told_ms));
  deadline_ = std::chrono::steady_clock::now() + at_most;
  return at_most;
}

void Exchange::Reply(Response response) {
  OnStrand([response = std::move(response)](Session& session, const auto& self) mutable {
    session.Send(self, std::move(response));
  });
}

void Exchange::Begin(Response head) {
  OnStrand([head = std::move(head)](Session& session, const auto& self) {
    session.BeginStream(self, head);
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

std::shared_ptr<Connection> StartSession(tcp::socket socket, Service& service,
                                         std::function<void()> closed) {
  auto session = std::make_shared<Session>(std::move(socket), service, std::move(closed));
  session->Start();
  return session;
}

namespace {

// Reads what a client that was refused has sent, so that the answer reaches it.
class Lingering : public std::enable_shared_from_this<Lingering> {
 public:
  explicit Lingering(tcp::socket socket)
      : socket_(std::move(socket)), timer_(socket_.get_executor()) {
    ++count_;
  }
  ~Lingering() { --count_; }
  Lingering(const Lingering&) = delete;
  Lingering& operator=(const Lingering&) = delete;
  // Under a flood of connections the rest is closed at once.
  static bool MayBegin() { return count_ < kMaxLingering; }
  void Start() {
    timer_.expires_after(std::chrono::milliseconds(kLinger_ms));
    timer_.async_wait([self = shared_from_this()](error_code) {
      error_code ec;
      self->socket_.close(ec);
    });
    Read(kMaxDiscarded);
  }

 private:
  void Read(std::uint64_t left) {
    socket_.async_read_some(asio::buffer(block_),
                            [self = shared_from_this(), left](error_code ec, std::size_t bytes) {
                              if (ec || bytes >= left)
                                self->timer_.cancel();
                              else
                                self->Read(left - bytes);
                            });
  }
  static constexpr int kMaxLingering = 256;
  static inline std::atomic<int> count_ = 0;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::array<char, 4096> block_;
};

}  // namespace

void RefuseConnection(tcp::socket socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
      "Content-Length: 0\r\n\r\n";
  error_code ec;
  socket.non_blocking(true, ec);
  socket.send(asio::buffer(kAnswer.data(), kAnswer.size()), 0, ec);
  socket.shutdown(tcp::socket::shutdown_send, ec);
  if (!ec && Lingering::MayBegin()) std::make_shared<Lingering>(std::move(socket))->Start();
}

}  // namespace inlier::server

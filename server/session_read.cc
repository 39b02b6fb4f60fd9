// Reading a request: its header, its body, and what is refused on the way.
#include "server/session_state.h"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include "server/gate.h"

namespace inlier::server {
namespace {

constexpr std::uint64_t kBytesADiskCheck = 16 << 20;

std::string NewRequestId() {
  static const std::uint64_t seed = std::uint64_t{std::random_device()()} << 32;
  static std::atomic<std::uint32_t> next = 0;
  return fmt::format("{:016x}", seed | next++);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Errors of the syntax, as opposed to those of the connection.
bool IsSyntax(error_code ec) {
  return ec.category() == http::make_error_code(http::error::bad_method).category();
}

// Two servers in a row must agree where a request ends and whom it is for (RFC 9112, 3.2 and 6.1).
// What the parser would tolerate is refused.
std::optional<wire::Problem> FramingProblem(const http::request<http::buffer_body>& header) {
  if (header.count(http::field::transfer_encoding) > 1 ||
      (header.count(http::field::transfer_encoding) == 1 &&
       !boost::beast::iequals(header[http::field::transfer_encoding], "chunked"))) {
    return wire::Problem{.status = 501,
                         .type = "transfer_encoding",
                         .detail = "The only transfer encoding that is understood is 'chunked'."};
  }
  const std::size_t hosts = header.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() >= 11)) {
    return wire::Problem{
        .status = 400, .type = "malformed_request", .detail = "A request has exactly one Host."};
  }
  return std::nullopt;
}

}  // namespace

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
  exchange_->request().id = NewRequestId();
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
  exchange_->began = std::chrono::steady_clock::now();
  if (ec && timed_out_) {
    if (!parser_->got_some() && buffer_.size() == 0) return Close();
    return Refuse({.status = 408,
                   .type = "header_timeout",
                   .detail = "The header of the request took too long."},
                  false);
  }
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return Close();
  if (ec && !IsSyntax(ec)) return Close();  // the connection failed
  if (ec) return RefuseHeader(ec);
  keep_alive_ = parser_->get().keep_alive();
  FillRequest();
  if (auto problem = FramingProblem(parser_->get())) return Refuse(*problem, false);
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
  if (auto refusal = Refusal(service_, found, request)) return SendAfterPause(std::move(*refusal));
  BeginBody();
}

// A client that asks again at once and ignores Retry-After would take processor time away from the
// requests that are being answered.
void Session::SendAfterPause(Response refusal) {
  const int pause_ms = service_.options.refusal_pause_ms;
  if (refusal.cause != "queue_full" || pause_ms == 0) return Send(exchange_, std::move(refusal));
  refusal_ = std::move(refusal);
  Arm(Phase::kPause, pause_ms);
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
  // Of several lines the last one is the nearest proxy's; those before it may be the client's.
  std::string_view forwarded;
  for (const auto& [name, value] : request.headers)
    if (name == "x-forwarded-for") forwarded = value;
  request.client = ClientOf(service_.options, peer_, forwarded);
  request.trace_id = TraceIdOf(request.Header("traceparent"));
}

void Session::RefuseLargeBody(bool keep_line) {
  Refuse({.status = 413,
          .type = "body_too_large",
          .detail = fmt::format("The body is larger than {} bytes.", most_body_)},
         keep_line);
}

void Session::BeginBody() {
  const Route& route = *exchange_->route;
  const Request& request = exchange_->request();
  most_body_ = MostBodyBytes(service_.options, route);
  const auto length = parser_->content_length();
  if (length && *length > most_body_) {
    return RefuseLargeBody(*length <= kMaxDiscarded);
  }
  if (route.body == Body::kFile) {
    std::error_code ec;
    std::filesystem::create_directories(service_.work_folder(), ec);
    exchange_->request().body_file = service_.work_folder() / ("upload-" + request.id);
    upload_.open(request.body_file, std::ios::binary | std::ios::trunc);
  }
  if (route.body == Body::kMemory && length)
    exchange_->request().body.reserve(std::min<std::size_t>(*length, 2 * kBlock));
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
  // A read takes as much as the buffer has room for, which is little after a header.
  const auto left = parser_->content_length_remaining();
  if (!left || *left > kBlock / 16) buffer_.reserve(kBlock);
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
  if (timed_out_) {
    return Refuse(
        {.status = 408, .type = "body_timeout", .detail = "The body of the request took too long."},
        false);
  }
  if (ec && IsSyntax(ec) && ec != http::error::partial_message && ec != http::error::end_of_stream)
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
    RefuseLargeBody(false);
    return false;
  }
  if (exchange_->route->body == Body::kFile) {
    const bool is_due = exchange_->bytes_in / kBytesADiskCheck !=
                        (exchange_->bytes_in - block.size()) / kBytesADiskCheck;
    if (is_due && service_.DiskIsFull()) upload_.setstate(std::ios::failbit);
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

}  // namespace inlier::server

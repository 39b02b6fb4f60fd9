// Writing an answer: whole, from a file, or in pieces.
#include "server/session_state.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "server/gate.h"

namespace inlier::server {

void Session::Refuse(const wire::Problem& problem, bool keep_line) {
  if (!keep_line) keep_alive_ = false;
  Send(exchange_, ProblemResponse(problem));
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
  if (message.find(http::field::cache_control) == message.end())
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
  // A body that has not arrived yet is discarded after the answer, if that is worth it.
  if (!parser_->is_done() && parser_->is_header_done()) {
    const auto left = parser_->content_length_remaining();
    const bool expects = parser_->get().find(http::field::expect) != parser_->get().end();
    if (!left || *left > kMaxDiscarded || expects) keep_alive_ = false;
  }
  Arm(Phase::kWrite, service_.options.write_timeout_ms);
  auto message = Head(response);
  if (response.file) return WriteFileHead(response, std::move(message));
  exchange->bytes_out = response.body.size();
  exchange->queue_ms = response.queue_ms;
  exchange->timings = response.timings;
  message.body() = std::move(response.body);
  if (response.status != 204 && response.status != 304) message.prepare_payload();
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
  if (!file_.read(reinterpret_cast<char*>(block_.data()), bytes)) return Written(asio::error::eof);
  file_left_ -= static_cast<std::uint64_t>(bytes);
  Arm(Phase::kWrite, service_.options.write_timeout_ms);
  asio::async_write(socket_, asio::buffer(block_.data(), static_cast<std::size_t>(bytes)),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      if (ec) return self->Written(ec);
                      self->WriteFile();
                    });
}

// ---- Answers that come in pieces ----

void Session::BeginStream(const std::shared_ptr<Exchange>& exchange, const Response& head) {
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
                             if (ec) return self->Written(ec);
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
                      if (ec) return self->Written(ec);
                      self->pieces_.pop_front();
                      self->WriteNextPiece();
                    });
}

}  // namespace inlier::server

#include "tests/support/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <sstream>

namespace inlier::test {
namespace {

constexpr int kPatience_ms = 10'000;

std::string Lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::string HttpAnswer::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

RawConnection::RawConnection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Close();
}

RawConnection::~RawConnection() { Close(); }

void RawConnection::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool RawConnection::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawConnection::Fill() {
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, kPatience_ms) <= 0) return false;
  char block[65536];
  const ssize_t got = recv(socket_, block, sizeof block, 0);
  if (got <= 0) return false;
  received_.append(block, static_cast<std::size_t>(got));
  return true;
}

bool RawConnection::IsClosed() {
  if (!received_.empty()) return false;
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, kPatience_ms) <= 0) return false;
  char byte = 0;
  return recv(socket_, &byte, 1, 0) <= 0;
}

HttpAnswer RawConnection::Receive(bool head) {
  HttpAnswer answer;
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!Fill()) return answer;
  std::stringstream header(received_.substr(0, end + 2));
  received_.erase(0, end + 4);
  std::string line;
  std::getline(header, line);
  answer.status = std::stoi(line.substr(9, 3));
  while (std::getline(header, line) && line.size() > 1) {
    const std::size_t colon = line.find(": ");
    answer.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2, line.size() - colon - 3);
  }
  if (head || answer.status == 204 || answer.status == 100) return answer;
  if (answer.Header("transfer-encoding") == "chunked") {
    while (true) {
      std::size_t line_end = 0;
      while ((line_end = received_.find("\r\n")) == std::string::npos)
        if (!Fill()) return answer;
      const std::size_t bytes = std::stoul(received_.substr(0, line_end), nullptr, 16);
      while (received_.size() < line_end + 2 + bytes + 2)
        if (!Fill()) return answer;
      answer.body += received_.substr(line_end + 2, bytes);
      received_.erase(0, line_end + 2 + bytes + 2);
      if (bytes == 0) return answer;
    }
  }
  const std::size_t bytes = std::stoul("0" + answer.Header("content-length"));
  while (received_.size() < bytes)
    if (!Fill()) return answer;
  answer.body = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return answer;
}

std::string RequestText(const std::string& method, const std::string& target, std::string_view body,
                        const std::vector<std::string>& headers) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  if (!body.empty() || method == "POST" || method == "PUT")
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

std::string MultipartBody(const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string body;
  for (const auto& [header, content] : parts)
    body += "--edge\r\n" + header + "\r\n\r\n" + content + "\r\n";
  return body + "--edge--\r\n";
}

std::pair<std::string, std::string> FilePart(const std::string& name, const std::string& filename,
                                             std::string content) {
  std::string header = "Content-Disposition: form-data; name=\"" + name + "\"";
  if (!filename.empty()) header += "; filename=\"" + filename + "\"";
  return {header, std::move(content)};
}

}  // namespace inlier::test

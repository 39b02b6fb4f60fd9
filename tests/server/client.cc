#include "tests/server/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace inlier::test {
namespace {

constexpr int kPatience_ms = 10'000;

std::string FileText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

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

RawConnection::RawConnection(int port) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

bool RawConnection::Send(std::string_view bytes) {
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

ServerProcess::ServerProcess(const std::filesystem::path& database, std::vector<std::string> flags,
                             std::vector<std::string> environment) {
  std::vector<std::string> words{INLIER_BINARY,     "serve", "--db",
                                 database.string(), "--log", (folder_ / "log").string()};
  environment.emplace_back("INLIER_LISTEN=127.0.0.1:0");
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = (folder_ / "out").string(), err = (folder_ / "err").string();
  process_ = fork();
  if (process_ == 0) {  // only system calls are safe here
    for (std::string& variable : environment) putenv(variable.data());
    const int output = open(out.c_str(), O_WRONLY | O_CREAT, 0600);
    const int errors = open(err.c_str(), O_WRONLY | O_CREAT, 0600);
    if (output < 0 || errors < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (port_ == 0 && std::chrono::steady_clock::now() < until) {
    const std::string text = FileText(folder_ / "out");
    if (text.starts_with("listening") && text.ends_with('\n'))
      port_ = std::stoi(text.substr(text.rfind(':') + 1));
    if (port_ == 0 && HasEnded()) return;
    if (port_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

ServerProcess::~ServerProcess() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

// Leaves it to Wait to learn how.
bool ServerProcess::HasEnded() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == process_;
}

void ServerProcess::Signal(int signal) const { kill(process_, signal); }

int ServerProcess::Wait() {
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServerProcess::Log() const { return FileText(folder_ / "log"); }
std::string ServerProcess::Output() const { return FileText(folder_ / "out"); }
std::string ServerProcess::Errors() const { return FileText(folder_ / "err"); }

bool ServerProcess::WaitUntilReady() const {
  const HttpAnswer ready =
      AskUntil("/readyz", [](const HttpAnswer& answer) { return answer.status == 200; });
  return ready.status == 200;
}

HttpAnswer ServerProcess::AskUntil(const std::string& target,
                                   const std::function<bool(const HttpAnswer&)>& enough) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (true) {
    HttpAnswer answer = Ask("GET", target);
    if (enough(answer) || std::chrono::steady_clock::now() > until) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

HttpAnswer ServerProcess::Ask(const std::string& method, const std::string& target,
                              std::string_view body,
                              const std::vector<std::string>& headers) const {
  RawConnection connection(port_);
  connection.Send(RequestText(method, target, body, headers));
  return connection.Receive(method == "HEAD");
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

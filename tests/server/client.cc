#include "tests/server/client.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace inlier::test {
namespace {

std::string FileText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& database,
                             const std::vector<std::string>& flags,
                             std::vector<std::string> environment) {
  std::vector<std::string> words{INLIER_BINARY, "serve", "--log", (folder_ / "log").string()};
  if (!database.empty()) words.insert(words.end(), {"--db", database.string()});
  environment.emplace_back("INLIER_LISTEN=127.0.0.1:0");
  words.insert(words.end(), flags.begin(), flags.end());
  Launch(std::move(words), std::move(environment));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (port_ == 0 && std::chrono::steady_clock::now() < until) {
    const std::string text = FileText(folder_ / "out");
    if (text.starts_with("listening") && text.ends_with('\n'))
      port_ = std::stoi(text.substr(text.rfind(':') + 1));
    if (port_ == 0 && HasEnded()) return;
    if (port_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void ServerProcess::Launch(std::vector<std::string> words, std::vector<std::string> environment) {
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

}  // namespace inlier::test

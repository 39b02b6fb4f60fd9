#include "tests/crash/process.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace inlier::test {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

bool Say(const std::string& line) {
  const std::string text = line + "\n";
  return ::write(STDOUT_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

Ended RunForked(const std::function<int()>& body, std::chrono::microseconds kill_after,
                bool from_first_line, std::chrono::seconds give_up_after) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    _exit(body());
  }
  close(ends[1]);

  Ended ended;
  std::string text;
  const auto give_up_at = Clock::now() + give_up_after;
  auto kill_at = from_first_line ? give_up_at : Clock::now() + kill_after;
  bool killed = false;
  for (;;) {
    const auto now = Clock::now();
    if (!killed && (now >= kill_at || now >= give_up_at)) {
      ended.timed_out = now >= give_up_at;
      kill(child, SIGKILL);
      killed = true;
    }
    const auto left = std::max(std::min(kill_at, give_up_at) - now, Clock::duration(0));
    const timespec wait = {
        .tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count(),
        .tv_nsec =
            std::chrono::duration_cast<std::chrono::nanoseconds>(left).count() % 1'000'000'000};
    pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
    if (ppoll(&readable, 1, killed ? nullptr : &wait, nullptr) <= 0) continue;
    char buffer[4096];
    const ssize_t got = read(ends[0], buffer, sizeof(buffer));
    if (got <= 0) break;
    if (from_first_line && text.empty()) kill_at = Clock::now() + kill_after;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  waitpid(child, &ended.status, 0);
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    ended.lines.push_back(text.substr(at, end - at));  // a line without its end does not count
  }
  return ended;
}

Ended RunProcess(const std::vector<std::string>& arguments, std::chrono::microseconds kill_after) {
  return RunForked(
      [&arguments] {
        std::vector<char*> pointers;
        for (const std::string& word : arguments)
          // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execv does not change them
          pointers.push_back(const_cast<char*>(word.c_str()));
        pointers.push_back(nullptr);
        execv(pointers[0], pointers.data());
        return 127;
      },
      kill_after);
}

}  // namespace inlier::test

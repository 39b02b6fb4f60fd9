#include "bench/report.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace inlier {
namespace {

constexpr const char* kPython = "/usr/bin/python3";  // Debian's, which has Debian's matplotlib
constexpr const char* kHowToGet =
    "it needs Debian's python3-matplotlib (scripts/setup installs it)";

// The script beside the sources, or where the program was installed.
std::filesystem::path Script() {
  std::error_code ec;
  std::filesystem::path built = INLIER_REPORT_SCRIPT;
  if (std::filesystem::exists(built, ec)) return built;
  return std::filesystem::read_symlink("/proc/self/exe", ec).parent_path() /
         "../share/inlier/report.py";
}

}  // namespace

Status WriteBenchReport(const std::filesystem::path& out) {
  const std::filesystem::path script = Script();
  std::error_code ec;
  if (!std::filesystem::exists(kPython, ec))
    return Fail(ErrorCode::kNotFound, std::string("no ") + kPython + "; " + kHowToGet);
  if (!std::filesystem::exists(script, ec))
    return Fail(ErrorCode::kNotFound, "no " + script.string());
  std::vector<std::string> words = {kPython, "-B", script.string(), out.string()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int failed = posix_spawn(&child, kPython, nullptr, nullptr, arguments.data(), environ);
      failed != 0) {
    return Fail(ErrorCode::kIo, std::string(kPython) + ": " + std::strerror(failed));
  }
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
    return Fail(ErrorCode::kIo, std::string("the script failed; ") + kHowToGet);
  return {};
}

}  // namespace inlier

#include "cli/console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

#include "cli/text.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\033[K";

std::mutex mutex;
bool status_shown = false;
int output_error = 0;

void Write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

void EraseStatus() {
  if (status_shown) Write(stderr, kEraseLine);
  status_shown = false;
}

}  // namespace

void Complain(std::string_view message) {
  std::lock_guard lock(mutex);
  EraseStatus();
  Write(stderr, "inlier: " + Printable(message) + "\n");
}

void Print(std::string_view text) {
  std::lock_guard lock(mutex);
  EraseStatus();
  errno = 0;
  Write(stdout, text);
  if (std::ferror(stdout) && output_error == 0) output_error = errno;
}

bool FlushOutput() {
  errno = 0;
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
  if (!std::ferror(stdout) && output_error == 0) return true;
  Complain(std::string("cannot write the results: ") + std::strerror(output_error));
  return false;
}

void ShowStatusLine(std::string_view line) {
  std::lock_guard lock(mutex);
  EraseStatus();
  Write(stderr, line);
  std::fflush(stderr);
  status_shown = !line.empty();
}

}  // namespace inlier::cli

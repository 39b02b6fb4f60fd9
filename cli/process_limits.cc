#include "cli/process_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>

#include "cli/exit_code.h"

namespace inlier::cli {
namespace {

constexpr const char* kBlasThreads = "OPENBLAS_NUM_THREADS";

void RaiseOpenFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);  // a smaller limit does as well for all but huge databases
}

bool MemoryIsLimited() {
  rlimit memory{};
  return getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_cur != RLIM_INFINITY;
}

// OpenBLAS reads the variable while it is loaded, so it is too late for this process. When it
// cannot begin again, it goes on as it is.
void HoldBlasToOneThread(char** argv) {
  if (getenv(kBlasThreads) != nullptr || setenv(kBlasThreads, "1", 0) != 0) return;
  std::error_code ec;
  execv(std::filesystem::read_symlink("/proc/self/exe", ec).c_str(), argv);
}

void Say(const char* text) { static_cast<void>(!write(STDERR_FILENO, text, std::strlen(text))); }

// Takes no memory, since there may be none.
[[noreturn]] void EndWithCause() {
  const char* cause = "a limit of memory or of threads is met within a library (ulimit -v, -u)";
  const std::exception_ptr thrown = std::current_exception();
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    cause = CauseOf(e);
  } catch (...) {  // then the words above have to suffice
  }
  for (const char* part : {"inlier: ", cause, "\n"}) Say(part);
  _exit(static_cast<int>(ExitCode::kSomeFailed));
}

}  // namespace

void PrepareForLimits(char** argv) {
  RaiseOpenFiles();
  if (MemoryIsLimited()) HoldBlasToOneThread(argv);
  std::set_terminate(EndWithCause);
}

const char* CauseOf(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr)
    return "there is not enough memory";
  if (std::strstr(exception.what(), "Insufficient memory") != nullptr)  // OpenCV
    return "there is not enough memory";
  const auto* error = dynamic_cast<const std::system_error*>(&exception);
  if (error != nullptr && error->code() == std::errc::resource_unavailable_try_again) {
    return "no thread can be started: the limit of threads or of memory is met (ulimit -u, -v)";
  }
  return exception.what();
}

}  // namespace inlier::cli

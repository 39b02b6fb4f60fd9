#include "benchmarks/clock.h"

#include <malloc.h>

#include <ctime>
#include <fstream>
#include <string>

namespace inlier {
namespace {

double Clock_ms(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

// Of /proc/self/status, a line in kilobytes.
std::uint64_t Status_bytes(const std::string& line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

double ProcessCpu_ms() { return Clock_ms(CLOCK_PROCESS_CPUTIME_ID); }
double ThreadCpu_ms() { return Clock_ms(CLOCK_THREAD_CPUTIME_ID); }

std::uint64_t ResetPeakMemory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return Status_bytes("VmRSS:");
}

std::uint64_t PeakMemory_bytes() { return Status_bytes("VmHWM:"); }

}  // namespace inlier

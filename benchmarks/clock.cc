#include "benchmarks/clock.h"

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

}  // namespace

double ProcessCpu_ms() { return Clock_ms(CLOCK_PROCESS_CPUTIME_ID); }
double ThreadCpu_ms() { return Clock_ms(CLOCK_THREAD_CPUTIME_ID); }

void ResetPeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::uint64_t PeakMemory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace inlier

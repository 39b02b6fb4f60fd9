#include "bench/peak_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace inlier {
namespace {

// A line of /proc/self/status, which is in kilobytes.
std::uint64_t Status_bytes(const std::string& line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

std::uint64_t ResetPeakMemory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return Status_bytes("VmRSS:");
}

std::uint64_t PeakMemory_bytes() { return Status_bytes("VmHWM:"); }

}  // namespace inlier

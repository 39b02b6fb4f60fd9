#include "core/peak_memory.h"

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

bool ResetPeakMemory() {
  malloc_trim(0);
  return static_cast<bool>((std::ofstream("/proc/self/clear_refs") << "5").flush());
}

std::uint64_t ResidentMemory_bytes() { return Status_bytes("VmRSS:"); }

std::uint64_t PeakMemory_bytes() { return Status_bytes("VmHWM:"); }

}  // namespace inlier

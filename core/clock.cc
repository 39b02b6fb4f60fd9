#include "core/clock.h"

#include <ctime>

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

}  // namespace inlier

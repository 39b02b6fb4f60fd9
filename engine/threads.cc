#include "engine/threads.h"

#include <malloc.h>

#include <mutex>

#include <opencv2/core/utility.hpp>

extern "C" void openblas_set_num_threads(int);

namespace inlier {

void UseSingleThreadedLibraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::setNumThreads(1);
    openblas_set_num_threads(1);
  });
}

void KeepFreedMemory() {
  constexpr int kLargest = 32 << 20;  // the largest threshold that glibc accepts
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, 16 * kLargest);
}

}  // namespace inlier

#include "engine/threads.h"

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

}  // namespace inlier

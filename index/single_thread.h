#pragma once

#include <omp.h>

namespace inlier {

/// While it lives, FAISS and OpenBLAS use one thread. They would otherwise start OpenMP threads of
/// their own. Our parallelism goes over whole chunks, so that a sum is never split in a way that
/// depends on the number of threads.
struct SingleThread {
  SingleThread() : before(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThread() { omp_set_num_threads(before); }
  int before;
};

}  // namespace inlier

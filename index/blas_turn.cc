#include "index/blas_turn.h"

#include <sys/resource.h>

#include <cstdlib>
#include <new>

namespace inlier {
namespace {

constexpr std::size_t kWorkingMemory_bytes = std::size_t{129} << 20;  // a little more than it takes

bool MemoryIsLimited() {
  rlimit memory{};
  return getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_cur != RLIM_INFINITY;
}

}  // namespace

BlasTurn::BlasTurn() {
  static const bool limited = MemoryIsLimited();
  static std::mutex mutex;
  static bool has_memory = false;  // guarded by the mutex
  if (!limited) return;
  turn_ = std::unique_lock(mutex);
  if (has_memory) return;
  void* const memory = std::malloc(kWorkingMemory_bytes);
  if (memory == nullptr) throw std::bad_alloc();
  std::free(memory);
  has_memory = true;
}

}  // namespace inlier

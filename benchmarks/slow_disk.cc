// A library for LD_PRELOAD that makes a fast disk as slow at flushing as a usual one: fsync and
// fdatasync wait for INLIER_FLUSH_MS milliseconds, one after another, before they do their work.
// With it benchmarks/server_load.py shows what group commit gains where a flush costs something.
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {

using Flush = int (*)(int);

int Slowly(const char* name, int file) {
  static std::mutex disk;
  const char* const ms = std::getenv("INLIER_FLUSH_MS");
  const std::scoped_lock alone(disk);
  std::this_thread::sleep_for(std::chrono::milliseconds(ms == nullptr ? 0 : std::atoi(ms)));
  return reinterpret_cast<Flush>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" {
int fsync(int file) { return Slowly("fsync", file); }
int fdatasync(int file) { return Slowly("fdatasync", file); }
}

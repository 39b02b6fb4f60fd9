// A library below libc that behaves like a poor network share, for share_test.cc. Each variable
// holds the errno with which a call fails: INLIER_TEST_LOCK_ERROR that of locks, as on NFS without
// its lock daemon, and INLIER_TEST_FOLDER_SYNC_ERROR that of syncs of a folder, as on SMB and some
// FUSE.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>

namespace {

// 0 when the variable is not set.
int ErrorFrom(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? 0 : std::atoi(value);
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int Lock(const char* name, int file, int command, void* argument) {
  const int error = ErrorFrom("INLIER_TEST_LOCK_ERROR");
  if (error != 0 && (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK)) {
    errno = error;
    return -1;
  }
  return Real<int(int, int, ...)>(name)(file, command, argument);
}

int Sync(const char* name, int file) {
  struct stat status {};
  const int error = ErrorFrom("INLIER_TEST_FOLDER_SYNC_ERROR");
  if (error != 0 && fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = error;
    return -1;
  }
  return Real<int(int)>(name)(file);
}

}  // namespace

extern "C" {

int fcntl(int file, int command, ...) {
  va_list values;
  va_start(values, command);
  void* argument = va_arg(values, void*);
  va_end(values);
  return Lock("fcntl", file, command, argument);
}

int fcntl64(int file, int command, ...) {
  va_list values;
  va_start(values, command);
  void* argument = va_arg(values, void*);
  va_end(values);
  return Lock("fcntl64", file, command, argument);
}

int fsync(int file) { return Sync("fsync", file); }
int fdatasync(int file) { return Sync("fdatasync", file); }

}  // extern "C"

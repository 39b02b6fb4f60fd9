// A library below libc that behaves like a poor network share, for share_test.cc. Each variable
// holds the errno with which a call fails: INLIER_TEST_LOCK_ERROR that of locks, as on NFS without
// its lock daemon, INLIER_TEST_FOLDER_SYNC_ERROR that of syncs of a folder, as on SMB and some
// FUSE, and INLIER_TEST_WRITE_ERROR that of whatever changes a file or a folder below a database,
// as where the file system is read-only.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

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

// The error of a change of this path. Tests call their databases so; the program's own output goes
// elsewhere.
int ChangeError(const char* path) {
  return std::strstr(path, ".db") == nullptr ? 0 : ErrorFrom("INLIER_TEST_WRITE_ERROR");
}

int Open(const char* name, const char* path, int flags, mode_t mode) {
  const bool writes = (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY;
  if (const int error = writes ? ChangeError(path) : 0; error != 0) {
    errno = error;
    return -1;
  }
  return Real<int(const char*, int, ...)>(name)(path, flags, mode);
}

mode_t ModeOf(int flags, va_list values) {
  return (flags & O_CREAT) != 0 ? va_arg(values, mode_t) : 0;
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

int open(const char* path, int flags, ...) {
  va_list values;
  va_start(values, flags);
  const mode_t mode = ModeOf(flags, values);
  va_end(values);
  return Open("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list values;
  va_start(values, flags);
  const mode_t mode = ModeOf(flags, values);
  va_end(values);
  return Open("open64", path, flags, mode);
}

int mkdir(const char* path, mode_t mode) {
  if (const int error = ChangeError(path); error != 0) {
    errno = error;
    return -1;
  }
  return Real<int(const char*, mode_t)>("mkdir")(path, mode);
}

int rename(const char* from, const char* to) {
  if (const int error = ChangeError(to); error != 0) {
    errno = error;
    return -1;
  }
  return Real<int(const char*, const char*)>("rename")(from, to);
}

int fsync(int file) { return Sync("fsync", file); }
int fdatasync(int file) { return Sync("fdatasync", file); }

}  // extern "C"

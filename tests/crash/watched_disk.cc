// A library for LD_PRELOAD that watches what a process does below one folder. Next to the folder it
// keeps what a disk would contain if the power failed now. It replaces calls of libc, through which
// every write of the store and of the index files passes, so neither of them has to know about it.
//
// It reads its environment when `inlier_watch_disk` is called, and when the process starts.
//
//   INLIER_DISK_FOLDER   the folder that is watched, as `DiskImage` prepared it
//   INLIER_DISK_STATE    where the state is kept: a journal of names, and each file's synced bytes
//   INLIER_DISK_DIES_AT  the process dies by SIGKILL before this event, counted from 1
//   INLIER_DISK_FAILS    KIND:N:ERRNO makes event N of that kind (write, sync, rename, read) and
//                        all later ones fail; KIND:N:ERRNO:once makes only that one fail
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/crash/disk_journal.h"

namespace {

using inlier::test::JournalLine;
using inlier::test::ReadJournal;

template <class F>
F* Next(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

int NextOpen(const char* path, int flags, mode_t mode) {
  static auto* const next = Next<int(const char*, int, ...)>("open");
  return next(path, flags, mode);
}
ssize_t NextWrite(int fd, const void* bytes, std::size_t size) {
  static auto* const next = Next<ssize_t(int, const void*, std::size_t)>("write");
  return next(fd, bytes, size);
}

class Disk {
 public:
  Disk() {
    const char* folder = std::getenv("INLIER_DISK_FOLDER");
    const char* state = std::getenv("INLIER_DISK_STATE");
    if (folder == nullptr || state == nullptr) return;
    folder_ = folder;
    state_ = state;
    for (const JournalLine& line : ReadJournal(state_ + "/journal")) Apply(line);
    journal_ = NextOpen((state_ + "/journal").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (const char* at = std::getenv("INLIER_DISK_DIES_AT"))
      dies_at_ = std::strtoull(at, nullptr, 10);
    if (const char* fails = std::getenv("INLIER_DISK_FAILS")) {
      char kind[16] = {}, once[8] = {};
      if (std::sscanf(fails, "%15[a-z]:%lu:%d:%7s", kind, &fails_from_, &fails_with_, once) >= 3)
        failing_ = kind;
      fails_once_ = once[0] != 0;
    }
  }

  std::mutex mutex;

  bool Watches(const char* path) const {
    return !folder_.empty() && path != nullptr && Relative(path) != nullptr;
  }
  bool Watches(int fd) const { return open_.contains(fd); }

  // Is called before each change of the disk.
  void Event() {
    if (++events_ == dies_at_) kill(getpid(), SIGKILL);
  }

  // Returns true, with errno set, when this call has to fail.
  bool Fails(const char* kind) {
    if (failing_ != kind) return false;
    const std::uint64_t number = ++of_kind_;
    if (number < fails_from_ || (fails_once_ && number > fails_from_)) return false;
    errno = fails_with_;
    return true;
  }

  void Opened(int fd, const char* path, bool is_new) {
    const std::string name = Relative(path);
    struct stat found {};
    if (fstat(fd, &found) != 0) return;
    if (S_ISDIR(found.st_mode)) {
      open_[fd] = {.folder = name, .id = 0};
      return;
    }
    if (is_new || !ids_.contains(name)) Log({.what = "create", .name = name, .id = ++last_id_});
    open_[fd] = {.id = ids_.at(name)};
  }
  void Closed(int fd) { open_.erase(fd); }
  void Log(const JournalLine& line) {
    Apply(line);
    const std::string text = ToText(line);
    NextWrite(journal_, text.data(), text.size());
  }
  std::string Name(const char* path) const { return Relative(path); }

  // Records what is synced: the names in a folder as a journal line, a file's bytes as a copy.
  void Synced(int fd) {
    const Open& open = open_.at(fd);
    if (open.id == 0) return Log({.what = "sync-folder", .name = open.folder});
    const std::string kept = state_ + "/" + std::to_string(open.id);
    const int from =
        NextOpen(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC, 0);
    const int to =
        NextOpen((kept + ".new").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    char buffer[1 << 16];
    off_t at = 0;
    for (ssize_t got; (got = pread(from, buffer, sizeof(buffer), at)) > 0; at += got) {
      if (NextWrite(to, buffer, static_cast<std::size_t>(got)) != got) abort();
    }
    static auto* const close_next = Next<int(int)>("close");
    close_next(from);
    close_next(to);
    static auto* const rename_next = Next<int(const char*, const char*)>("rename");
    rename_next((kept + ".new").c_str(), kept.c_str());
  }

 private:
  struct Open {
    std::string folder;    // of a folder
    std::uint64_t id = 0;  // of a file
  };

  const char* Relative(const char* path) const {
    const std::size_t length = folder_.size();
    if (std::strncmp(path, folder_.c_str(), length) != 0) return nullptr;
    if (path[length] == 0) return path + length;
    return path[length] == '/' ? path + length + 1 : nullptr;
  }

  void Apply(const JournalLine& line) {
    last_id_ = std::max(last_id_, line.id);
    if (line.what == "create") ids_[line.name] = line.id;
    if (line.what == "unlink") ids_.erase(line.name);
    if (line.what == "rename" && ids_.contains(line.name)) {
      ids_[line.to] = ids_[line.name];
      ids_.erase(line.name);
    }
  }

  std::string folder_, state_;
  int journal_ = -1;
  std::uint64_t events_ = 0, dies_at_ = 0, last_id_ = 0;
  std::string failing_;
  std::uint64_t fails_from_ = 0, of_kind_ = 0;
  int fails_with_ = 0;
  bool fails_once_ = false;
  std::map<std::string, std::uint64_t> ids_;
  std::map<int, Open> open_;
};

// The calls that this library makes itself are not watched.
thread_local bool inside = false;

class Watch {
 public:
  Watch() : outermost_(!inside) {
    inside = true;
    // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): Kept has to find `inside` set
    disk_ = Kept();
    if (outermost_) disk_->mutex.lock();
  }
  ~Watch() {
    if (!outermost_) return;
    disk_->mutex.unlock();
    inside = false;
  }
  Disk* operator->() const { return disk_; }

  // It is never destroyed, so that it outlives every thread.
  static Disk*& Kept() {
    static Disk* kept = new Disk;
    return kept;
  }

 private:
  Disk* disk_ = nullptr;
  bool outermost_;
};

int OpenAt(const char* path, int flags, mode_t mode) {
  if (inside) return NextOpen(path, flags, mode);
  const Watch disk;
  if (!disk->Watches(path)) return NextOpen(path, flags, mode);
  const bool changes = (flags & (O_CREAT | O_TRUNC)) != 0;
  if (changes) disk->Event();
  struct stat found {};
  const bool is_new = (flags & O_CREAT) != 0 && stat(path, &found) != 0;
  if (changes && disk->Fails("write")) return -1;
  const int fd = NextOpen(path, flags, mode);
  if (fd >= 0) disk->Opened(fd, path, is_new);
  return fd;
}

template <class Act>
auto Changing(int fd, const char* kind, const Act& act) -> decltype(act()) {
  if (inside) return act();
  const Watch disk;
  if (disk->Watches(fd)) {
    disk->Event();
    if (disk->Fails(kind)) return -1;
  }
  return act();
}

int Sync(int fd, const char* name) {
  auto* const next = Next<int(int)>(name);
  if (inside) return next(fd);
  const Watch disk;
  if (!disk->Watches(fd)) return next(fd);
  disk->Event();
  if (disk->Fails("sync")) return -1;
  // The copy next to the folder stands for the disk, so the real disk does not have to sync.
  disk->Synced(fd);
  return 0;
}

template <class Act>
auto Reading(int fd, const Act& act) -> decltype(act()) {
  if (!inside) {
    const Watch disk;
    if (disk->Watches(fd) && disk->Fails("read")) return -1;
  }
  return act();
}

int Unlink(const char* path, const char* name) {
  auto* const next = Next<int(const char*)>(name);
  if (inside) return next(path);
  const Watch disk;
  if (!disk->Watches(path)) return next(path);
  disk->Event();
  disk->Log({.what = "unlink", .name = disk->Name(path)});
  return next(path);
}

}  // namespace

extern "C" {

void inlier_watch_disk() {
  inside = true;
  Watch::Kept() = new Disk;
  inside = false;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return OpenAt(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return OpenAt(path, flags, mode);
}
int close(int fd) {
  static auto* const next = Next<int(int)>("close");
  if (inside) return next(fd);
  const Watch disk;
  disk->Closed(fd);
  return next(fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return Changing(fd, "write", [&] { return NextWrite(fd, bytes, size); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static auto* const next = Next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return Changing(fd, "write", [&] { return next(fd, bytes, size, at); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return pwrite64(fd, bytes, size, at);
}
int ftruncate64(int fd, off64_t size) {
  static auto* const next = Next<int(int, off64_t)>("ftruncate64");
  return Changing(fd, "write", [&] { return next(fd, size); });
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

ssize_t read(int fd, void* bytes, size_t size) {
  static auto* const next = Next<ssize_t(int, void*, size_t)>("read");
  return Reading(fd, [&] { return next(fd, bytes, size); });
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t at) {
  static auto* const next = Next<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return Reading(fd, [&] { return next(fd, bytes, size, at); });
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) { return pread64(fd, bytes, size, at); }

int fsync(int fd) { return Sync(fd, "fsync"); }
int fdatasync(int fd) { return Sync(fd, "fdatasync"); }

int rename(const char* from, const char* to) {
  static auto* const next = Next<int(const char*, const char*)>("rename");
  if (inside) return next(from, to);
  const Watch disk;
  if (!disk->Watches(from)) return next(from, to);
  disk->Event();
  if (disk->Fails("rename")) return -1;
  disk->Log({.what = "rename", .name = disk->Name(from), .to = disk->Name(to)});
  return next(from, to);
}
int unlink(const char* path) { return Unlink(path, "unlink"); }
int remove(const char* path) { return Unlink(path, "remove"); }

int mkdir(const char* path, mode_t mode) {
  static auto* const next = Next<int(const char*, mode_t)>("mkdir");
  if (inside) return next(path, mode);
  const Watch disk;
  if (!disk->Watches(path)) return next(path, mode);
  disk->Event();
  const int made = next(path, mode);
  if (made == 0) disk->Log({.what = "mkdir", .name = disk->Name(path)});
  return made;
}

}  // extern "C"

#include "index/store_files.h"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "index/table_files.h"

namespace inlier {
namespace {

using FileId = std::pair<dev_t, ino_t>;

// What this process has locked. The kernel's lock belongs to the process, so it does not keep a
// process from locking a file twice, and it is lost as soon as any descriptor of the file is
// closed. So a file that is locked must not even be opened again.
struct Locked {
  std::mutex mutex;
  std::set<FileId> files;
};

Locked& OfThisProcess() {
  static auto& locked = *new Locked;
  return locked;
}

class Lock final : public rocksdb::FileLock {
 public:
  Lock(int fd, FileId file) : fd_(fd), file_(file) {}
  ~Lock() override {
    std::lock_guard guard(OfThisProcess().mutex);
    ::close(fd_);  // which unlocks it
    OfThisProcess().files.erase(file_);
  }

 private:
  int fd_;
  FileId file_;
};

class Folder final : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(std::unique_ptr<rocksdb::FSDirectory> folder, std::shared_ptr<std::atomic<bool>> refused)
      : FSDirectoryWrapper(std::move(folder)), refused_(std::move(refused)) {}

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    errno = 0;
    return Accepted(FSDirectoryWrapper::Fsync(options, debug));
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                        rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& how) override {
    errno = 0;
    return Accepted(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how));
  }

 private:
  rocksdb::IOStatus Accepted(rocksdb::IOStatus status) {
    const int error = errno;
    if (status.ok() || !RefusesToSyncFolders(error)) return status;
    *refused_ = true;
    return rocksdb::IOStatus::OK();
  }
  std::shared_ptr<std::atomic<bool>> refused_;
};

rocksdb::IOStatus Failed(const std::string& name, int error) {
  return rocksdb::IOStatus::IOError(name, std::strerror(error));
}

}  // namespace

rocksdb::IOStatus StoreFiles::Noted(Status status) {
  const int error = errno;
  if (!status.ok() && error != 0 && error != ENOENT) last_error_ = error;
  return status;
}

rocksdb::IOStatus StoreFiles::NewSequentialFile(const std::string& name, const FileOptions& options,
                                                std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                                Debug* debug) {
  errno = 0;
  return Noted(target()->NewSequentialFile(name, options, file, debug));
}

rocksdb::IOStatus StoreFiles::NewRandomAccessFile(
    const std::string& name, const FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* file, Debug* debug) {
  errno = 0;
  const auto open = [&](std::unique_ptr<rocksdb::FSRandomAccessFile>* opened) {
    return target()->NewRandomAccessFile(name, options, opened, debug);
  };
  return Noted(OpenTable(name, open, file));
}

rocksdb::IOStatus StoreFiles::NewWritableFile(const std::string& name, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              Debug* debug) {
  errno = 0;
  return Noted(target()->NewWritableFile(name, options, file, debug));
}

rocksdb::IOStatus StoreFiles::NewDirectory(const std::string& name, const Options& options,
                                           std::unique_ptr<rocksdb::FSDirectory>* folder,
                                           Debug* debug) {
  errno = 0;
  std::unique_ptr<rocksdb::FSDirectory> opened;
  Status status = Noted(target()->NewDirectory(name, options, &opened, debug));
  if (status.ok()) *folder = std::make_unique<Folder>(std::move(opened), folder_sync_refused_);
  return status;
}

rocksdb::IOStatus StoreFiles::CreateDirIfMissing(const std::string& name, const Options& options,
                                                 Debug* debug) {
  errno = 0;
  return Noted(target()->CreateDirIfMissing(name, options, debug));
}

rocksdb::IOStatus StoreFiles::RenameFile(const std::string& from, const std::string& to,
                                         const Options& options, Debug* debug) {
  errno = 0;
  return Noted(target()->RenameFile(from, to, options, debug));
}

rocksdb::IOStatus StoreFiles::LockFile(const std::string& name, const Options&,
                                       rocksdb::FileLock** lock, Debug*) {
  std::lock_guard guard(OfThisProcess().mutex);
  struct stat found {};
  if (::stat(name.c_str(), &found) == 0 &&
      OfThisProcess().files.contains({found.st_dev, found.st_ino})) {
    lock_error_ = EAGAIN;
    return Failed(name, EAGAIN);
  }
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || ::fstat(fd, &found) != 0) {
    last_error_ = errno;
    if (fd >= 0) ::close(fd);
    return Failed(name, last_error_);
  }
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd, F_SETLK, &whole) != 0) {
    lock_error_ = errno;
    ::close(fd);
    return Failed(name, lock_error_);
  }
  const FileId file{found.st_dev, found.st_ino};
  *lock = new Lock(fd, file);
  OfThisProcess().files.insert(file);
  return Status::OK();
}

rocksdb::IOStatus StoreFiles::UnlockFile(rocksdb::FileLock* lock, const Options&, Debug*) {
  delete lock;
  return Status::OK();
}

}  // namespace inlier

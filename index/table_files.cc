#include "index/table_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace inlier {
namespace {

using rocksdb::FSRandomAccessFile;
using rocksdb::IOStatus;

std::atomic<rlim_t> tables_with_descriptor = 0;  // of all stores of this process

// The other half is for pictures, for what a program has open beside us, and for what RocksDB
// writes.
bool TakeDescriptor() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  return tables_with_descriptor.load() < limit.rlim_cur / 2;
}

class Counted final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  explicit Counted(std::unique_ptr<FSRandomAccessFile> file)
      : FSRandomAccessFileOwnerWrapper(std::move(file)) {
    ++tables_with_descriptor;
  }
  ~Counted() override { --tables_with_descriptor; }
};

IOStatus Failed(const std::string& name, int error) {
  errno = error;
  return IOStatus::IOError(name, std::strerror(error));
}

class Mapped final : public FSRandomAccessFile {
 public:
  Mapped(std::string name, char* begin, std::size_t bytes)
      : name_(std::move(name)), begin_(begin), bytes_(bytes) {}
  ~Mapped() override { munmap(begin_, bytes_); }

  IOStatus Read(std::uint64_t offset, std::size_t n, const rocksdb::IOOptions&,
                rocksdb::Slice* result, char* scratch, rocksdb::IODebugContext*) const override {
    *result = {};
    if (offset >= bytes_) return IOStatus::OK();
    const std::size_t wanted = std::min<std::size_t>(n, bytes_ - offset);
    for (std::size_t read = 0; read < wanted;) {
      const iovec to{scratch + read, wanted - read}, from{begin_ + offset + read, wanted - read};
      const ssize_t got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
      if (got > 0) {
        read += static_cast<std::size_t>(got);
      } else if (got < 0 && (errno == EPERM || errno == ENOSYS)) {  // a sandbox forbids the call
        std::memcpy(to.iov_base, from.iov_base, to.iov_len);
        break;
      } else {
        return Failed(name_, EIO);
      }
    }
    *result = {scratch, wanted};
    return IOStatus::OK();
  }

 private:
  std::string name_;
  char* begin_;
  std::size_t bytes_;
};

}  // namespace

IOStatus OpenTable(const std::string& name,
                   const std::function<IOStatus(std::unique_ptr<FSRandomAccessFile>*)>& open,
                   std::unique_ptr<FSRandomAccessFile>* file) {
  if (TakeDescriptor()) {
    std::unique_ptr<FSRandomAccessFile> opened;
    IOStatus status = open(&opened);
    if (status.ok()) *file = std::make_unique<Counted>(std::move(opened));
    return status;
  }
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    IOStatus gone = IOStatus::PathNotFound(name, std::strerror(ENOENT));
    return gone;
  }
  if (descriptor < 0) return Failed(name, errno);
  struct stat found {};
  void* begin = MAP_FAILED;
  errno = EINVAL;  // of an empty file
  if (fstat(descriptor, &found) == 0 && found.st_size > 0) {
    begin = mmap(nullptr, static_cast<std::size_t>(found.st_size), PROT_READ, MAP_SHARED,
                 descriptor, 0);
  }
  const int error = errno;
  ::close(descriptor);
  if (begin == MAP_FAILED) return Failed(name, error);
  *file = std::make_unique<Mapped>(name, static_cast<char*>(begin),
                                   static_cast<std::size_t>(found.st_size));
  return IOStatus::OK();
}

}  // namespace inlier

#include "core/file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace inlier {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> OsError(const char* action, const std::filesystem::path& path) {
  return Fail(CodeOf(errno), fmt::format("{} {}: {}", action, path.string(), std::strerror(errno)));
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Status Sync(const std::filesystem::path& path, int flags = 0) {
  const Descriptor opened(path, O_RDONLY | flags);
  if (opened.get() < 0) return OsError("sync", path);
  if (::fsync(opened.get()) == 0) return {};
  if ((flags & O_DIRECTORY) != 0 && RefusesToSyncFolders(errno)) return {};
  return OsError("sync", path);
}

// Makes sure that the entry of `path` in its folder is on disk.
Status SyncParent(const std::filesystem::path& path) {
  return Sync(path.has_parent_path() ? path.parent_path() : ".", O_DIRECTORY);
}

}  // namespace

std::string CauseOf(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "permission denied";
    case EROFS:
      return "the file system is read-only";
    case EMFILE:
      return "too many open files (the limit is that of 'ulimit -n')";
    case ENFILE:
      return "too many open files on this machine";
    case ENOSPC:
    case EDQUOT:
      return "the disk is full";
    default:
      return std::strerror(error);
  }
}

ErrorCode CodeOf(int error) {
  return error == ENOSPC || error == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kIo;
}

bool RefusesToSyncFolders(int error) {
  return error == EINVAL || error == ENOTSUP || error == ENOSYS;
}

Status PublishFile(const std::filesystem::path& path,
                   const std::function<Status(const PutBytes&)>& write,
                   const std::function<void(std::string_view)>& step) {
  const auto at = [&step](std::string_view name) {
    if (step) step(name);
  };
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  at("write");
  {
    // A run that died may have left the file behind, and a link must not lead the bytes elsewhere.
    ::unlink(temporary.c_str());
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file.get() < 0) return OsError("create", temporary);
    std::string buffer;
    Status written;
    const auto flush = [&] {
      if (written && !WriteAll(file.get(), buffer)) written = OsError("write", temporary);
      buffer.clear();
    };
    const Status produced = write([&](std::string_view bytes) {
      buffer += bytes;
      if (buffer.size() >= kBufferBytes) flush();
    });
    flush();
    if (!produced) written = produced;
    at("sync");
    if (written && ::fsync(file.get()) != 0) written = OsError("write", temporary);
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  at("rename");
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto failed = OsError("rename", temporary);
    ::unlink(temporary.c_str());
    return failed;
  }
  at("sync-folder");
  return SyncParent(path);
}

Status MakeFolder(const std::filesystem::path& path) {
  std::error_code ec;
  std::vector<std::filesystem::path> made{path};
  for (auto above = path.parent_path(); !above.empty() && !std::filesystem::exists(above, ec);
       above = above.parent_path()) {
    made.push_back(above);
  }
  std::filesystem::create_directories(path, ec);
  if (ec) return Fail(ErrorCode::kIo, path.string() + ": " + CauseOf(ec.value()));
  for (const auto& folder : made) INLIER_RETURN_IF_ERROR(SyncParent(folder));
  return {};
}

Status SyncFolder(const std::filesystem::path& folder) {
  std::error_code ec;
  for (std::filesystem::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    INLIER_RETURN_IF_ERROR(Sync(it->path()));
  if (ec) return Fail(ErrorCode::kIo, "list " + folder.string() + ": " + ec.message());
  return Sync(folder, O_DIRECTORY);
}

Status PublishFile(const std::filesystem::path& path, std::string_view bytes,
                   const std::function<void(std::string_view)>& step) {
  return PublishFile(
      path,
      [bytes](const PutBytes& put) {
        put(bytes);
        return Status();
      },
      step);
}

}  // namespace inlier

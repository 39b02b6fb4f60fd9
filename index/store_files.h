#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <rocksdb/file_system.h>

namespace inlier {

/// The file system below a store. RocksDB turns an errno into a sentence and keeps no number, so
/// this notes the errno of the last call that failed. It locks the store itself, and it accepts
/// that some file systems refuse to sync a folder.
class StoreFiles final : public rocksdb::FileSystemWrapper {
 public:
  StoreFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "InlierStoreFiles"; }

  /// Why the last call failed: its errno, 0 when none did. Files that are not there do not count,
  /// since RocksDB looks for some that need not be.
  int last_error() const { return last_error_; }
  /// What refused the lock: EAGAIN when somebody else has it, 0 when nothing did.
  int lock_error() const { return lock_error_; }
  /// True when the file system refused to sync a folder, as SMB shares and some FUSE do. Whether
  /// the name of a new file survives a power cut is then up to it; RocksDB has nothing better to do
  /// there either.
  bool folder_sync_refused() const { return *folder_sync_refused_; }

  using Options = rocksdb::IOOptions;
  using FileOptions = rocksdb::FileOptions;
  using Debug = rocksdb::IODebugContext;
  using Status = rocksdb::IOStatus;
  Status NewSequentialFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSSequentialFile>* file, Debug* debug) override;
  Status NewRandomAccessFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                             Debug* debug) override;
  Status NewWritableFile(const std::string& name, const FileOptions& options,
                         std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  Status NewDirectory(const std::string& name, const Options& options,
                      std::unique_ptr<rocksdb::FSDirectory>* folder, Debug* debug) override;
  Status CreateDirIfMissing(const std::string& name, const Options& options, Debug* debug) override;
  Status RenameFile(const std::string& from, const std::string& to, const Options& options,
                    Debug* debug) override;
  Status LockFile(const std::string& name, const Options& options, rocksdb::FileLock** lock,
                  Debug* debug) override;
  Status UnlockFile(rocksdb::FileLock* lock, const Options& options, Debug* debug) override;

 private:
  Status Noted(Status status);

  std::atomic<int> last_error_ = 0, lock_error_ = 0;
  // Folders share it, since RocksDB may keep one longer than this.
  std::shared_ptr<std::atomic<bool>> folder_sync_refused_ =
      std::make_shared<std::atomic<bool>>(false);
};

}  // namespace inlier

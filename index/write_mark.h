#pragma once

#include <cstdint>
#include <filesystem>

namespace inlier {

/// A small file beside the store, ACKNOWLEDGED, with the number of the last write that the store
/// has acknowledged. A log that ends early because it is damaged or missing looks just like one
/// that a power cut has torn; with this number a store can tell that acknowledged writes are
/// missing. The file is written after every acknowledged write and not synced, so after a power cut
/// it may be older than the store but never ahead of it. It is a best effort: without it nothing is
/// lost, but a loss may go unnoticed.
class WriteMark {
 public:
  WriteMark() = default;
  ~WriteMark();
  WriteMark(const WriteMark&) = delete;
  WriteMark& operator=(const WriteMark&) = delete;

  /// The number in the file of `folder`; 0 when there is no whole file.
  static std::uint64_t Read(const std::filesystem::path& folder);

  /// Opens the file for writing, and makes it when it is not there.
  void Open(const std::filesystem::path& folder);
  void Write(std::uint64_t sequence_number) const;

 private:
  int fd_ = -1;
};

}  // namespace inlier
